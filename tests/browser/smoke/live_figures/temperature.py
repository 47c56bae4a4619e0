"""The softmax of three logits, and its entropy, against the temperature."""

import itertools
import math

import numpy as np

from dlref.numpy.activations import softmax
from dlref.numpy.attention import entropy
from tests.browser.smoke.live_figures import Reference, settings


def probabilities(t, a, b):
    return softmax(np.array([a, b, 0.0]), temperature=t)


def share(i, t, a, b):
    return probabilities(t, a, b)[i]


def spread(t, a, b):
    return entropy(probabilities(t, a, b))


def legend(t, a, b):
    return [*probabilities(t, a, b), spread(t, a, b)]


def grid(sliders):
    calls = [*itertools.product(*(settings(slider, 9) for slider in sliders))]
    yield share, [(i, *call) for i in range(3) for call in calls]
    yield spread, calls


def caption(numbers):
    cold, hot = numbers("0.05", "2", "1"), numbers("20", "2", "1")
    assert cold[0] > 0.999
    assert max(hot[:3]) < 0.36
    assert abs(hot[3] - math.log(3)) < 0.005
    tie = numbers("0.05", "2", "2")
    assert tie[0] == tie[1] > 0.499
    assert abs(tie[3] - math.log(2)) < 0.001


REFERENCE = Reference(legend, grid, caption, (softmax, entropy))
