"""A pair of a query and of a key, turned by their positions."""

import itertools
import math

import numpy as np

from dlref.numpy.positions import rotary_embedding, rotary_frequencies
from tests.browser.smoke.live_figures import Reference, settings


def rotary(t, pair, base):
    return math.degrees(t * rotary_frequencies(128, base=base)[pair])


def hands(t, distance, pair, base):
    """The pair of a query and of a key that are (1, 0) at position 0."""
    frequencies = rotary_frequencies(128, base=base)[int(pair) : int(pair) + 1]
    places = np.array([int(t + distance), int(t)])
    return rotary_embedding(np.array([[1.0, 0.0]] * 2), places, frequencies)


def legend(t, distance, pair, base):
    query, key = hands(t, distance, pair, base)
    places = int(t + distance), int(t)
    return [*(rotary(place, int(pair), base) for place in places), query @ key]


def dots(places, _, *settings):
    query, key = hands(*settings)
    assert np.allclose(places, [query, key, query @ key * key])


def grid(sliders):
    ts, distances, pairs, bases = (settings(slider, 9) for slider in sliders)
    places = {int(t + distance) for t in ts for distance in distances} - {0}
    yield rotary, itertools.product(places, map(int, pairs), bases)


def caption(numbers):
    scores = [numbers(t, "7", "4", "4")[2] for t in ("0", "21", "64")]
    assert len({*scores}) == 1
    near, later, higher = (
        numbers("9", "7", pair, base)[0]
        for pair, base in (("4", "4"), ("5", "4"), ("4", "5"))
    )
    assert near > max(later, higher)


REFERENCE = Reference(legend, grid, caption, (rotary_embedding, rotary_frequencies), dots)
