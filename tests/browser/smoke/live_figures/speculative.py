"""Tokens of a pass and the speed-up, against the share of drafts that are kept."""

import itertools

from dlref.cost import expected_tokens, speculative_speedup
from tests.browser.smoke.live_figures import Reference, settings


def tokens(acceptance, drafts):
    return expected_tokens(acceptance, int(drafts))


def gain(acceptance, drafts, cost):
    return speculative_speedup(acceptance, int(drafts), cost)


def legend(acceptance, drafts, cost):
    return [tokens(acceptance, drafts), gain(acceptance, drafts, cost)]


def grid(sliders):
    rates, drafts, costs = (settings(slider, 9) for slider in sliders)
    yield tokens, itertools.product(rates, drafts)
    yield gain, itertools.product(rates, drafts, costs)


def caption(numbers):
    assert abs(numbers("0.3", "1", "0.3")[1] - 1) < 0.001
    three, eight = (numbers("0.6", drafts, "0.1") for drafts in ("3", "8"))
    assert eight[0] > three[0]
    assert eight[1] < three[1]


REFERENCE = Reference(legend, grid, caption, (expected_tokens, speculative_speedup))
