"""The output of a sample among others of its batch, whose variance is 1."""

import itertools

import numpy as np

from dlref.numpy.layers import BatchNormState, batch_norm_inference, merge_statistics
from tests.browser.smoke.live_figures import Reference, settings


def mates(x, size, mean):
    counts = np.array([1, int(size) - 1])
    means, variances = np.array([[x], [mean]]), np.array([[0.0], [1.0]])
    state = merge_statistics(counts, means, variances)
    return batch_norm_inference(np.array([[x]]), state)[0, 0]


def alone(x):
    state = BatchNormState(np.zeros(1), np.ones(1))
    return batch_norm_inference(np.array([[x]]), state)[0, 0]


def legend(size, mean, x):
    return [mates(x, size, mean), alone(x)]


def grid(sliders):
    # So many that no sample is 0 or the mean of the others: its output would be 0.
    counts = 7, 6, 8
    sizes, means, xs = map(settings, sliders, counts)
    yield mates, itertools.product(xs, sizes, means)
    yield alone, ((x,) for x in xs)


def caption(numbers):
    assert numbers("3", "0", "6")[0] < 1.42
    large = numbers("64", "0", "1")
    assert abs(large[0] - large[1]) < 0.03
    moved = numbers("8", "2", "3")
    still = numbers("8", "0", "3")
    assert moved[0] < still[0]
    assert moved[1] == still[1]


REFERENCE = Reference(legend, grid, caption, (merge_statistics, batch_norm_inference))
