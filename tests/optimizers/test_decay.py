"""Weight decay, the L2 and the L1 penalty, and early stopping as a penalty."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import (
    AdamState,
    MomentumState,
    SGDState,
    adam_step,
    adamw_step,
    decay,
    early_stopping_penalty,
    l2_gradient,
    momentum_step,
    sgd_step,
    soft_threshold,
)

RATE, DECAY = 0.1, 0.5
SETTINGS = {"learning_rate": RATE, "weight_decay": DECAY}

params = arrays(float, 3, elements=st.floats(-10, 10))
amounts = st.floats(0, 5)
shares = st.floats(0.01, 1.99)


def all_kinds(values):
    """An array, the same as a tensor, and each entry as a float."""
    array = np.array(values)
    return array, torch.tensor(array), *array.ravel().tolist()


def through(function, values):
    """What the function makes of an array, a tensor and floats: all of it the same."""
    array, tensor, *floats = all_kinds(values)
    found = function(array)
    np.testing.assert_array_equal(function(tensor).numpy(), found)
    alone = [function(value) for value in floats]
    assert {*map(type, alone)} == {float}
    np.testing.assert_array_equal(np.reshape(alone, found.shape), found)
    return found


# By hand


def test_decay_by_hand():
    found = through(lambda x: decay(x, learning_rate=0.5, weight_decay=0.5), [8.0, -2.0])
    np.testing.assert_array_equal(found, [6.0, -1.5])


def test_l2_gradient_by_hand():
    found = through(lambda x: l2_gradient(x, 0 * x + 1, weight_decay=0.25), [8.0, -2.0])
    np.testing.assert_array_equal(found, [3.0, 0.5])


def test_soft_threshold_by_hand():
    found = through(lambda x: soft_threshold(x, 0.5), [1.0, 0.5, -0.25, -2.0, 0.0])
    np.testing.assert_array_equal(found, [0.5, 0.0, 0.0, -1.5, 0.0])


def test_early_stopping_by_hand():
    # A quarter is left after two halves: 3/4 = 1/(1 + 1/3).
    found = early_stopping_penalty(1.0, learning_rate=0.5, steps=2)
    assert found == pytest.approx(1 / 3, rel=1e-15)
    # Beyond the minimum by a half: 3/2 = 2/(2 − 2/3).
    found = early_stopping_penalty(2.0, learning_rate=0.75, steps=1)
    assert found == pytest.approx(-2 / 3, rel=1e-15)
    assert early_stopping_penalty(4.0, learning_rate=0.25, steps=3) == 0


# Oracle


@pytest.mark.parametrize(
    ("optimizer", "step", "state"),
    [
        (torch.optim.SGD, sgd_step, SGDState()),
        (torch.optim.SGD, momentum_step, MomentumState()),
        (torch.optim.Adam, adam_step, AdamState()),
    ],
)
def test_the_gradient_is_the_librarys_weight_decay(
    optimizer, step, state, oracle, random_path
):
    options = {"momentum": 0.9} if step is momentum_step else {}
    settings = {"lr": RATE, "weight_decay": DECAY, **options}
    wanted = oracle(optimizer, *random_path, **settings)
    param, grads = random_path
    for grad, place in zip(grads, wanted, strict=True):
        whole = l2_gradient(param, grad, weight_decay=DECAY)
        param, state = step(param, whole, state, learning_rate=RATE)
        np.testing.assert_allclose(param, place, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        (torch.optim.AdamW, {}),
        (torch.optim.Adam, {"decoupled_weight_decay": True}),
    ],
)
def test_decay_and_adam_are_the_librarys_adamw(oracle, random_path, optimizer, options):
    settings = {"lr": RATE, "weight_decay": DECAY, **options}
    wanted = oracle(optimizer, *random_path, **settings)
    (param, grads), state = random_path, AdamState()
    for grad, place in zip(grads, wanted, strict=True):
        param = decay(param, **SETTINGS)
        param, state = adam_step(param, grad, state, learning_rate=RATE)
        np.testing.assert_allclose(param, place, rtol=1e-9, atol=1e-9)


@given(param=params, amount=amounts)
def test_the_threshold_is_the_librarys_softshrink(param, amount):
    wanted = torch.nn.functional.softshrink(torch.tensor(param), amount)
    np.testing.assert_array_equal(soft_threshold(param, amount), wanted.numpy())


# Law


@given(param=params, grad=params)
def test_plain_descent_cannot_tell_decay_from_the_penalty(param, grad):
    whole = l2_gradient(param, grad, weight_decay=DECAY)
    coupled, _ = sgd_step(param, whole, SGDState(), learning_rate=RATE)
    smaller = decay(param, **SETTINGS)
    apart, _ = sgd_step(smaller, grad, SGDState(), learning_rate=RATE)
    np.testing.assert_allclose(coupled, apart, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("step", "begin"), [(momentum_step, MomentumState), (adam_step, AdamState)]
)
def test_momentum_and_adam_can(step, begin):
    coupled, apart, one, other = 1.0, 1.0, begin(), begin()
    for _ in range(2):
        whole = l2_gradient(coupled, 1.0, weight_decay=DECAY)
        coupled, one = step(coupled, whole, one, learning_rate=RATE)
        smaller = decay(apart, **SETTINGS)
        apart, other = step(smaller, 1.0, other, learning_rate=RATE)
    assert abs(coupled - apart) > 0.02


def test_with_momentum_the_penalty_decays_ten_times_as_fast():
    param, state, rate, weight_decay = 1.0, MomentumState(), 1e-3, 0.1
    for _ in range(300):
        before, grad = param, l2_gradient(param, 0.0, weight_decay=weight_decay)
        param, state = momentum_step(param, grad, state, learning_rate=rate)
    assert np.log(param / before) == pytest.approx(-10 * rate * weight_decay, rel=0.01)


@given(param=params)
def test_adamw_decays_and_steps(param):
    wanted, _ = adamw_step(param, param, AdamState(), **SETTINGS)
    smaller = decay(param, **SETTINGS)
    found, _ = adam_step(smaller, param, AdamState(), learning_rate=RATE)
    np.testing.assert_array_equal(found, wanted)


@given(param=st.floats(-10, 10), amount=amounts, other=st.floats(-10, 10))
def test_no_other_number_is_better_than_the_threshold(param, amount, other):
    def loss(z):
        return (z - param) ** 2 / 2 + amount * abs(z)

    assert loss(soft_threshold(param, amount)) <= loss(other) + 1e-12


@given(param=params, amount=amounts, more=amounts)
def test_two_thresholds_are_one(param, amount, more):
    twice = soft_threshold(soft_threshold(param, amount), more)
    once = soft_threshold(param, amount + more)
    np.testing.assert_allclose(twice, once, rtol=1e-12, atol=1e-12)


@given(curvature=st.floats(1e-3, 1e3), share=shares, steps=st.integers(1, 100))
def test_descent_stands_where_ridge_does(curvature, share, steps):
    rate, minimum, place = share / curvature, 3.0, 0.0
    penalty = early_stopping_penalty(curvature, learning_rate=rate, steps=steps)
    for _ in range(steps):
        grad = curvature * (place - minimum)
        place, _ = sgd_step(place, grad, SGDState(), learning_rate=rate)
    ridge = curvature / (curvature + penalty) * minimum
    assert ridge == pytest.approx(place, rel=1e-9)


@given(share=st.floats(1e-3, 0.99), steps=st.integers(1, 1000))
def test_a_steep_direction_has_the_smaller_penalty(share, steps):
    options = {"learning_rate": share, "steps": steps}
    steep = early_stopping_penalty(1.0, **options)
    flat = early_stopping_penalty(0.5, **options)
    assert steep <= flat < 1 / (share * steps)


# Edge


@pytest.mark.parametrize("name", ["decay", "l2_gradient", "soft_threshold"])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_keeps_the_dtype_and_changes_nothing(name, dtype, rng):
    call = {
        "decay": lambda x: decay(x, **SETTINGS),
        "l2_gradient": lambda x: l2_gradient(x, x, weight_decay=DECAY),
        "soft_threshold": lambda x: soft_threshold(x, np.float64(0.5)),
    }[name]
    array = rng.normal(size=3).astype(dtype)
    tensor = torch.tensor(array)
    array.setflags(write=False)
    before = tensor.clone()
    assert call(array).dtype == array.dtype
    assert call(tensor).dtype == tensor.dtype
    assert torch.equal(tensor, before)
    assert tensor._version == 0


def test_no_decay_and_no_amount_leave_the_parameter():
    values = np.array([1.0, -2.0, 0.0])
    none = decay(values, learning_rate=0.5, weight_decay=0.0)
    np.testing.assert_array_equal(none, values)
    np.testing.assert_array_equal(soft_threshold(values, 0), values)


@pytest.mark.parametrize("values", [[np.inf, -np.inf, 1e4, np.nan]])
def test_extreme_parameters(values):
    found = through(lambda x: soft_threshold(x, 1.0), values)
    np.testing.assert_array_equal(found, [np.inf, -np.inf, 9999, np.nan])
    found = through(lambda x: decay(x, learning_rate=0.5, weight_decay=1.0), values)
    np.testing.assert_array_equal(found, [np.inf, -np.inf, 5000, np.nan])


def test_a_flat_direction_has_one_over_time_and_rate():
    for curvature in 1e-3, 1e-12, 1e-300:
        found = early_stopping_penalty(curvature, learning_rate=0.05, steps=100)
        assert found == pytest.approx(0.2, rel=3e-3)
    assert found == pytest.approx(0.2, rel=1e-14)


@pytest.mark.parametrize(
    "share", [2.0**-40, 0.5, 1 - 2.0**-40, 1 + 2.0**-40, 2 - 2.0**-40]
)
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_no_digits_are_lost_anywhere(share, steps):
    left = (1 - Fraction(share)) ** steps
    found = early_stopping_penalty(1.0, learning_rate=share, steps=steps)
    assert found == pytest.approx(float(left / (1 - left)), rel=1e-14)


def test_a_steep_direction_has_next_to_nothing():
    found = early_stopping_penalty(10.0, learning_rate=0.05, steps=100)
    assert found == pytest.approx(10 * 2.0**-100, rel=1e-12)
    assert type(early_stopping_penalty(1, learning_rate=1, steps=1)) is float


# Gradient


def test_the_l2_gradient_is_that_of_half_the_square():
    param = torch.tensor([1.5, -2.0, 0.25], dtype=torch.float64, requires_grad=True)
    loss = param.exp().sum()
    (grad,) = torch.autograd.grad(loss, param, retain_graph=True)
    penalty = DECAY / 2 * param.square().sum()
    (wanted,) = torch.autograd.grad(loss + penalty, param)
    found = l2_gradient(param.detach(), grad, weight_decay=DECAY)
    torch.testing.assert_close(found, wanted, rtol=1e-14, atol=0)


def test_gradients_pass_the_threshold_where_it_moves():
    param = torch.tensor([1.5, -2.0, 0.25], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: soft_threshold(x, 0.5), param)
    assert torch.autograd.gradcheck(lambda x: decay(x, **SETTINGS), param)
    soft_threshold(param, 0.5).sum().backward()
    assert param.grad.tolist() == [1, 1, 0]


# Errors


def refuses(message, error=ValueError):
    return pytest.raises(error, match=rf"^{re.escape(message)}$")


NO_SETTING = [-0.5, float("inf"), float("nan")]


@pytest.mark.parametrize("value", NO_SETTING)
def test_refuses_a_setting(value):
    def says(name):
        return refuses(f"{name} must be at least 0 and finite; got {name}={value}")

    with says("learning_rate"):
        decay(1.0, learning_rate=value, weight_decay=0.5)
    with says("weight_decay"):
        decay(1.0, learning_rate=0.5, weight_decay=value)
    with says("weight_decay"):
        l2_gradient(1.0, 1.0, weight_decay=value)
    with says("amount"):
        soft_threshold(1.0, value)


def test_refuses_to_turn_a_parameter_around():
    with refuses(
        "learning_rate times weight_decay must be below 1; "
        "got learning_rate=2.0, weight_decay=0.5"
    ):
        decay(1.0, learning_rate=2.0, weight_decay=0.5)


@pytest.mark.parametrize(("rate", "curvature"), [(0.0, 1.0), (0.5, 4.0), (1.0, 2.5)])
def test_refuses_a_descent_that_does_not_converge(rate, curvature):
    with refuses(
        "learning_rate times curvature must lie strictly between 0 and 2; "
        f"got learning_rate={rate}, curvature={curvature}"
    ):
        early_stopping_penalty(curvature, learning_rate=rate, steps=3)


def test_refuses_what_is_no_bowl_and_no_step():
    with refuses("curvature must be above 0 and finite; got curvature=0.0"):
        early_stopping_penalty(0.0, learning_rate=0.5, steps=3)
    with refuses("learning_rate must be at least 0 and finite; got learning_rate=-0.5"):
        early_stopping_penalty(1.0, learning_rate=-0.5, steps=3)
    with refuses("steps must be at least 1; got steps=0"):
        early_stopping_penalty(1.0, learning_rate=0.5, steps=0)


def test_refuses_a_gradient_that_does_not_fit(unchecked):
    with refuses(
        "grad must have the shape of param; got grad.shape=(2,), param.shape=(3,)"
    ):
        l2_gradient(np.ones(3), np.ones(2), weight_decay=0.5)
    with refuses(
        "grad must be of the library of param, ndarray; got type(grad)=Tensor", TypeError
    ):
        l2_gradient(np.ones(3), torch.ones(3), weight_decay=0.5)


@pytest.mark.parametrize("name", ["decay", "l2_gradient", "soft_threshold"])
def test_refuses_integers(name, unchecked):
    call = {
        "decay": lambda x: decay(x, **SETTINGS),
        "l2_gradient": lambda x: l2_gradient(x, x, weight_decay=DECAY),
        "soft_threshold": lambda x: soft_threshold(x, 0.5),
    }[name]
    for array in np.array([3]), torch.tensor([3]):
        with refuses("param must be floating point; got param.dtype=int64", TypeError):
            call(array)
