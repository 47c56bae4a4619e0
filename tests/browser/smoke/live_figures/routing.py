"""The load of four experts, step by step, as a bias follows it."""

import itertools

import numpy as np

from dlref.numpy.layers import balance_step, biased_top_k_gates
from tests.browser.smoke.live_figures import Reference, settings

NOISE = np.arange(1, 257)[:, None] * np.sqrt([2, 3, 5, 7]) % 1 * 4 - 2


def routing(skew, rate, steps):
    """The load of each expert at each step; 1 is an even share."""
    logits = NOISE + skew * (1.5 - np.arange(4))
    bias, loads = np.zeros(4), []
    for _ in range(int(steps) + 1):
        _, indices = biased_top_k_gates(logits, bias, 2)
        counts = np.bincount(indices.ravel(), minlength=4)
        loads.append(counts / 128)
        bias = balance_step(bias, counts, rate=rate) if rate else bias
    return loads


def legend(skew, rate, step):
    return [*routing(skew, rate, step)[-1]]


def dots(places, legend, skew, rate, step):
    want = [(step, load) for load in legend]
    np.testing.assert_allclose(places, want, rtol=1e-6, atol=1e-9)


def grid(sliders):
    skews, rates, _ = (settings(slider, 5) for slider in sliders)
    yield routing, [(*call, 20) for call in itertools.product(skews, rates)]


def caption(numbers):
    alone = numbers("0.8", "0", "100")
    np.testing.assert_array_equal(alone, numbers("0.8", "0", "0"))
    assert 1.65 < alone[0] < 1.75
    assert abs(numbers("0.8", "0.001", "100") - 1).max() > 0.25
    assert abs(numbers("0.8", "0.005", "50") - 1).max() < 0.05
    large = [numbers("0.8", "0.05", str(step)) for step in range(80, 101)]
    assert 0.05 < abs(np.array(large) - 1).max() < 0.5
    assert {*np.sign(np.array(large)[:, 0] - 1)} >= {-1, 1}


REFERENCE = Reference(legend, grid, caption, (biased_top_k_gates, balance_step), dots)
