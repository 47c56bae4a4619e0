"""Three Gaussians, with the noise of some step on them: linear schedule or cosine."""

import itertools

import numpy as np

from dlref.numpy.diffusion import add_noise, alpha_bars, cosine_betas, linear_betas
from tests.browser.smoke.live_figures import Reference, settings

PARTS = (0.3, -2.0, 0.3), (0.5, 0.5, 0.5), (0.2, 3.0, 0.2)  # weight, mean, deviation
BARS = alpha_bars(linear_betas()), alpha_bars(cosine_betas())


def left(t, schedule):
    return BARS[int(schedule)][int(t) - 1]


def density(x, share):
    """Each part, moved and widened as `add_noise` does it to a mean and a deviation."""
    total, share = 0.0, np.array(share)
    for weight, mean, deviation in PARTS:
        moved, signal = add_noise(np.array([mean, deviation]), np.zeros(2), share)
        noise = add_noise(np.zeros(1), np.ones(1), share).item()
        variance = signal**2 + noise**2
        power = np.exp(-((x - moved) ** 2) / 2 / variance)
        total += weight * power / np.sqrt(2 * np.pi * variance)
    return total


def legend(t, schedule):
    share = left(t, schedule)
    return [share, share / (1 - share)]


def dots(places, legend, t, schedule):
    want = [(0, density(0.0, legend[0])), (0, 1 / np.sqrt(2 * np.pi))]
    np.testing.assert_allclose(places, want, rtol=1e-5, atol=1e-6)


def grid(sliders):
    times, schedules = (settings(slider, 50) for slider in sliders)
    yield left, itertools.product(times, schedules)
    shares = [float(left(t, 0)) for t in times[::7]]
    yield density, ((float(x), a) for x in np.linspace(-4, 4, 17) for a in shares)


def caption(numbers):
    linear, cosine = numbers("260", "0"), numbers("500", "1")
    assert abs(linear[0] - 0.5) < 0.005
    assert abs(cosine[0] - 0.5) < 0.01
    assert numbers("500", "0")[0] < 0.1
    assert max(numbers("1000", "0")) < 1e-4


REFERENCE = Reference(
    legend, grid, caption, (alpha_bars, linear_betas, cosine_betas, add_noise), dots
)
