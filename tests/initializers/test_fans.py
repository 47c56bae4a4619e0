"""Fans and gains are written once; both languages take them over."""

import re
from contextlib import suppress
from typing import get_args

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import dlref.initializers
from dlref._choices import Nonlinearity
from dlref.initializers import fans, gain

shapes = st.lists(st.integers(1, 20), min_size=2, max_size=5).map(tuple)
slopes = st.floats(0, 10)


# By hand


def test_fans_by_hand():
    assert fans((500, 300)) == (300, 500)
    assert fans((64, 32, 3, 3)) == (288, 576)
    assert fans((2, 3, 5, 7)) == (105, 70)


@pytest.mark.parametrize(
    ("channels", "ratio"), [(64, 5.893), (128, 4.167), (256, 2.946), (512, 2.083)]
)
def test_vgg_started_too_narrow(channels, ratio):
    fan_in, _ = fans((channels, channels, 3, 3))
    assert gain("relu") / fan_in**0.5 / 0.01 == pytest.approx(ratio, abs=0.0005)


# Oracle


@given(shape=shapes)
def test_fans_equal_the_library(shape):
    want = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert fans(shape) == want


def test_fans_equal_the_library_in_its_layers():
    for layer, want in (
        (torch.nn.Linear(300, 500), (300, 500)),
        (torch.nn.Conv2d(32, 64, 3), (288, 576)),
        (torch.nn.ConvTranspose2d(32, 64, 3), (576, 288)),  # swapped
        (torch.nn.Conv2d(32, 64, 3, groups=32), (9, 576)),  # groups not seen
    ):
        assert fans(tuple(layer.weight.shape)) == want


@pytest.mark.parametrize("name", get_args(Nonlinearity))
def test_gains_equal_the_library(name):
    assert gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)


def test_no_gain_of_the_library_is_left_out():
    known = set()
    for name in dir(torch.nn.functional):
        with suppress(ValueError):
            torch.nn.init.calculate_gain(name)
            known.add(name)
    assert known == {*get_args(Nonlinearity)}


@given(slope=slopes)
def test_leaky_gains_equal_the_library(slope):
    name = "leaky_relu"
    want = torch.nn.init.calculate_gain(name, slope)
    assert gain(name, slope) == pytest.approx(want, rel=1e-15)


# Law


def test_both_languages_take_them_over(lang):
    for name in dlref.initializers.__all__:
        module = lang.module("initializers")
        assert getattr(module, name) is getattr(dlref.initializers, name)


@given(shape=shapes)
def test_swapping_inputs_and_outputs_swaps_the_fans(shape):
    outputs, inputs, *kernel = shape
    assert fans((inputs, outputs, *kernel)) == fans(shape)[::-1]


@given(slope=slopes)
def test_a_leaky_gain_keeps_the_second_moment(slope):
    """Half of a normal's second moment lies on each side of zero."""
    assert gain("leaky_relu", slope) ** 2 * (1 + slope**2) / 2 == pytest.approx(1)


# Edge


def test_a_slope_of_zero_is_a_relu_and_of_one_is_linear():
    assert gain("leaky_relu", 0.0) == gain("relu")
    assert gain("leaky_relu", 1.0) == gain("linear")


def test_a_huge_slope_leaves_a_tiny_gain():
    assert gain("leaky_relu", 1e200) == pytest.approx(2**0.5 * 1e-200, rel=1e-15)


def test_the_smallest_shape():
    assert fans((1, 1)) == (1, 1)


@pytest.mark.usefixtures("unchecked")
def test_sizes_of_a_shape_may_be_numpy_integers():
    assert fans((np.int64(5), np.int64(3))) == (3, 5)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((5,), "shape must have at least 2 axes, (out, in, *kernel); got shape=(5,)"),
        ((), "shape must have at least 2 axes, (out, in, *kernel); got shape=()"),
        (
            (0, 3),
            "shape must hold whole numbers of at least 1; got shape=(0, 3)",
        ),
        (
            (5, 3, -1),
            "shape must hold whole numbers of at least 1; got shape=(5, 3, -1)",
        ),
        (
            (5.0, 3.0),
            "shape must hold whole numbers of at least 1; got shape=(5.0, 3.0)",
        ),
        (
            (True, 3),
            "shape must hold whole numbers of at least 1; got shape=(True, 3)",
        ),
        (
            ("5", "3"),
            "shape must hold whole numbers of at least 1; got shape=('5', '3')",
        ),
    ],
)
def test_refuses_a_shape(shape, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        fans(shape)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    "shape", [3, 5.0, None, "53", {5, 3}, np.array([5, 3]), torch.ones(5, 3)]
)
def test_refuses_what_is_no_tuple(shape):
    kind = type(shape).__name__
    message = f"shape must be a tuple of sizes; got type(shape)={kind}"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        fans(shape)


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_nonlinearity():
    message = (
        "nonlinearity must be one of linear, conv1d, conv2d, conv3d, conv_transpose1d, "
        "conv_transpose2d, conv_transpose3d, sigmoid, tanh, relu, leaky_relu, selu; "
        "got nonlinearity=gelu"
    )
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        gain("gelu")
    message = "negative_slope must be at least 0 and finite; got negative_slope=nan"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        gain("leaky_relu", float("nan"))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("slope", [True, "0.1", None])
def test_refuses_a_slope(slope):
    kind = type(slope).__name__
    message = f"negative_slope must be a number; got type(negative_slope)={kind}"
    for name in "leaky_relu", "relu":
        with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
            gain(name, slope)
