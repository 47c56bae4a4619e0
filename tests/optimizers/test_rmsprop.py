import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import (
    AdamState,
    CenteredRMSPropState,
    RMSPropState,
    adam_step,
    centered_rmsprop_step,
    rmsprop_step,
)

NAMES = "rmsprop_step", "centered_rmsprop_step"
each_name = pytest.mark.parametrize("name", NAMES)

grads_of_any_size = arrays(
    float, (5, 2), elements=st.floats(0.01, 10) | st.floats(-10, -0.01)
)

# By hand


def test_by_hand(numbers):
    grads = np.array([[4.0], [2.0]])  # v = 4, then 0.75 · 4 + 0.25 · 4 = 4
    options = {"learning_rate": 0.5, "beta2": 0.75, "eps": 0.0}
    path = numbers.path("rmsprop_step", np.array([3.0]), grads, **options)
    np.testing.assert_array_equal(path, [[2.0], [1.5]])


def test_centered_by_hand(numbers):
    grads = np.array([[4.0], [4.0]])  # m = 2, 3 and v = 8, 12: s² = 4, 3
    options = {"learning_rate": 0.5, "beta2": 0.5, "eps": 0.0}
    path = numbers.path("centered_rmsprop_step", np.array([3.0]), grads, **options)
    np.testing.assert_allclose(path[:, 0], [2.0, 2 - 2 / 3**0.5], rtol=1e-15)


def test_eps_stands_outside_the_square_root(numbers):
    options = {"learning_rate": 1.0, "beta2": 0.0, "eps": 1.0}
    path = numbers.path("rmsprop_step", np.array([0.0]), np.array([[3.0]]), **options)
    np.testing.assert_array_equal(path, [[-0.75]])  # 3 / (√9 + 1), not 3 / √(9 + 1)
    options["beta2"], grads = 0.5, np.array([[6.0]])  # s = 3
    path = numbers.path("centered_rmsprop_step", np.array([0.0]), grads, **options)
    np.testing.assert_array_equal(path, [[-1.5]])


# Oracle


@pytest.mark.parametrize(("beta2", "eps"), [(0.9, 1e-8), (0.99, 1e-3), (0.0, 1.0)])
def test_equals_the_library(numbers, oracle, random_path, beta2, eps):
    want = oracle(torch.optim.RMSprop, *random_path, lr=0.01, alpha=beta2, eps=eps)
    options = {"learning_rate": 0.01, "beta2": beta2, "eps": eps}
    path = numbers.path("rmsprop_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("beta2", "eps"), [(0.9, 1e-8), (0.99, 1e-3), (0.5, 1.0)])
def test_centered_equals_the_library(numbers, oracle, random_path, beta2, eps):
    options = {"lr": 0.01, "alpha": beta2, "eps": eps, "centered": True}
    want = oracle(torch.optim.RMSprop, *random_path, **options)
    options = {"learning_rate": 0.01, "beta2": beta2, "eps": eps}
    path = numbers.path("centered_rmsprop_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


# Law


@each_name
@given(grads=grads_of_any_size, power=st.integers(-30, 30))
def test_the_size_of_the_gradients_does_not_matter(numbers, name, grads, power):
    options = {"learning_rate": 0.01, "eps": 0.0}
    np.testing.assert_allclose(
        numbers.path(name, np.ones(2), grads * 2.0**power, **options),
        numbers.path(name, np.ones(2), grads, **options),
        rtol=1e-12,
    )


@given(grads=grads_of_any_size, beta2=st.floats(0, 0.99))
def test_the_variance_is_the_mean_square_less_the_squared_mean(grads, beta2):
    centered, plain = CenteredRMSPropState(), RMSPropState()
    options = {"learning_rate": 0.0, "beta2": beta2}
    for grad in grads:
        _, centered = centered_rmsprop_step(np.zeros(2), grad, centered, **options)
        _, plain = rmsprop_step(np.zeros(2), grad, plain, **options)
        want = plain.v - centered.m**2
        np.testing.assert_allclose(centered.variance, want, rtol=1e-12, atol=1e-12)


def test_a_constant_gradient_leaves_no_variance_and_makes_no_nan(numbers):
    grads = np.full((2000, 1), 0.1)
    options = {"learning_rate": 0.01, "eps": 1e-4}
    path = numbers.path("centered_rmsprop_step", np.zeros(1), grads, **options)
    # The mean square less the squared mean is negative at step 331.
    np.testing.assert_allclose(path[-1] - path[-2], -0.01 * 0.1 / 1e-4, rtol=1e-6)


@given(grads=grads_of_any_size)
def test_adam_without_momentum_is_rmsprop_with_the_correction(grads):
    ours, adams = RMSPropState(), AdamState()
    param = np.zeros(2)
    for step, grad in enumerate(grads, start=1):
        moved, ours = rmsprop_step(param, grad, ours, learning_rate=0.01, eps=0.0)
        options = {"beta1": 0.0, "beta2": 0.9, "eps": 0.0, "learning_rate": 0.01}
        corrected, adams = adam_step(param, grad, adams, **options)
        np.testing.assert_allclose(corrected, moved * np.sqrt(1 - 0.9**step), rtol=1e-12)


def test_the_first_step_is_too_long_by_the_missing_correction(numbers):
    grads = np.array([[5.0, -0.001]])
    for beta2, factor in (0.9, 3.16227766), (0.99, 10.0):
        options = {"learning_rate": 0.01, "beta2": beta2, "eps": 0.0}
        path = numbers.path("rmsprop_step", np.zeros(2), grads, **options)
        np.testing.assert_allclose(path, [[-0.01 * factor, 0.01 * factor]], rtol=1e-8)


# Edge


@each_name
def test_no_gradient_moves_nothing(numbers, name):
    grads = np.zeros((7, 2, 3))
    path = numbers.path(name, np.ones((2, 3)), grads, learning_rate=0.1)
    np.testing.assert_array_equal(path, np.ones((7, 2, 3)))


def test_huge_and_tiny_gradients_move_by_finite_steps(numbers):
    grads = np.array([[1e150, -1e150, 1e-150]] * 3)
    path = numbers.path("rmsprop_step", np.zeros(3), grads, learning_rate=0.1)
    np.testing.assert_allclose(path[0, :2], [-0.1 * 10**0.5, 0.1 * 10**0.5], rtol=1e-12)
    np.testing.assert_allclose(path[:, 2], 0, atol=1e-140)
    assert np.isfinite(path).all()


@each_name
def test_a_square_that_overflows_stops_the_entry_and_makes_no_nan(numbers, name):
    grads = np.array([[1e200], [1.0]])
    with np.errstate(over="ignore"):
        path = numbers.path(name, np.ones(1), grads, learning_rate=0.1)
    np.testing.assert_array_equal(path, np.ones((2, 1)))


@each_name
def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are, name):
    stay_as_they_are(name, learning_rate=0.1, beta2=0.9, eps=1e-3)


# Gradient


def test_gradcheck(rng):
    param, grad, v = (
        torch.tensor(x, requires_grad=True) for x in 0.5 + rng.random((3, 2, 3))
    )
    assert torch.autograd.gradcheck(
        lambda param, grad, v: rmsprop_step(
            param, grad, RMSPropState(v), learning_rate=0.1
        )[0],
        (param, grad, v),
    )
    assert torch.autograd.gradcheck(
        lambda param, grad, v: centered_rmsprop_step(
            param, grad, CenteredRMSPropState(0.1 * v, v), learning_rate=0.1
        )[0],
        (param, grad, v),
    )


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"learning_rate": -1.0},
            "learning_rate must be at least 0 and finite; got learning_rate=-1.0",
        ),
        ({"beta2": 1.0}, "beta2 must be at least 0 and below 1; got beta2=1.0"),
        ({"beta2": float("nan")}, "beta2 must be at least 0 and below 1; got beta2=nan"),
        ({"eps": -1e-8}, "eps must be at least 0 and finite; got eps=-1e-08"),
        ({"eps": float("nan")}, "eps must be at least 0 and finite; got eps=nan"),
        (
            {"grad": np.ones((5, 1))},
            "grad must have the shape of param; got grad.shape=(5, 1), param.shape=(5,)",
        ),
        (
            {"state": RMSPropState(np.ones((3, 5)))},
            "state.v must have the shape of param; "
            "got state.v.shape=(3, 5), param.shape=(5,)",
        ),
    ],
)
def test_refuses(change, message):
    options = {"param": np.ones(5), "grad": np.ones(5), "learning_rate": 0.1}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        rmsprop_step(**options | {"state": RMSPropState()} | change)
    if "state" not in change:
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            centered_rmsprop_step(**options | {"state": CenteredRMSPropState()} | change)


@pytest.mark.parametrize("name", CenteredRMSPropState._fields)
def test_centered_refuses_a_state_of_another_shape(name):
    message = (
        f"state.{name} must have the shape of param; "
        f"got state.{name}.shape=(3, 5), param.shape=(5,)"
    )
    state = CenteredRMSPropState(**{name: np.ones((3, 5))})
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        centered_rmsprop_step(np.ones(5), np.ones(5), state, learning_rate=0.1)


@pytest.mark.parametrize("centered", [False, True])
def test_the_default_eps_is_pytorchs(numbers, oracle, centered):
    tiny = np.array([[1e-7], [3e-7]])  # of the size of eps: √v is 1e-8 at β₂ = 0.99
    start, options = np.array([1.0]), {"lr": 0.1, "alpha": 0.99, "centered": centered}
    want = oracle(torch.optim.RMSprop, start, tiny, **options)
    name = "centered_rmsprop_step" if centered else "rmsprop_step"
    path = numbers.path(name, start, tiny, learning_rate=0.1, beta2=0.99)
    np.testing.assert_allclose(path, want, rtol=1e-12)
