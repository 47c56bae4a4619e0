"""Which patches may see each other after Swin's cyclic shift."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(size, window, shift):
    """Decide it pair by pair, from where each patch came from."""
    row = [(place + shift) % size for place in range(size)]
    seen = np.zeros((size // window, window, window), dtype=bool)
    for number, i, j in np.ndindex(seen.shape):
        one, other = row[number * window + i], row[number * window + j]
        seen[number, i, j] = abs(one - other) < window
    return seen


@st.composite
def inputs(choose):
    window = choose(st.integers(2, 5))
    size = window * choose(st.integers(2, 4))
    return {"size": size, "window": window, "shift": choose(st.integers(0, window - 1))}


def is_symmetric(answer, **given):
    return answer(**given), answer(**given).swapaxes(-1, -2)


T, F = True, False

EXERCISE = Exercise(
    asks="Write the mask that Swin's shifted windows need, in one dimension.",
    question="DL0041",
    page="attention/hierarchical",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def shifted_window_mask(size, window, shift):
    """Return bools (windows, window, window): may these two see each other?

    A row of `size` patches is rolled by `shift` to the left, then cut into
    windows of `window`. What was rolled around the edge lies in the last
    window beside patches that are far away: those may not see each other.
    size is a multiple of window, size ≥ 2 window, 0 ≤ shift < window
    """
    rolled = np.roll(np.arange(size), -shift)
    place = rolled.reshape(-1, window)
    apart = place[:, :, None] - place[:, None, :]
    return np.abs(apart) < window
''',
    torch='''
import torch


def shifted_window_mask(size, window, shift):
    """Return bools (windows, window, window): may these two see each other?

    A row of `size` patches is rolled by `shift` to the left, then cut into
    windows of `window`. What was rolled around the edge lies in the last
    window beside patches that are far away: those may not see each other.
    size is a multiple of window, size ≥ 2 window, 0 ≤ shift < window
    """
    rolled = torch.arange(size).roll(-shift)
    place = rolled.reshape(-1, window)
    apart = place[:, :, None] - place[:, None, :]
    return apart.abs() < window
''',
    reference=reference,
    against="each pair",
    inputs=inputs(),
    by_hand=(
        Case(
            {"size": 4, "window": 2, "shift": 1},
            np.array([[[T, T], [T, T]], [[T, F], [F, T]]]),
        ),
    ),
    extremes=(
        Case({"size": 4, "window": 2, "shift": 0}, np.ones((2, 2, 2), dtype=bool)),
    ),
    laws=(Law("it is symmetric", is_symmetric),),
    bugs=(
        Bug(
            "np.abs(apart) < window",
            "np.abs(apart) >= 0",
            "Without the mask, the last window mixes the two ends of the row.",
        ),
        Bug(
            "np.roll(np.arange(size), -shift)",
            "np.roll(np.arange(size), shift)",
            "The roll is to the left, by −shift: here the first window holds the mix.",
        ),
        Bug(
            "np.abs(apart) < window",
            "apart < window",
            "The distance counts both ways: take its absolute value.",
        ),
    ),
)
