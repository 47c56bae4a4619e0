import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import (
    AdamState,
    AMSGradState,
    SGDState,
    adam_step,
    adamw_step,
    amsgrad_step,
    sgd_step,
)

NAMES = "adam_step", "adamw_step", "amsgrad_step"
STEPS = (
    (adam_step, AdamState()),
    (adamw_step, AdamState()),
    (amsgrad_step, AMSGradState()),
)

each_name = pytest.mark.parametrize("name", NAMES)
slopes = st.floats(0.01, 10) | st.floats(-10, -0.01)
paths = arrays(float, (5, 2), elements=slopes)

# By hand


@pytest.mark.parametrize(
    ("name", "grads", "want"),
    [
        # m̂ = 2 and v̂ = 4 at both steps: θ loses 0.5 · 2 / (2 + 2).
        ("adam_step", [2.0, 2.0], [9.75, 9.5]),
        # The same, after θ has shrunk by the factor 1 − 0.5 · 0.2.
        ("adamw_step", [2.0, 2.0], [9.0 - 0.25, 0.9 * 8.75 - 0.25]),
        # m̂ = 4, then 4/3. v_max = 4 at both steps, so that v̂ = 16, then 64/7.
        (
            "amsgrad_step",
            [4.0, 0.0],
            [10 - 1 / 3, 10 - 1 / 3 - 0.5 * (4 / 3) / ((64 / 7) ** 0.5 + 2)],
        ),
    ],
)
def test_by_hand(numbers, name, grads, want):
    options = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75, "eps": 2.0}
    if name == "adamw_step":
        options["weight_decay"] = 0.2
    path = numbers.path(name, np.array([10.0]), np.array(grads)[:, None], **options)
    np.testing.assert_allclose(path[:, 0], want, rtol=1e-15)


def test_the_first_steps_without_the_correction_would_be_too_long():
    def factor(step):
        return (1 - 0.9**step) / (1 - 0.999**step) ** 0.5

    assert factor(1) == pytest.approx(3.162, abs=0.0005)
    assert factor(12) == max(map(factor, range(1, 100)))
    assert factor(12) == pytest.approx(6.569, abs=0.0005)


@pytest.mark.parametrize("name", ["adam_step", "amsgrad_step"])
def test_eps_stands_outside_the_square_root_and_after_the_correction(numbers, name):
    options = {"learning_rate": 0.1, "eps": 1e-8}
    path = numbers.path(name, np.zeros(1), np.array([[1e-9]]), **options)
    # Inside the root it would be −1e-6; before the correction, −0.000315.
    np.testing.assert_allclose(path, [[-0.1 / 11]], rtol=1e-12)


# Oracle


@pytest.mark.parametrize(
    ("beta1", "beta2", "eps"),
    [(0.9, 0.999, 1e-8), (0.0, 0.5, 1e-3), (0.9, 0.9, 1.0), (0.5, 0.0, 1e-8)],
)
@pytest.mark.parametrize(
    ("name", "optimizer", "fixed"),
    [
        ("adam_step", torch.optim.Adam, {}),
        ("adamw_step", torch.optim.AdamW, {}),
        ("amsgrad_step", torch.optim.Adam, {"amsgrad": True}),
    ],
)
def test_equals_the_library(
    numbers, oracle, random_path, name, optimizer, fixed, beta1, beta2, eps
):
    options = {"lr": 0.01, "betas": (beta1, beta2), "eps": eps}
    want = oracle(optimizer, *random_path, **options, **fixed)
    options = {"learning_rate": 0.01, "beta1": beta1, "beta2": beta2, "eps": eps}
    path = numbers.path(name, *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_weight_decay_equals_the_library(numbers, oracle, random_path, decay):
    want = oracle(torch.optim.AdamW, *random_path, lr=0.1, weight_decay=decay)
    options = {"learning_rate": 0.1, "weight_decay": decay}
    path = numbers.path("adamw_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


def test_the_defaults_are_those_of_the_library(numbers, oracle, random_path):
    for name, optimizer, fixed in (
        ("adam_step", torch.optim.Adam, {}),
        ("adamw_step", torch.optim.AdamW, {}),
        ("amsgrad_step", torch.optim.Adam, {"amsgrad": True}),
    ):
        want = oracle(optimizer, *random_path, **fixed)
        path = numbers.path(name, *random_path)
        np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


# Law


@given(slope=slopes, beta1=st.floats(0, 0.99), beta2=st.floats(0, 0.999))
def test_the_first_step_is_the_learning_rate_against_the_sign(
    numbers, slope, beta1, beta2
):
    options = {"learning_rate": 0.1, "beta1": beta1, "beta2": beta2, "eps": 0.0}
    for name in "adam_step", "amsgrad_step":
        path = numbers.path(name, np.zeros(1), np.array([[slope]]), **options)
        np.testing.assert_allclose(path, [[-0.1 * np.sign(slope)]], rtol=1e-12)


@each_name
@given(grads=paths, power=st.integers(-30, 30))
def test_the_size_of_the_gradients_does_not_matter(numbers, name, grads, power):
    np.testing.assert_allclose(
        numbers.path(name, np.ones(2), grads * 2.0**power, eps=0.0),
        numbers.path(name, np.ones(2), grads, eps=0.0),
        rtol=1e-12,
    )


def test_a_constant_gradient_has_a_second_moment_and_no_variance():
    param, state = 0.0, AdamState()
    for step in range(1, 101):
        param, state = adam_step(param, 3.0, state, learning_rate=0.1, eps=0.0)
        assert state.step == step
        assert state.m / (1 - 0.9**step) == pytest.approx(3, rel=1e-12)
        assert state.v / (1 - 0.999**step) == pytest.approx(9, rel=1e-12)
        assert param == pytest.approx(-0.1 * step, rel=1e-12)


@given(grads=paths)
def test_without_means_adam_is_descent_along_the_sign(numbers, grads):
    options = {"learning_rate": 0.01, "beta1": 0.0, "beta2": 0.0, "eps": 0.0}
    path = numbers.path("adam_step", np.zeros(2), grads, **options)
    want = -0.01 * np.sign(grads).cumsum(axis=0)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-15)


@given(rate=st.floats(0, 1), decay=st.floats(0, 1))
def test_without_gradient_adamw_shrinks_every_entry_by_the_same_share(
    numbers, rate, decay
):
    param, grads = np.array([1.0, 0.01, -3.0]), np.zeros((10, 3))
    options = {"learning_rate": rate, "weight_decay": decay}
    path = numbers.path("adamw_step", param, grads, **options)
    np.testing.assert_allclose(path[-1], param * (1 - rate * decay) ** 10, rtol=1e-12)


def test_decay_in_the_gradient_moves_large_and_small_weights_alike():
    for start, moved, shrunk in (1.0, 0.009997, 9.995e-4), (0.01, 0.009237, 9.995e-6):
        param, state = start, AdamState()
        for _ in range(10):
            param, state = adam_step(param, 0.1 * param, state)
        assert start - param == pytest.approx(moved, rel=1e-3)
        param, state = start, AdamState()
        for _ in range(10):
            param, state = adamw_step(param, 0.0, state, weight_decay=0.1)
        assert start - param == pytest.approx(shrunk, rel=1e-3)


@given(grads=paths)
def test_without_decay_adamw_is_adam(numbers, grads):
    np.testing.assert_array_equal(
        numbers.path("adamw_step", np.ones(2), grads, weight_decay=0.0),
        numbers.path("adam_step", np.ones(2), grads),
    )


@given(grads=paths)
def test_amsgrad_remembers_the_largest_v(grads):
    state, largest, param = AMSGradState(), 0.0, np.zeros(2)
    for grad in grads:
        param, state = amsgrad_step(param, grad, state, beta2=0.5)
        largest = np.maximum(largest, state.v)
        np.testing.assert_array_equal(state.v_max, largest)


def test_growing_gradients_make_amsgrad_adam(numbers):
    grads = np.arange(1.0, 11).reshape(5, 2)
    np.testing.assert_array_equal(
        numbers.path("amsgrad_step", np.ones(2), grads, beta2=0.5),
        numbers.path("adam_step", np.ones(2), grads, beta2=0.5),
    )


def distance_on_a_bowl(step, state, turn, rate):
    """How far from its bottom a path of 100 steps ends; `turn` turns the bowl."""
    hessian = turn @ np.diag([1.0, 25.0]) @ turn.T
    param = turn @ np.array([1.5, -2.0])
    for _ in range(100):
        param, state = step(param, hessian @ param, state, learning_rate=rate)
    return np.linalg.norm(param)


def test_adam_depends_on_the_axes_and_descent_does_not():
    turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    straight = distance_on_a_bowl(adam_step, AdamState(), np.eye(2), 0.05)
    turned = distance_on_a_bowl(adam_step, AdamState(), turn, 0.05)
    assert straight == pytest.approx(0.0144, abs=0.0001)
    assert turned == pytest.approx(1.156, abs=0.001)

    straight = distance_on_a_bowl(sgd_step, SGDState(), np.eye(2), 0.05)
    turned = distance_on_a_bowl(sgd_step, SGDState(), turn, 0.05)
    assert straight == pytest.approx(turned, rel=1e-12)


@pytest.mark.parametrize(
    ("step", "state", "end"),
    [(adam_step, AdamState(), 1), (amsgrad_step, AMSGradState(), -1)],
)
def test_adam_forgets_the_rare_large_gradient_and_amsgrad_does_not(step, state, end):
    # One gradient of 3, then two of −1: the sum falls towards −1, the best point.
    x = 0.0
    for t in range(3000):
        grad = 3.0 if t % 3 == 0 else -1.0
        options = {"learning_rate": 0.01, "beta1": 0.0, "beta2": 1 / (1 + 3**2)}
        x, state = step(x, grad, state, **options)
        x = min(max(x, -1.0), 1.0)
    assert x == pytest.approx(end, abs=0.02)


# Edge


@each_name
def test_no_gradient_moves_nothing(numbers, name):
    options = {"weight_decay": 0.0} if name == "adamw_step" else {}
    path = numbers.path(name, np.ones((2, 3)), np.zeros((7, 2, 3)), **options)
    np.testing.assert_array_equal(path, np.ones((7, 2, 3)))


@each_name
def test_huge_and_tiny_gradients_move_by_finite_steps(numbers, name):
    options = {"weight_decay": 0.0} if name == "adamw_step" else {}
    grads = np.array([[1e150, -1e150, 1e-150, -1e-310]] * 3)
    path = numbers.path(name, np.zeros(4), grads, learning_rate=0.1, **options)
    want = np.array([[-0.1, 0.1], [-0.2, 0.2], [-0.3, 0.3]])
    np.testing.assert_allclose(path[:, :2], want, rtol=1e-12)
    np.testing.assert_allclose(path[:, 2:], 0, atol=1e-140)


@each_name
def test_a_square_that_overflows_stops_the_entry_and_makes_no_nan(numbers, name):
    options = {"weight_decay": 0.0} if name == "adamw_step" else {}
    grads = np.array([[1e200], [1e200], [1.0]])
    with np.errstate(over="ignore"):
        path = numbers.path(name, np.ones(1), grads, **options)
    np.testing.assert_array_equal(path, np.ones((3, 1)))


def test_the_larger_of_two_infinities_and_of_nan(numbers):
    for v, v_max, want in (
        (np.inf, np.inf, np.inf),
        (1.0, np.inf, np.inf),
        (np.inf, 1.0, np.inf),
        (np.nan, 1.0, np.nan),
        (0.1, 0.3, 0.3),
        (0.3, 0.1, 0.3),
    ):
        # With β₂ = 0 the new v is the gradient's square.
        state, grad, param = (np.array([x]) for x in (v_max, v**0.5, 0.0))
        if numbers.kind == "float":
            state, grad, param = state.item(), grad.item(), param.item()
        else:
            state, grad, param = map(numbers.from_numpy, (state, grad, param))
        state = AMSGradState(step=1, v_max=state)
        with np.errstate(invalid="ignore"):
            _, state = amsgrad_step(param, grad, state, beta2=0.0)
        np.testing.assert_allclose(state.v_max, want, rtol=1e-15)


@each_name
def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are, name):
    decay = {"weight_decay": 0.01} if name == "adamw_step" else {}
    options = {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3}
    stay_as_they_are(name, **options, **decay)


@each_name
def test_a_number_with_no_axis_keeps_its_dtype(name):
    step, state = dict(zip(NAMES, STEPS, strict=True))[name]
    for make in np.float32, torch.tensor:
        param, _ = step(make(1.0), make(0.5), state)
        assert param.dtype == make(1.0).dtype
        assert param.shape == ()


# Gradient


@pytest.mark.parametrize(("step", "state"), STEPS)
def test_gradcheck(rng, step, state):
    param, grad, m, v, v_max = (
        torch.tensor(x, requires_grad=True) for x in 0.5 + rng.random((5, 2, 3))
    )

    def after(param, grad, m, v, v_max):
        moments = {"v_max": v_max} if "v_max" in state._fields else {}
        before = state._replace(step=3, m=m, v=v, **moments)
        return step(param, grad, before, learning_rate=0.1)[0] + 0 * v_max

    assert torch.autograd.gradcheck(after, (param, grad, m, v, v_max))


# Errors


@pytest.mark.parametrize(("step", "state"), STEPS)
@pytest.mark.parametrize("value", [-0.5, float("nan"), float("inf")])
def test_refuses_a_negative_or_endless_number(step, state, value):
    names = ["learning_rate", "eps"]
    for name in names + ["weight_decay"] * (step is adamw_step):
        message = f"{name} must be at least 0 and finite; got {name}={value}"
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            step(1.0, 1.0, state, **{name: value})


@pytest.mark.parametrize(("step", "state"), STEPS)
@pytest.mark.parametrize("value", [-0.1, 1.0, float("nan")])
def test_refuses_a_decay_rate(step, state, value):
    for name in "beta1", "beta2":
        message = f"{name} must be at least 0 and below 1; got {name}={value}"
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            step(1.0, 1.0, state, **{name: value})


@pytest.mark.parametrize(("step", "state"), STEPS)
def test_refuses_shapes_that_would_broadcast(step, state):
    message = "grad must have the shape of param; got grad.shape=(5,), param.shape=(5, 1)"
    for make in np.ones, torch.ones:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            step(make((5, 1)), make((5,)), state)

    for name in set(state._fields) - {"step"}:
        message = (
            f"state.{name} must have the shape of param; "
            f"got state.{name}.shape=(5,), param.shape=(5, 1)"
        )
        other = state._replace(**{name: np.ones(5)})
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            step(np.ones((5, 1)), np.ones((5, 1)), other)
