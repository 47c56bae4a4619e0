"""Six tokens, a temperature, and the fewest of them that hold a mass."""

import itertools

import numpy as np

from dlref.numpy.generation import temperature, top_p
from tests.browser.smoke.live_figures import Reference, settings

P = np.array([0.46, 0.27, 0.13, 0.08, 0.04, 0.02])


def at(t):
    p = np.exp(temperature(np.log(P), t))
    return p / p.sum()


def stays(t, share):
    return np.isfinite(top_p(temperature(np.log(P), t), share))


def kept(t, share):
    return int(stays(t, share).sum())


def mass(t, share):
    return at(t)[stays(t, share)].sum()


def legend(t, share):
    return [kept(t, share), mass(t, share)]


def dots(places, legend, t, share):
    """One on the first token, as it is drawn; one where the sum crosses the mass."""
    p, (count, whole) = at(t), legend
    crossing = count - (whole - share) / p[count - 1]
    want = [[1, p[0] / whole], [crossing, share]]
    np.testing.assert_allclose(places, want, rtol=1e-6, atol=1e-9)


def grid(sliders):
    calls = [*itertools.product(*(settings(slider, 9) for slider in sliders))]
    yield kept, calls
    yield mass, calls


def caption(numbers):
    np.testing.assert_allclose(numbers("1", "0.85"), [3, 0.86])
    assert numbers("1.5", "0.85")[0] == 4
    assert numbers("0.5", "0.85")[0] == 2
    assert numbers("1", "0.45")[0] == 1
    assert numbers("1.1", "0.45")[0] == 2


REFERENCE = Reference(legend, grid, caption, (top_p, temperature), dots)
