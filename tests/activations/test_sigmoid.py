"""Sigmoid and softplus: what both languages must do, judged once."""

import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy import activations as in_numpy
from dlref.torch import activations as in_torch

numbers = st.floats(-700, 700)


def close(got, want, rtol=1e-13, atol=0.0):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


# By hand


def test_by_hand(activations):
    x = np.log([1.0, 3.0, 1 / 3, 9.0])
    close(activations.sigmoid(x), [1 / 2, 3 / 4, 1 / 4, 9 / 10])
    close(activations.softplus(x), np.log([2, 4, 4 / 3, 10]))
    close(activations.softplus(x, beta=2.0), np.log([2, 10, 10 / 9, 82]) / 2)


def test_slopes_by_hand():
    x = np.log([1.0, 3.0, 1 / 3, 9.0])
    close(in_numpy.sigmoid_gradient(x), [1 / 4, 3 / 16, 3 / 16, 9 / 100])
    close(in_numpy.softplus_gradient(x), [1 / 2, 3 / 4, 1 / 4, 9 / 10])
    close(in_numpy.softplus_gradient(x, beta=2.0), [1 / 2, 9 / 10, 1 / 10, 81 / 82])


# Oracle


def test_equals_torch(activations, points):
    x = torch.tensor(points)
    close(activations.sigmoid(points), x.sigmoid(), atol=1e-300)
    for beta in 0.5, 1.0, 3.0:
        got = activations.softplus(points, beta=beta)
        want = F.softplus(x, beta=beta, threshold=1e6)
        finite = want.isfinite().numpy()  # without a threshold, exp overflows there
        close(got[finite], want[finite], rtol=1e-12, atol=1e-300)
        close(got[~finite], points[~finite])


# Law


@given(x=numbers)
def test_what_is_above_and_below_sums_to_one(activations, x):
    x = np.array([x])
    close(activations.sigmoid(x) + activations.sigmoid(-x), 1)


@given(x=numbers)
def test_softplus_has_an_odd_part_of_half_the_identity(activations, x):
    x = np.array([x])
    close(activations.softplus(x) - activations.softplus(-x), x, atol=1e-13)


def test_tanh_is_a_stretched_sigmoid(activations, points):
    close(np.tanh(points), 2 * activations.sigmoid(2 * points) - 1, atol=2e-16)


def test_the_slope_of_the_sigmoid_is_at_most_a_quarter_and_even(points):
    slope = in_numpy.sigmoid_gradient(points)
    assert slope.max() == in_numpy.sigmoid_gradient(np.zeros(1)) == 0.25
    close(slope, in_numpy.sigmoid_gradient(-points))


@pytest.mark.parametrize("beta", [0.5, 1.0, 3.0])
def test_the_slope_of_softplus_is_a_sigmoid(beta, points):
    got = in_numpy.softplus_gradient(points, beta=beta)
    close(got, in_numpy.sigmoid(beta * points))


def test_a_sharp_softplus_is_a_relu(activations, points):
    got = activations.softplus(points, beta=1e3)
    close(got, np.maximum(points, 0), atol=7e-4)  # log 2 / β, at 0


# Edge


def test_a_small_tail_keeps_its_digits(activations):
    x = np.array([-40.0, -300.0, -700.0])
    close(activations.sigmoid(x), np.exp(x))
    close(activations.softplus(x), np.exp(x))
    close(in_numpy.sigmoid_gradient(-x), np.exp(x))  # where 1 − σ would be 0


def test_nothing_overflows(activations):
    x = np.array([-1e4, 1e4])
    assert activations.sigmoid(x).tolist() == [0, 1]
    assert activations.softplus(x).tolist() == [0, 1e4]
    assert in_numpy.sigmoid_gradient(x).tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3, 5)])
def test_shapes(activations, shape):
    for function in (
        activations.sigmoid,
        activations.softplus,
        in_numpy.sigmoid_gradient,
        in_numpy.softplus_gradient,
    ):
        assert function(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_input_too(activations, keeps_type, dtype, points):
    x = points[abs(points) < 80]
    functions = [activations.sigmoid, activations.softplus]
    functions += [in_numpy.sigmoid_gradient, in_numpy.softplus_gradient]
    for function in functions:
        keeps_type(function, x, dtype)


def test_bfloat16_stays():
    x = torch.ones(3, dtype=torch.bfloat16)
    for function in in_torch.sigmoid, in_torch.softplus:
        assert function(x).dtype == torch.bfloat16


# Gradient


def test_slopes_equal_autograd(slope_of, points):
    close(in_numpy.sigmoid_gradient(points), slope_of(in_torch.sigmoid, points), 0, 1e-15)
    for beta in 0.5, 3.0:
        want = slope_of(lambda x, beta=beta: in_torch.softplus(x, beta=beta), points)
        close(in_numpy.softplus_gradient(points, beta=beta), want, atol=1e-15)


@pytest.mark.parametrize("function", [in_torch.sigmoid, in_torch.softplus])
def test_gradcheck(function, rng):
    x = torch.tensor(rng.normal(size=7), requires_grad=True)
    assert torch.autograd.gradcheck(function, (x,))


def test_gradients_at_extremes_are_finite(slope_of, points):
    for function in in_torch.sigmoid, in_torch.softplus:
        assert np.isfinite(slope_of(function, points.astype("float32"))).all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("beta", [0.0, -1.0, np.inf, np.nan])
def test_refuses_a_beta_that_is_not_above_0(lang, beta):
    message = f"beta must be above 0 and finite; got beta={beta}"
    module = lang.module("activations")
    functions = [module.softplus]
    functions += [in_numpy.softplus_gradient] * (lang.name == "numpy")
    for function in functions:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(lang.array([1.0]), beta=beta)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    "name", ["sigmoid", "softplus", "sigmoid_gradient", "softplus_gradient"]
)
def test_refuses_integers(lang, name):
    function = getattr(lang.module("activations"), name, None)
    if function is None:
        assert lang.name == "torch", "slopes are NumPy's: autograd has them"
        return
    message = r"^x must be floating point; got x\.dtype=int64$"
    with pytest.raises(TypeError, match=message):
        function(lang.array([1, 2]))
