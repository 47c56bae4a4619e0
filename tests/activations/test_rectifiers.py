"""ReLU, leaky ReLU, ELU and dead units: what both languages must do, judged once."""

import re
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy import activations as in_numpy
from dlref.torch import activations as in_torch

numbers = st.floats(-1e6, 1e6)


def close(got, want, rtol=1e-14, atol=0.0):
    np.testing.assert_allclose(got, want, rtol=rtol, atol=atol)


# By hand


def test_by_hand(activations):
    x = np.array([-2.0, -np.log(4), 0.0, 3.0])
    close(activations.relu(x), [0, 0, 0, 3])
    close(activations.leaky_relu(x), [-0.02, -0.01 * np.log(4), 0, 3])
    close(activations.leaky_relu(x, negative_slope=0.5), [-1, -np.log(2), 0, 3])
    close(activations.elu(x)[1:], [-3 / 4, 0, 3])
    close(activations.elu(x, alpha=2.0)[1:], [-3 / 2, 0, 3])


def test_slopes_by_hand():
    x = np.array([-np.log(4), 0.0, 3.0])
    close(in_numpy.relu_gradient(x), [0, 0, 1])
    close(in_numpy.leaky_relu_gradient(x), [0.01, 0.01, 1])
    close(in_numpy.leaky_relu_gradient(x, negative_slope=0.5), [0.5, 0.5, 1])
    close(in_numpy.elu_gradient(x), [1 / 4, 1, 1])
    close(in_numpy.elu_gradient(x, alpha=2.0), [1 / 2, 2, 1])


def test_dead_units_by_hand(activations):
    z = np.array([[-1.0, 2.0, 0.0], [-3.0, -1.0, -2.0]])
    assert activations.dead_units(z).tolist() == [True, False, True]
    assert activations.dead_units(z[1]).tolist() == [True, True, True]
    assert activations.dead_units(np.stack([z, -z])).tolist() == [False] * 3


# Oracle


def test_equals_torch(activations, points):
    x = torch.tensor(points)
    close(activations.relu(points), F.relu(x))
    close(activations.leaky_relu(points), F.leaky_relu(x))
    for a in -0.5, 0.0, 2.0:
        want = F.leaky_relu(x, negative_slope=a)
        close(activations.leaky_relu(points, negative_slope=a), want)
    for alpha in 0.5, 1.0, 3.0:
        close(activations.elu(points, alpha=alpha), F.elu(x, alpha=alpha))


def test_dead_units_are_those_without_a_gradient(activations, rng):
    x, w = rng.normal(size=(5, 7, 3)), rng.normal(size=(11, 3))
    bias = torch.tensor(rng.normal(size=11) - 3, requires_grad=True)
    z = torch.tensor(x @ w.T) + bias
    F.relu(z).sum().backward()
    got = activations.dead_units(z.detach().numpy())
    assert 0 < got.sum() < 11
    assert np.array_equal(got, (bias.grad == 0).numpy())


# Law


@given(x=numbers)
def test_two_relus_are_the_identity_and_the_absolute_value(activations, x):
    x = np.array([x])
    one, other = activations.relu(x), activations.relu(-x)
    assert (one - other == x).all()
    assert (one + other == abs(x)).all()


@given(x=numbers, scale=st.floats(1e-3, 1e3))
def test_a_scale_passes_through(activations, x, scale):
    x = np.array([x])
    for function in activations.relu, activations.leaky_relu:
        close(function(scale * x), scale * function(x))


def test_the_leaky_one_of_slope_0_is_a_relu(activations, points):
    got = activations.leaky_relu(points, negative_slope=0.0)
    close(got, activations.relu(points))


def test_slopes_are_difference_quotients(points):
    x, h = points[(abs(points) > 1e-3) & (abs(points) < 50)], 1e-6
    for name in "relu", "leaky_relu", "elu":
        function = getattr(in_numpy, name)
        want = (function(x + h) - function(x - h)) / (2 * h)
        close(getattr(in_numpy, f"{name}_gradient")(x), want, atol=1e-8)


def test_one_example_brings_a_unit_to_life(activations, rng):
    z = -abs(rng.normal(size=(5, 3)))
    assert activations.dead_units(z).all()
    z[3, 1] = 1e-300
    assert activations.dead_units(z).tolist() == [True, False, True]


# Edge


def test_no_number_stays_none(activations):
    x = np.array([np.nan])
    for function in activations.relu, activations.leaky_relu, activations.elu:
        assert np.isnan(function(x)).all()
    assert activations.dead_units(x).tolist() == [False]


def test_small_inputs_of_an_elu_keep_their_digits(activations):
    close(activations.elu(np.array([-1e-12])), [-1e-12], rtol=1e-11)


@pytest.mark.parametrize("slope", [sys.float_info.max, -sys.float_info.max])
def test_the_largest_slopes(activations, slope):
    got = activations.leaky_relu(np.array([-0.5, 0.5]), negative_slope=slope)
    close(got, [-slope / 2, 0.5])


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (2, 3, 5)])
def test_shapes(activations, shape):
    for name in "relu", "leaky_relu", "elu":
        for function in getattr(activations, name), getattr(in_numpy, f"{name}_gradient"):
            assert function(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("shape", [(0,), (3, 0), (2, 3, 0)])
def test_no_units(activations, shape):
    assert activations.dead_units(np.zeros(shape)).shape == (0,)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_input_too(activations, keeps_type, dtype, points):
    x = points[abs(points) < 80]
    functions = [activations.relu, activations.leaky_relu, activations.elu]
    for name in "relu", "leaky_relu", "elu":
        functions.append(getattr(in_numpy, f"{name}_gradient"))
    for function in functions:
        keeps_type(function, x, dtype)
    assert activations.dead_units(x.astype(dtype)).dtype == bool


def test_bfloat16_stays():
    x = torch.ones(3, dtype=torch.bfloat16)
    for function in in_torch.relu, in_torch.leaky_relu, in_torch.elu:
        assert function(x).dtype == torch.bfloat16


# Gradient


def test_slopes_equal_autograd(slope_of, points):
    for name, options in (
        ("relu", {}),
        ("leaky_relu", {"negative_slope": 0.3}),
        ("elu", {"alpha": 2.5}),
    ):
        got = getattr(in_numpy, f"{name}_gradient")(points, **options)
        ours, theirs = getattr(in_torch, name), getattr(F, name)
        for function in ours, theirs:  # also at 0
            want = slope_of(lambda x, f=function: f(x, **options), points)  # noqa: B023
            close(got, want, atol=1e-15)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu"])
def test_gradcheck(name, rng):
    x = torch.tensor(rng.normal(size=7), requires_grad=True)
    assert torch.autograd.gradcheck(getattr(in_torch, name), (x,))


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "option", "value", "what"),
    [
        ("leaky_relu", "negative_slope", np.inf, "be finite"),
        ("leaky_relu", "negative_slope", np.nan, "be finite"),
        ("elu", "alpha", 0.0, "be above 0 and finite"),
        ("elu", "alpha", -1.0, "be above 0 and finite"),
        ("elu", "alpha", np.inf, "be above 0 and finite"),
    ],
)
def test_refuses_a_number_out_of_range(lang, name, option, value, what):
    message = f"{option} must {what}; got {option}={value}"
    functions = [getattr(lang.module("activations"), name)]
    functions += [getattr(in_numpy, f"{name}_gradient")] * (lang.name == "numpy")
    for function in functions:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            function(lang.array([1.0]), **{option: value})


@pytest.mark.usefixtures("unchecked")
def test_refuses_integers(lang):
    names = ["relu", "leaky_relu", "elu", "dead_units"]
    if lang.name == "numpy":
        names += ["relu_gradient", "leaky_relu_gradient", "elu_gradient"]
    for name in names:
        x = "pre_activations" if name == "dead_units" else "x"
        message = f"{x} must be floating point; got {x}.dtype=int64"
        with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
            getattr(lang.module("activations"), name)(lang.array([1, 2]))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((), "pre_activations must have an axis; got pre_activations.shape=()"),
        (
            (0, 3),
            "pre_activations must hold at least one example; "
            "got pre_activations.shape=(0, 3)",
        ),
    ],
)
def test_refuses_no_units_and_no_examples(lang, shape, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        lang.module("activations").dead_units(lang.array(np.zeros(shape)))
