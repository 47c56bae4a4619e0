"""Second moments through the depth, forth and back."""

import itertools

import numpy as np

from dlref.numpy.initializers import backward_second_moments, forward_second_moments
from tests.browser.smoke.live_figures import Reference, settings

ACTIVATIONS = {
    "ReLU": (lambda z: np.maximum(z, 0), lambda z: z > 0),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


def moments(activation, depth, scale):
    f, slope = ACTIVATIONS[activation]
    return (
        forward_second_moments(depth, f, scale=scale),
        backward_second_moments(depth, f, slope, scale=scale),
    )


def legend(depth, scale):
    both = (moments(name, int(depth), scale) for name in ACTIVATIONS)
    return [x for forth, back in both for x in (forth[-1], back[0])]


def grid(sliders):
    depths, scales = (settings(slider, 7) for slider in sliders)
    yield moments, itertools.product(ACTIVATIONS, map(int, depths), scales)


def caption(numbers):
    assert list(numbers("50", "2")[:2]) == [1, 1]
    *_, tanh_end, tanh_first = numbers("50", "2.8")
    assert tanh_end > 0.4
    assert tanh_first > 1e3


REFERENCE = Reference(
    legend, grid, caption, (forward_second_moments, backward_second_moments)
)
