"""The paths of Adam and of plain descent through a bowl."""

import itertools
import math

import numpy as np

from dlref.optimizers import AdamState, SGDState, adam_step, sgd_step
from tests.browser.smoke.live_figures import Reference, settings


def descent(step, state, steps, degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    path = [turn @ [1.5, -2.0]]
    for _ in range(steps):
        grad = turn @ np.diag([1.0, 25.0]) @ turn.T @ path[-1]
        point, state = step(path[-1], grad, state)
        path.append(point)
    return np.array(path)


def sgd(steps, degrees, rate):
    def step(*now):
        return sgd_step(*now, learning_rate=rate)

    return descent(step, SGDState(), steps, degrees)


def adam(steps, degrees, rate, beta1, beta2):
    def step(*now):
        return adam_step(*now, learning_rate=rate, beta1=beta1, beta2=beta2)

    return descent(step, AdamState(), steps, degrees)


def legend(rate, beta1, beta2, degrees):
    ends = adam(100, degrees, rate, beta1, beta2)[-1], sgd(100, degrees, rate)[-1]
    return [np.linalg.norm(end) for end in ends]


def dots(places, legend, *_):
    assert np.allclose(np.linalg.norm(places, axis=1), legend)


def grid(sliders):
    # β₁ begins at 0.7: far below it a path is chaotic, and rounding decides.
    rates, *betas, degrees = (settings(slider, 3) for slider in sliders)
    yield adam, itertools.product([100], degrees, rates, *betas)
    yield sgd, itertools.product([100], degrees, rates)


def caption(numbers):
    (adam_0, sgd_0), (adam_45, sgd_45) = (
        numbers("0.05", "0.9", "0.999", degrees) for degrees in ("0", "45")
    )
    assert sgd_0 == sgd_45
    assert adam_45 > 2 * adam_0


REFERENCE = Reference(legend, grid, caption, (adam_step, sgd_step), dots)
