"""The paths of momentum, of Nesterov's and of plain descent through a bowl."""

import itertools

import numpy as np

from dlref.optimizers import (
    MomentumState,
    SGDState,
    largest_stable_learning_rate,
    momentum_step,
    nesterov_step,
    sgd_step,
)
from tests.browser.smoke.live_figures import Reference, settings

STEPS = momentum_step, nesterov_step


def bowl(steps, rate, momentum, nesterov):
    path, state = [np.array([1.5, -2.0])], MomentumState()
    for _ in range(steps):
        grad = np.array([1.0, 25.0]) * path[-1]
        point, state = STEPS[nesterov](
            path[-1], grad, state, learning_rate=rate, momentum=momentum
        )
        path.append(point)
    return np.array(path)


def plain(steps, rate):
    path = [np.array([1.5, -2.0])]
    for _ in range(steps):
        grad = np.array([1.0, 25.0]) * path[-1]
        path.append(sgd_step(path[-1], grad, SGDState(), learning_rate=rate)[0])
    return np.array(path)


def legend(rate, momentum):
    paths = bowl(40, rate, momentum, 0), bowl(40, rate, momentum, 1), plain(40, rate)
    return [np.linalg.norm(path[-1]) for path in paths]


def dots(places, legend, *_):
    assert np.allclose(np.linalg.norm(places, axis=1), legend, atol=1e-6)


def grid(sliders):
    rates, momenta = (settings(slider, 9) for slider in sliders)
    yield bowl, itertools.product([40], rates, momenta, [0, 1])


def caption(numbers):
    start = np.hypot(1.5, 2)
    for rate, away in ("0.05", 0), ("0.06", 1), ("0.09", 2), ("0.142", 2), ("0.146", 3):
        seen = numbers(rate, "0.8") > start
        assert seen.tolist() == [away == 3, away >= 1, away >= 2]
    assert abs(largest_stable_learning_rate(25, momentum=0.8) - 0.144) < 1e-12


REFERENCE = Reference(
    legend, grid, caption, (momentum_step, nesterov_step, sgd_step), dots
)
