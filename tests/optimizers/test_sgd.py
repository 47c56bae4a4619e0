import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import (
    MomentumState,
    SGDState,
    momentum_step,
    nesterov_step,
    sgd_step,
)

NAMES = "sgd_step", "momentum_step", "nesterov_step"
STEPS = (
    (sgd_step, SGDState()),
    (momentum_step, MomentumState()),
    (nesterov_step, MomentumState()),
)

rates = st.floats(0, 2)
params = arrays(float, 2, elements=st.floats(-10, 10))
paths = arrays(float, (5, 2), elements=st.floats(-10, 10))

# By hand


def test_descent_by_hand(numbers):
    param, grads = np.array([1.0, 2.0]), np.array([[4.0, -2.0], [0.5, 0.0]])
    path = numbers.path("sgd_step", param, grads, learning_rate=0.25)
    np.testing.assert_array_equal(path, [[0.0, 2.5], [-0.125, 2.5]])


def test_momentum_by_hand(numbers):
    param, grads = np.array([1.0]), np.array([[4.0], [2.0], [0.0]])
    path = numbers.path("momentum_step", param, grads, learning_rate=0.25, momentum=0.5)
    np.testing.assert_array_equal(path, [[0.0], [-1.0], [-1.5]])  # u = 4, 4, 2


def test_nesterov_by_hand(numbers):
    param, grads = np.array([1.0]), np.array([[4.0], [2.0], [0.0]])
    path = numbers.path("nesterov_step", param, grads, learning_rate=0.25, momentum=0.5)
    # u = 4, 4, 2 and g + u/2 = 6, 4, 1
    np.testing.assert_array_equal(path, [[-0.5], [-1.5], [-1.75]])


def test_from_rest_nesterov_moves_further_by_the_momentum(numbers):
    options = {"learning_rate": 1.0, "momentum": 0.9}
    path = numbers.path("nesterov_step", np.zeros(1), np.ones((200, 1)), **options)
    np.testing.assert_allclose(path[0], -1.9, rtol=1e-15)
    np.testing.assert_allclose(path[-1] - path[-2], -10, rtol=1e-8)


# Oracle


def test_equals_the_library(numbers, oracle, random_path):
    want = oracle(torch.optim.SGD, *random_path, lr=0.05)
    path = numbers.path("sgd_step", *random_path, learning_rate=0.05)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.99])
def test_momentum_equals_the_library(numbers, oracle, random_path, momentum):
    want = oracle(torch.optim.SGD, *random_path, lr=0.05, momentum=momentum)
    options = {"learning_rate": 0.05, "momentum": momentum}
    path = numbers.path("momentum_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
def test_nesterov_equals_the_library(numbers, oracle, random_path, momentum):
    options = {"momentum": momentum, "nesterov": True}
    want = oracle(torch.optim.SGD, *random_path, lr=0.05, **options)
    options = {"learning_rate": 0.05, "momentum": momentum}
    path = numbers.path("nesterov_step", *random_path, **options)
    np.testing.assert_allclose(path, want, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_nesterov_equals_the_library_while_the_rate_changes(rng, make):
    start, grads = rng.normal(size=3), rng.normal(size=(100, 3))
    param, state = make(start), MomentumState()
    theta = torch.tensor(start, requires_grad=True)
    library = torch.optim.SGD([theta], momentum=0.9, nesterov=True)
    for rate, grad in zip(rng.random(100), grads, strict=True):
        theta.grad, library.param_groups[0]["lr"] = torch.tensor(grad), rate
        library.step()
        param, state = nesterov_step(param, make(grad), state, learning_rate=rate)
        np.testing.assert_allclose(param, theta.detach().numpy(), rtol=0, atol=1e-13)


# Law


@given(param=params, grads=paths, learning_rate=rates)
def test_without_momentum_it_is_plain_descent(numbers, param, grads, learning_rate):
    options = {"learning_rate": learning_rate}
    for name in "momentum_step", "nesterov_step":
        np.testing.assert_array_equal(
            numbers.path(name, param, grads, momentum=0.0, **options),
            numbers.path("sgd_step", param, grads, **options),
        )


@given(param=params, grads=paths, learning_rate=rates, momentum=st.floats(0, 0.99))
def test_the_learning_rate_may_stand_inside_the_velocity(
    numbers, param, grads, learning_rate, momentum
):
    options = {"learning_rate": learning_rate, "momentum": momentum}
    path = numbers.path("momentum_step", param, grads, **options)
    velocity = 0.0
    for grad, after in zip(grads, path, strict=True):
        velocity = momentum * velocity - learning_rate * grad
        param = param + velocity
        np.testing.assert_allclose(after, param, rtol=1e-12, atol=1e-11)


@given(param=params, momentum=st.floats(0, 0.99))
def test_nesterovs_parameter_is_where_the_velocity_leads(param, momentum):
    hessian, rate = np.array([[2.0, 1.0], [1.0, 3.0]]), 0.05
    ahead, state = param, MomentumState()
    velocity = np.zeros(2)
    for _ in range(50):
        ahead, state = nesterov_step(
            ahead, hessian @ ahead, state, learning_rate=rate, momentum=momentum
        )
        gradient = hessian @ (param + momentum * velocity)  # at the look-ahead point
        velocity = momentum * velocity - rate * gradient
        param = param + velocity
        np.testing.assert_allclose(ahead, param + momentum * velocity, atol=1e-11)


def test_a_constant_gradient_is_followed_ten_times_as_fast():
    param, state = 0.0, MomentumState()
    for _ in range(300):
        before = param
        param, state = momentum_step(param, 3.0, state, learning_rate=0.01, momentum=0.9)
    assert state.velocity == pytest.approx(3 / (1 - 0.9), rel=1e-12)
    assert param - before == pytest.approx(-0.01 * 30, rel=1e-12)


@given(param=params, grads=paths, angle=st.floats(0, 2 * np.pi))
def test_turning_the_axes_turns_the_path(numbers, param, grads, angle):
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    for name in NAMES:
        turned = numbers.path(name, turn @ param, grads @ turn.T, learning_rate=0.1)
        path = numbers.path(name, param, grads, learning_rate=0.1)
        np.testing.assert_allclose(turned, path @ turn.T, atol=1e-12)


# Edge


def test_no_gradient_and_no_rate_move_nothing(numbers, random_path):
    param, grads = random_path
    for name in NAMES:
        for still, rate in (0 * grads, 0.1), (grads, 0.0):
            path = numbers.path(name, param, still, learning_rate=rate)
            np.testing.assert_array_equal(path, np.broadcast_to(param, grads.shape))


def test_dtypes_and_inputs_stay_as_they_are(stay_as_they_are):
    stay_as_they_are("sgd_step", learning_rate=0.1)
    stay_as_they_are("momentum_step", learning_rate=0.1, momentum=0.9)
    stay_as_they_are("nesterov_step", learning_rate=0.1, momentum=0.9)


# Gradient


def test_gradcheck(rng):
    param, grad, velocity = (
        torch.tensor(x, requires_grad=True) for x in rng.normal(size=(3, 2, 3))
    )
    assert torch.autograd.gradcheck(
        lambda *inputs: sgd_step(*inputs, SGDState(), learning_rate=0.1)[0], (param, grad)
    )
    for step in momentum_step, nesterov_step:
        assert torch.autograd.gradcheck(
            lambda param, grad, velocity, step=step: step(
                param, grad, MomentumState(velocity), learning_rate=0.1
            )[0],
            (param, grad, velocity),
        )


# Errors


def refusals(step, state):
    options = {"param": 1.0, "grad": 1.0, "state": state, "learning_rate": 0.1}

    def refuses(message, **change):
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            step(**options | change)

    return refuses


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
def test_refuses_a_learning_rate(rate):
    message = "learning_rate must be at least 0 and finite; got learning_rate="
    for step, state in STEPS:
        refusals(step, state)(f"{message}{rate}", learning_rate=rate)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, float("nan")])
def test_refuses_a_momentum(momentum):
    for step in momentum_step, nesterov_step:
        refusals(step, MomentumState())(
            f"momentum must be at least 0 and below 1; got momentum={momentum}",
            momentum=momentum,
        )


@pytest.mark.parametrize("make", [np.ones, torch.ones])
def test_refuses_shapes_that_would_broadcast(make):
    for step, state in STEPS:
        refuses = refusals(step, state)
        refuses(
            "grad must have the shape of param; got grad.shape=(5,), param.shape=(5, 1)",
            param=make((5, 1)),
            grad=make((5,)),
        )
        refuses(
            "grad must have the shape of param; got grad.shape=(), param.shape=(3,)",
            param=make((3,)),
        )
        refuses(
            "grad must have the shape of param; got grad.shape=(3,), param.shape=()",
            grad=make((3,)),
        )
    for step in momentum_step, nesterov_step:
        refusals(step, MomentumState(make((3,))))(
            "state.velocity must have the shape of param; "
            "got state.velocity.shape=(3,), param.shape=(2, 3)",
            param=make((2, 3)),
            grad=make((2, 3)),
        )
