"""Inputs that the judge draws: small, and with simple numbers when they are shrunk."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from hypothesis.strategies import SearchStrategy

Shape = tuple[Any, ...]  # of ints; not said, or a type checker at run time draws one


def shapes(*, least: int = 0, most: int = 3, side: int = 4) -> SearchStrategy[Shape]:
    """Draw shapes of `least` to `most` axes, none of them longer than `side`."""
    return array_shapes(min_dims=least, max_dims=most, max_side=side)


def floats(shape: Shape, low: float = -8, high: float = 8) -> SearchStrategy[np.ndarray]:
    """Draw arrays of numbers that float32 holds exactly."""
    return arrays(float, shape, elements=st.floats(low, high, width=32))


def flags(shape: Shape) -> SearchStrategy[np.ndarray]:
    """Draw arrays of bools."""
    return arrays(bool, shape)


def classes(shape: Shape, count: int) -> SearchStrategy[np.ndarray]:
    """Draw arrays of class indices from 0 to `count` − 1."""
    return arrays(int, shape, elements=st.integers(0, count - 1))
