"""What the middle output of a stack of equal convolutions sees of 64 inputs."""

import itertools

import numpy as np

from dlref.cost import conv_output_size, receptive_field
from dlref.numpy.convolution import conv_transpose2d
from tests.browser.smoke.live_figures import Reference, settings


def receptive(k, s, d, depth):
    """The field, how many inputs within it are read, and the size of the output."""
    k, s, d, depth = map(int, (k, s, d, depth))
    size, back, kernel = 64, np.ones((1, 1, 1)), np.ones((1, 1, k, 1))
    for _ in range(depth):
        size = conv_output_size(size, k, stride=s, dilation=d)
        back = conv_transpose2d(back, kernel, stride=s, dilation=d)
    field = receptive_field([(k, s, d)] * depth).size
    return [field, np.count_nonzero(back), size]


def dots(places, legend, k, s, d, depth):
    """The middle output over its field, the last input that it reads, the last output."""
    field, _, size = legend
    jump = s**depth
    first = (size - 1) // 2 * jump
    half = (field - 1) / 2
    want = [
        (first + half, depth),
        (first + field - 1, 0.2),
        ((size - 1) * jump + half, depth),
    ]
    np.testing.assert_allclose(places, want, rtol=1e-6, atol=1e-9)


def grid(sliders):
    yield receptive, itertools.product(*(settings(slider, 9) for slider in sliders))


def caption(numbers):
    assert [*numbers("3", "1", "2", "3")][:2] == [13, 7]
    field, _, size = numbers("4", "2", "3", "3")
    assert (field, size) == (64, 1)


REFERENCE = Reference(
    receptive,
    grid,
    caption,
    (receptive_field, conv_output_size, conv_transpose2d),
    dots,
    tolerance=0,
)
