"""GELU, SiLU, Mish and SwiGLU: what both languages must do, judged once."""

import re
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy import activations as in_numpy
from dlref.numpy.initializers import second_moment
from dlref.torch import activations as in_torch

numbers = st.floats(-40, 40)
FUNCTIONS = {
    "gelu": ("gelu", {}),
    "gelu, tanh": ("gelu", {"approximate": True}),
    "silu": ("silu", {}),
    "silu, sharp": ("silu", {"beta": 3.0}),
    "silu, blunt": ("silu", {"beta": 0.5}),
    "mish": ("mish", {}),
}
LIBRARY = {
    "gelu": F.gelu,
    "gelu, tanh": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
    "silu, sharp": lambda x: F.silu(3 * x) / 3,
    "silu, blunt": lambda x: 2 * F.silu(x / 2),
    "mish": F.mish,
}
# By mpmath, in 30 digits: the roots of the first and of the second derivative.
LOWEST = {
    "gelu": (-0.751791524694, -0.16997120748),
    "gelu, tanh": (-0.752461422071, -0.170040750571),
    "silu": (-1.27846454276, -0.278464542761),
    "mish": (-1.19243121452, -0.308843413017),
}
STEEPEST = {
    "gelu": (1.41421356237, 1.12890414519),
    "gelu, tanh": (1.41850400879, 1.12899306866),
    "silu": (2.39935728052, 1.09983932013),
    "mish": (1.49057117949, 1.08849816125),
}


def made(module, key, suffix=""):
    name, options = FUNCTIONS[key]
    return partial(getattr(module, name + suffix), **options)


def close(got, want, rtol=1e-12, atol=0.0):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


@pytest.fixture(params=FUNCTIONS)
def key(request):
    return request.param


# By hand


def test_by_hand(activations):
    x = np.array([-1.0, 0.0, 1.0, 2.0])
    close(activations.gelu(x), [-0.158655, 0, 0.841345, 1.954500], 0, 5e-7)
    close(activations.silu(x), [-0.268941, 0, 0.731059, 1.761594], 0, 5e-7)
    x = np.log([1 / 3, 1.0, 3.0])
    close(activations.silu(x), x * [1 / 4, 1 / 2, 3 / 4])
    close(activations.silu(x, beta=2.0), x * [1 / 10, 1 / 2, 9 / 10])
    close(activations.mish(x), x * [7 / 25, 3 / 5, 15 / 17])  # tanh(log y), y = 1 + eˣ
    close(activations.swiglu(x, np.array([8.0, 5.0, -4.0])), x * [2, 2.5, -3])


@pytest.mark.parametrize("function", LOWEST)
def test_where_each_is_lowest_and_steepest(activations, function):
    x, y = LOWEST[function]
    near = x + np.linspace(-0.01, 0.01, 201)
    values = made(activations, function)(near)
    assert abs(near[values.argmin()] - x) < 1e-9
    close(values.min(), y, 0, 1e-11)
    x, slope = STEEPEST[function]
    near = x + np.linspace(-0.01, 0.01, 201)
    slopes = made(in_numpy, function, "_gradient")(near)
    assert abs(near[slopes.argmax()] - x) < 1e-9
    close(slopes.max(), slope, 0, 1e-11)


def test_second_moments():
    """By mpmath's quadrature."""
    for function, want in (
        (in_numpy.gelu, 0.42522148),
        (partial(in_numpy.gelu, approximate=True), 0.42519371),
        (in_numpy.silu, 0.35577552),
        (in_numpy.mish, 0.45234219),
        (in_numpy.elu, 0.64494542),
        (in_numpy.sigmoid, 0.29337904),
        (in_numpy.softplus, 0.92124591),
    ):
        close(second_moment(function), want, 0, 2e-7)


# Oracle


def test_equals_torch(activations, key, points):
    want = LIBRARY[key](torch.tensor(points))
    close(made(activations, key)(points), want, 1e-13, 1e-14)


def test_swiglu_equals_torch(activations, rng):
    gate, up = rng.normal(size=(2, 3, 5, 7))
    want = F.silu(torch.tensor(gate)) * torch.tensor(up)
    close(activations.swiglu(gate, up), want)


# Law


@given(x=numbers)
def test_the_gates_of_x_and_minus_x_sum_to_one(activations, x):
    x = np.array([x])
    for function in activations.gelu, activations.silu:
        close(function(x) - function(-x), x, atol=1e-13)
    tanh = partial(activations.gelu, approximate=True)
    close(tanh(x) - tanh(-x), x, atol=1e-13)


def test_slopes_are_difference_quotients(key, points):
    x, h = points[abs(points) < 50], 1e-5
    function = made(in_numpy, key)
    want = (function(x + h) - function(x - h)) / (2 * h)
    close(made(in_numpy, key, "_gradient")(x), want, atol=1e-9)


def test_the_slopes_of_x_and_minus_x_sum_to_one(key, points):
    slope = made(in_numpy, key, "_gradient")
    if key != "mish":
        close(slope(points) + slope(-points), 1, atol=1e-14)


def test_the_approximation_is_this_far_off(activations):
    x = np.linspace(-6, 6, 120_001)
    off = abs(activations.gelu(x, approximate=True) - activations.gelu(x))
    assert 4.732e-4 < off.max() < 4.733e-4
    assert abs(abs(x[off.argmax()]) - 2.69894) < 1e-3
    quick = abs(activations.silu(x, beta=1.702) - activations.gelu(x))
    assert 0.02033 < quick.max() < 0.02034


def test_a_sharp_silu_is_a_relu_and_a_blunt_one_is_linear(activations):
    x = np.linspace(-3, 3, 13)
    close(activations.silu(x, beta=1e4), np.maximum(x, 0), atol=1e-12)
    close(activations.silu(x, beta=1e-9), x / 2, atol=1e-8)


def test_beta_is_a_change_of_scale(activations, points):
    x = points[abs(points) < 50]
    close(activations.silu(x, beta=3.0), activations.silu(3 * x) / 3)


def test_a_product_with_the_square_is_polynomial(activations, points):
    x = points[abs(points) < 50]
    square = activations.swiglu(x, x) + activations.swiglu(-x, -x)
    close(square, x**2)


# Edge


def test_a_small_tail_keeps_its_digits(activations):
    """From the asymptotic series of the normal's tail; PyTorch's GELU has no digit."""
    x = np.array([-12.0, -30.0])
    series = 1 - 1 / x**2 + 3 / x**4 - 15 / x**6 + 105 / x**8
    density = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)
    close(activations.gelu(x), -density * series, 1e-6)
    assert (F.gelu(torch.tensor(x)) == 0).all()
    close(activations.silu(x), x * np.exp(x), 1e-5)
    close(activations.mish(x), x * np.exp(x), 1e-5)


def test_nothing_overflows(activations, key):
    got = made(activations, key)(np.array([-1e4, 1e4]))
    close(got, [0, 1e4])
    slope = made(in_numpy, key, "_gradient")(np.array([-1e4, 1e4]))
    close(slope, [0, 1])


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3, 5)])
def test_shapes(activations, key, shape):
    for function in made(activations, key), made(in_numpy, key, "_gradient"):
        assert function(np.zeros(shape)).shape == shape
    if shape:
        assert activations.swiglu(np.zeros(shape), np.ones(shape)).shape == shape


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_input_too(activations, keeps_type, key, dtype, points):
    x = points[abs(points) < 10]
    for function in (
        made(activations, key),
        made(in_numpy, key, "_gradient"),
        lambda z: activations.swiglu(z, np.asarray(x[::-1], z.dtype)),
    ):
        got = function(x.astype(dtype))
        assert got.dtype == dtype
        exact = function(x.astype(dtype).astype(float))
        units = 1 if dtype == "float16" else 30  # as many as a small tail loses
        close(got.astype(float), exact, 0, units * np.finfo(dtype).eps * abs(exact).max())
    keeps_type(activations.silu, x, dtype, units=16)


def test_bfloat16_stays():
    x = torch.ones(3, dtype=torch.bfloat16)
    for name in "gelu", "silu", "mish":
        assert getattr(in_torch, name)(x).dtype == torch.bfloat16
    assert in_torch.swiglu(x, x).dtype == torch.bfloat16


# Gradient


def test_slopes_equal_autograd(slope_of, key, points):
    got = made(in_numpy, key, "_gradient")(points)
    for function in made(in_torch, key), LIBRARY[key]:
        close(got, slope_of(function, points), atol=2e-14)


def test_gradcheck(key, rng):
    x = torch.tensor(rng.normal(size=7), requires_grad=True)
    assert torch.autograd.gradcheck(made(in_torch, key), (x,))


def test_gradcheck_of_swiglu(rng):
    pair = torch.tensor(rng.normal(size=(2, 3, 5)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda pair: in_torch.swiglu(*pair), (pair,))


def test_gradients_at_extremes_are_finite(slope_of, key, points):
    slope = slope_of(made(in_torch, key), points.astype("float32"))
    assert np.isfinite(slope).all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("beta", [0.0, -1.0, np.inf, np.nan])
def test_refuses_a_beta_that_is_not_above_0(lang, beta):
    message = f"beta must be above 0 and finite; got beta={beta}"
    functions = [lang.module("activations").silu]
    functions += [in_numpy.silu_gradient] * (lang.name == "numpy")
    for function in functions:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(lang.array([1.0]), beta=beta)


@pytest.mark.usefixtures("unchecked")
def test_refuses_integers(lang):
    names = ["gelu", "silu", "mish"]
    if lang.name == "numpy":
        names += ["gelu_gradient", "silu_gradient", "mish_gradient"]
    for name in names:
        message = r"^x must be floating point; got x\.dtype=int64$"
        with pytest.raises(TypeError, match=message):
            getattr(lang.module("activations"), name)(lang.array([1, 2]))


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_gate_of_another_shape(lang):
    gate, up = lang.array(np.zeros((3, 5))), lang.array(np.zeros((3, 7)))
    message = "up must have shape (3, d_ff=5); got up.shape=(3, 7)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lang.module("activations").swiglu(gate, up)
