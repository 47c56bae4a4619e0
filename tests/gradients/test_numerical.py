import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.gradients import numerical_gradient

DTYPES = ["float16", "float32", "float64"]


def steps_of(x, **options):
    """How far the function was asked from each entry, below and above."""
    asked = []
    numerical_gradient(lambda z: asked.append(z.copy()) or 0.0, x, **options)
    return np.array(asked, float).reshape(-1, 2, *x.shape) - x.astype(float)


# By hand


def test_a_square_by_hand():
    """((3 + h)² − (3 − h)²) / 2h = 6, whatever h."""
    assert numerical_gradient(lambda x: x**2, np.array(3.0), step=0.5) == 6
    assert numerical_gradient(lambda x: x**2, np.array(3.0), step=2.0) == 6


def test_a_cube_by_hand():
    """The error is h² / 6 · 6."""
    assert numerical_gradient(lambda x: x**3, np.array(2.0), step=0.5) == 12 + 0.25


def test_at_a_bend_it_is_the_mean_of_both_slopes():
    assert numerical_gradient(lambda x: np.maximum(x, 0), np.array(0.0)) == 0.5


# Oracle


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_equals_autograd(rng, shape):
    x = rng.normal(size=shape)
    inputs = torch.tensor(x, requires_grad=True)
    (want,) = torch.autograd.grad((inputs.sin() * inputs.exp().sum()).sum(), inputs)
    got = numerical_gradient(lambda z: (np.sin(z) * np.exp(z).sum()).sum(), x)
    assert got.shape == shape
    np.testing.assert_allclose(got, want.numpy(), rtol=1e-8, atol=1e-8)


# Law


@given(x=arrays(float, (3,), elements=st.floats(-8, 8)), a=st.floats(-8, 8))
def test_a_straight_line_has_its_slope(x, a):
    slopes = np.array([a, 1.0, -2.0])
    got = numerical_gradient(lambda z: float(slopes @ z), x)
    np.testing.assert_allclose(got, slopes, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_step_is_the_cube_root_of_the_unit(dtype):
    x = np.array([0.0, 0.5, -1.0], dtype)
    h = np.finfo(dtype).eps ** (1 / 3)
    moved = steps_of(x)
    assert moved.shape == (3, 2, 3)
    wanted = np.stack([h * np.eye(3), -h * np.eye(3)], axis=1)
    np.testing.assert_allclose(moved, wanted, atol=0.6 * np.finfo(dtype).eps)


def test_the_step_grows_with_what_is_above_1():
    x = np.array([1e9, -1e3, 2.0])
    h = np.finfo(float).eps ** (1 / 3)
    np.testing.assert_allclose(steps_of(x)[range(3), 0, range(3)] / abs(x), h, rtol=1e-2)
    got = [numerical_gradient(lambda z: z**2, np.array(entry)) for entry in x]
    np.testing.assert_allclose(got, 2 * x, rtol=1e-9)


def test_a_step_that_is_given_is_taken_everywhere():
    moved = steps_of(np.array([1e3, 2.0]), step=0.25)
    assert moved.tolist() == [[[0.25, 0], [-0.25, 0]], [[0, 0.25], [0, -0.25]]]


def test_a_smaller_step_is_not_a_better_one():
    """The error of exp at 1: least near 6e-6, and larger on both sides."""
    errors = [
        abs(numerical_gradient(np.exp, np.array(1.0), step=h) / math.e - 1)
        for h in (1e-2, 6e-6, 1e-12)
    ]
    assert errors[1] < 1e-10
    assert errors[0] > 1e-5
    assert errors[2] > 1e-6


# Edge


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_result_has_the_type_of_x(dtype):
    x = np.array([0.5, 3.0], dtype)
    got = numerical_gradient(lambda z: (z**2).sum(), x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, 2 * x, rtol=10 * np.finfo(dtype).eps ** (2 / 3))


def test_the_rounded_step_is_divided_by():
    """In float32, 100 + 0.01 is off by 4e-4 of the step; a line must not notice."""
    x = np.array([100.0], "float32")
    got = numerical_gradient(lambda z: float(z[0]), x, step=0.01)
    assert got.tolist() == [1.0]


def test_nothing_has_no_gradient():
    assert numerical_gradient(lambda x: 0.0, np.ones((0, 3))).shape == (0, 3)
    assert numerical_gradient(lambda x: 0.0, np.ones((0, 3)), step=0.5).shape == (0, 3)


def test_the_input_is_left_alone_even_by_a_function_that_changes_it():
    x = np.array([3.0, 5.0])

    def function(z):
        z *= 2
        return z.sum()

    np.testing.assert_allclose(numerical_gradient(function, x), [2, 2])
    assert x.tolist() == [3, 5]


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"x": np.ones(2, int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"function": 3.0},
            TypeError,
            "function must be a function; got type(function)=float",
        ),
        ({"step": 0.0}, ValueError, "step must be above 0 and finite; got step=0.0"),
        ({"step": -1e-3}, ValueError, "step must be above 0 and finite; got step=-0.001"),
        (
            {"step": math.inf},
            ValueError,
            "step must be above 0 and finite; got step=inf",
        ),
        (
            {"step": math.nan},
            ValueError,
            "step must be above 0 and finite; got step=nan",
        ),
        (
            {"step": 1e-17},
            ValueError,
            "step must be large enough to change each entry of x; got step=1e-17",
        ),
        (
            {"function": lambda x: 2 * x},
            ValueError,
            "function must return one number; got function(x).shape=(2,)",
        ),
        (
            {"function": lambda x: None},
            TypeError,
            "function(x) must be a real number; got type(function(x))=NoneType",
        ),
        (
            {"function": lambda x: x.sum() * 1j},
            TypeError,
            "function(x) must be a real number; got type(function(x))=complex128",
        ),
    ],
)
def test_refuses(options, error, message):
    given = {"function": np.sum, "x": np.array([0.0, 1.0])}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        numerical_gradient(**given | options)
