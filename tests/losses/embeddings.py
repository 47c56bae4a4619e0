"""Rows that belong together, for what judges contrastive losses."""

import numpy as np
from hypothesis import strategies as st

PAIRS, WIDTH = 7, 5


@st.composite
def pairs(draw):
    shape = (2, draw(st.integers(2, PAIRS)), draw(st.integers(1, WIDTH)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    both = rng.integers(-2, 3, size=shape) / 2  # some rows are equal, or opposite
    return np.where((both == 0).all(axis=-1, keepdims=True), 1, both)


def random_pairs(rng, count=PAIRS):
    return rng.normal(size=(2, count, WIDTH))


def directions(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def of_other_lengths(x, y, scale):
    """The same directions: row by row longer in the one, and shorter in the other."""
    scales = scale ** np.linspace(-1, 1, len(x))[:, None]
    return scales * x, y / scales
