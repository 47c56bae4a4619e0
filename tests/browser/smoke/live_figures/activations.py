"""Activations, their slopes, and the product of slopes and weights through layers."""

import itertools
from functools import partial

import numpy as np

from dlref.numpy.activations import (
    gelu,
    gelu_gradient,
    leaky_relu,
    leaky_relu_gradient,
    relu,
    relu_gradient,
    sigmoid,
    sigmoid_gradient,
    silu,
    silu_gradient,
)
from tests.browser.smoke.live_figures import Reference, settings

ALL = (
    (sigmoid, sigmoid_gradient),
    (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    (relu, relu_gradient),
    (leaky_relu, leaky_relu_gradient),
    (partial(gelu, approximate=True), partial(gelu_gradient, approximate=True)),
    (silu, silu_gradient),
)


def activation(which, x):
    return float(ALL[int(which) - 1][0](np.array(x)))


def slope(which, x):
    return float(ALL[int(which) - 1][1](np.array(x)))


def through(which, x, layers, weight):
    return (weight * slope(which, x)) ** layers


def legend(which, x, layers, weight):
    return [activation(which, x), slope(which, x), through(which, x, layers, weight)]


def grid(sliders):
    which = range(1, 7)
    xs, layers, weights = (settings(slider, 7) for slider in sliders[1:])
    for model, *more in (activation,), (slope,), (through, map(int, layers), weights):
        calls = itertools.product(which, xs, *more)
        yield model, [call for call in calls if model(*call)]  # an error is relative


def caption(numbers):
    assert 0 < numbers("1", "0.5", "10", "1")[2] < 1e-6
    assert numbers("1", "0", "10", "4")[2] == 1
    assert np.allclose(numbers("1", "4", "1", "1")[1], 0.018, atol=5e-4)
    assert np.allclose(numbers("2", "4", "1", "1")[1], 0.0013, atol=5e-5)
    assert numbers("3", "2", "30", "1")[2] == 1
    assert numbers("3", "-2", "30", "1")[2] == 0


REFERENCE = Reference(legend, grid, caption, (sigmoid, relu, leaky_relu, gelu, silu))
