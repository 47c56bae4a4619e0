import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import AdaGradState, RMSPropState, adagrad_step, rmsprop_step

grads_of_any_size = arrays(
    float, (5, 2), elements=st.floats(0.01, 10) | st.floats(-10, -0.01)
)

# By hand


def test_by_hand(numbers):
    grads = np.array([[3.0], [-4.0], [12.0]])  # √v = 3, 5, 13
    options = {"learning_rate": 0.5, "eps": 0.0}
    path = numbers.path("adagrad_step", np.array([2.0]), grads, **options)
    np.testing.assert_allclose(path[:, 0], [1.5, 1.9, 1.9 - 6 / 13], rtol=1e-15)


def test_eps_stands_outside_the_square_root(numbers):
    options = {"learning_rate": 1.0, "eps": 1.0}
    path = numbers.path("adagrad_step", np.array([0.0]), np.array([[3.0]]), **options)
    np.testing.assert_array_equal(path, [[-0.75]])  # 3 / (√9 + 1), not 3 / √(9 + 1)


# Oracle


@pytest.mark.parametrize("eps", [1e-10, 1e-3, 1.0])
def test_equals_the_library(numbers, oracle, random_path, eps):
    want = oracle(torch.optim.Adagrad, *random_path, lr=0.1, eps=eps)
    options = {"learning_rate": 0.1, "eps": eps}
    path = numbers.path("adagrad_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


def test_the_defaults_are_those_of_the_library(numbers, oracle):
    start, grads = np.zeros(2), np.array([[1e-10, 1.0]] * 3)  # one of the size of eps
    want = oracle(torch.optim.Adagrad, start, grads)
    path = numbers.path("adagrad_step", start, grads)
    np.testing.assert_allclose(path, want, rtol=1e-12)


# Law


@given(grads=grads_of_any_size, power=st.integers(-30, 30))
def test_the_size_of_the_gradients_does_not_matter(numbers, grads, power):
    np.testing.assert_allclose(
        numbers.path("adagrad_step", np.ones(2), grads * 2.0**power, eps=0.0),
        numbers.path("adagrad_step", np.ones(2), grads, eps=0.0),
        rtol=1e-12,
    )


@given(grads=grads_of_any_size)
def test_the_order_of_the_gradients_does_not_matter_to_the_sum(grads):
    states = [AdaGradState(), AdaGradState()]
    for i, order in enumerate((grads, grads[::-1])):
        for grad in order:
            _, states[i] = adagrad_step(np.zeros(2), grad, states[i])
    np.testing.assert_allclose(states[0].v, states[1].v, rtol=1e-12)
    np.testing.assert_allclose(states[0].v, (grads**2).sum(axis=0), rtol=1e-12)


def test_a_constant_gradient_is_followed_by_shorter_and_shorter_steps(numbers):
    options = {"learning_rate": 0.5, "eps": 0.0}
    path = numbers.path("adagrad_step", np.zeros(1), np.full((400, 1), 7.0), **options)
    steps = np.diff(path[:, 0], prepend=0)
    np.testing.assert_allclose(steps, -0.5 / np.sqrt(np.arange(1, 401)), rtol=1e-11)
    # Σ 1/√t is 2√t, less 1.46.
    assert path[-1, 0] == pytest.approx(-0.5 * (2 * 400**0.5 - 1.46), rel=1e-3)


def test_the_first_step_is_that_of_rmsprop_without_a_memory():
    options = {"learning_rate": 0.1, "eps": 1e-3}
    ours, _ = adagrad_step(1.0, 3.0, AdaGradState(), **options)
    theirs, _ = rmsprop_step(1.0, 3.0, RMSPropState(), beta2=0.0, **options)
    assert ours == theirs


# Edge


def test_no_gradient_moves_nothing(numbers):
    path = numbers.path("adagrad_step", np.ones((2, 3)), np.zeros((7, 2, 3)))
    np.testing.assert_array_equal(path, np.ones((7, 2, 3)))


def test_huge_and_tiny_gradients_move_by_finite_steps(numbers):
    grads = np.array([[1e150, -1e150, 1e-150]] * 3)
    path = numbers.path("adagrad_step", np.zeros(3), grads, learning_rate=0.1)
    np.testing.assert_allclose(path[0, :2], [-0.1, 0.1], rtol=1e-12)
    np.testing.assert_allclose(path[:, 2], 0, atol=1e-140)
    assert np.isfinite(path).all()


def test_a_square_that_overflows_stops_the_entry_and_makes_no_nan(numbers):
    grads = np.array([[1e200], [1.0]])
    with np.errstate(over="ignore"):
        path = numbers.path("adagrad_step", np.ones(1), grads)
    np.testing.assert_array_equal(path, np.ones((2, 1)))


def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are):
    stay_as_they_are("adagrad_step", learning_rate=0.1, eps=1e-3)


# Gradient


def test_gradcheck(rng):
    param, grad, v = (
        torch.tensor(x, requires_grad=True) for x in 0.5 + rng.random((3, 2, 3))
    )
    assert torch.autograd.gradcheck(
        lambda param, grad, v: adagrad_step(param, grad, AdaGradState(v))[0],
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
        ({"eps": -1e-8}, "eps must be at least 0 and finite; got eps=-1e-08"),
        ({"eps": float("nan")}, "eps must be at least 0 and finite; got eps=nan"),
        (
            {"grad": np.ones((5, 1))},
            "grad must have the shape of param; got grad.shape=(5, 1), param.shape=(5,)",
        ),
        (
            {"state": AdaGradState(np.ones((3, 5)))},
            "state.v must have the shape of param; "
            "got state.v.shape=(3, 5), param.shape=(5,)",
        ),
    ],
)
def test_refuses(change, message):
    options = {"param": np.ones(5), "grad": np.ones(5), "state": AdaGradState()}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        adagrad_step(**options | change)
