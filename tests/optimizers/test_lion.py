import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import LionState, lion_step

slopes = st.floats(0.01, 10) | st.floats(-10, -0.01)
paths = arrays(float, (5, 2), elements=slopes)

# By hand


def test_by_hand(numbers):
    grads = np.array([[4.0], [-3.0], [-3.0]])
    options = {"learning_rate": 0.25, "beta1": 0.5, "beta2": 0.75}
    # m = 0, 1, 0 before each step: c = 2, −1, −1.5
    path = numbers.path("lion_step", np.array([1.0]), grads, **options)
    np.testing.assert_array_equal(path, [[0.75], [1.0], [1.25]])


def test_the_decay_acts_on_the_parameter_before_the_step(numbers):
    options = {"learning_rate": 0.5, "weight_decay": 0.5}
    path = numbers.path("lion_step", np.array([4.0]), np.array([[9.0]]), **options)
    np.testing.assert_array_equal(path, [[0.75 * 4 - 0.5]])


# Oracle: PyTorch has none, so the algorithm once more, as the paper lists it


def algorithm(theta, grads, eta, beta1, beta2, decay):
    """Lion on one number, with the update and the memory kept apart."""
    momentum, path = 0.0, []
    for g in grads:
        update = beta1 * momentum + (1 - beta1) * g
        theta = theta - eta * (np.sign(update) + decay * theta)
        momentum = beta2 * momentum + (1 - beta2) * g
        path.append(theta)
    return path


@pytest.mark.parametrize(
    ("beta1", "beta2", "decay"), [(0.9, 0.99, 0.0), (0.95, 0.98, 0.1), (0.0, 0.5, 1.0)]
)
def test_equals_the_algorithm(numbers, random_path, beta1, beta2, decay):
    param, grads = random_path
    columns = zip(param, grads.T, strict=True)
    want = [algorithm(x, column, 0.01, beta1, beta2, decay) for x, column in columns]
    options = {"beta1": beta1, "beta2": beta2, "weight_decay": decay}
    path = numbers.path("lion_step", param, grads, learning_rate=0.01, **options)
    np.testing.assert_allclose(path, np.transpose(want), rtol=1e-12, atol=1e-12)


def test_the_defaults_are_those_of_the_paper(numbers, random_path):
    options = {"learning_rate": 1e-4, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}
    want = numbers.path("lion_step", *random_path, **options)
    np.testing.assert_array_equal(numbers.path("lion_step", *random_path), want)


# Law


@given(grads=paths, beta1=st.floats(0, 0.99), beta2=st.floats(0, 0.99))
def test_every_entry_moves_by_exactly_the_learning_rate(numbers, grads, beta1, beta2):
    options = {"learning_rate": 0.25, "beta1": beta1, "beta2": beta2}
    path = numbers.path("lion_step", np.zeros(2), grads, **options)
    c, m = [], np.zeros(2)
    for grad in grads:
        c.append(beta1 * m + (1 - beta1) * grad)
        m = beta2 * m + (1 - beta2) * grad
    steps = np.diff(path, axis=0, prepend=0)
    np.testing.assert_array_equal(steps, -0.25 * np.sign(c))


@given(grads=paths, power=st.integers(-300, 300))
def test_the_size_of_the_gradients_does_not_matter(numbers, grads, power):
    np.testing.assert_array_equal(
        numbers.path("lion_step", np.ones(2), grads * 2.0**power),
        numbers.path("lion_step", np.ones(2), grads),
    )


@given(grads=paths)
def test_without_a_mean_it_is_descent_along_the_sign(numbers, grads):
    options = {"learning_rate": 0.5, "beta1": 0.0, "beta2": 0.0}
    path = numbers.path("lion_step", np.zeros(2), grads, **options)
    np.testing.assert_array_equal(path, -0.5 * np.sign(grads).cumsum(axis=0))


@given(rate=st.floats(0, 1), decay=st.floats(0, 1))
def test_without_gradient_every_entry_shrinks_by_the_same_share(numbers, rate, decay):
    param, grads = np.array([1.0, 0.01, -3.0]), np.zeros((10, 3))
    options = {"learning_rate": rate, "weight_decay": decay}
    path = numbers.path("lion_step", param, grads, **options)
    np.testing.assert_allclose(path[-1], param * (1 - rate * decay) ** 10, rtol=1e-12)


def test_the_step_turns_before_the_memory_does():
    state = LionState(m=1.0)
    param, state = lion_step(0.0, -20.0, state, learning_rate=0.5)
    assert param == 0.5  # c = 0.9 − 2
    assert state.m == pytest.approx(0.99 - 0.2, rel=1e-12)


# Edge


def test_no_gradient_moves_nothing(numbers):
    path = numbers.path("lion_step", np.ones((2, 3)), np.zeros((7, 2, 3)))
    np.testing.assert_array_equal(path, np.ones((7, 2, 3)))


def test_where_mean_and_gradient_cancel_nothing_moves(numbers):
    grads = np.array([[2.0], [-0.5]])  # c = 0.5 · 0.5 − 0.5 · 0.5
    options = {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.75}
    path = numbers.path("lion_step", np.zeros(1), grads, **options)
    np.testing.assert_array_equal(path, [[-0.5], [-0.5]])


def test_huge_and_tiny_gradients_move_alike(numbers):
    grads = np.array([[1e300, -1e4, 1e-300, -1e-320]] * 3)
    path = numbers.path("lion_step", np.zeros(4), grads, learning_rate=0.5)
    want = -0.5 * np.sign(grads).cumsum(axis=0)
    np.testing.assert_array_equal(path, want)


def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are):
    stay_as_they_are(
        "lion_step", learning_rate=0.1, beta1=0.9, beta2=0.99, weight_decay=0.1
    )


# Gradient


def test_gradcheck(rng):
    param, grad, m = (
        torch.tensor(x, requires_grad=True) for x in 0.5 + rng.random((3, 2, 3))
    )
    options = {"learning_rate": 0.1, "weight_decay": 0.5}
    assert torch.autograd.gradcheck(
        lambda *inputs: lion_step(*inputs[:2], LionState(inputs[2]), **options)[0],
        (param, grad, m),
    )
    assert torch.autograd.gradcheck(
        lambda grad, m: lion_step(grad, grad, LionState(m))[1].m, (grad, m)
    )


def test_no_gradient_flows_through_the_sign():
    for slope in 1e4, 1e-30, -1.0:
        grad = torch.tensor([slope], requires_grad=True)
        param, _ = lion_step(torch.zeros(1), grad, LionState(), learning_rate=0.5)
        param.sum().backward()
        assert grad.grad.item() == 0


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"learning_rate": float("inf")},
            "learning_rate must be at least 0 and finite; got learning_rate=inf",
        ),
        (
            {"weight_decay": -0.1},
            "weight_decay must be at least 0 and finite; got weight_decay=-0.1",
        ),
        ({"beta1": 1.0}, "beta1 must be at least 0 and below 1; got beta1=1.0"),
        ({"beta2": -0.1}, "beta2 must be at least 0 and below 1; got beta2=-0.1"),
        (
            {"grad": np.ones((5, 1))},
            "grad must have the shape of param; got grad.shape=(5, 1), param.shape=(5,)",
        ),
        (
            {"state": LionState(np.ones((3, 5)))},
            "state.m must have the shape of param; "
            "got state.m.shape=(3, 5), param.shape=(5,)",
        ),
    ],
)
def test_refuses(change, message):
    options = {"param": np.ones(5), "grad": np.ones(5), "state": LionState()}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        lion_step(**options | change)
