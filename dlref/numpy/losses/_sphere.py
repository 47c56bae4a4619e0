"""Lengths and directions that neither overflow nor vanish, whatever the scale."""

import numpy as np
from jaxtyping import Float

from dlref.numpy._precision import total, widened


def lengths(x: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch 1"]:
    """Measure each row: in 32 bits, the square of 1e20 overflows, that of 1e-23 is 0."""
    peak = np.abs(x).max(axis=-1, keepdims=True)
    safe = np.where(peak == 0, 1, peak)
    return np.asarray(peak * np.sqrt(total((x / safe) ** 2)))


def directions(x: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch d"]:
    """Scale each row to length 1, in 32 bits at least."""
    wide = widened(x)
    near = wide / np.abs(wide).max(axis=-1, keepdims=True)
    return np.asarray(near / np.sqrt(total(near**2)))


def cosines(
    first: Float[np.ndarray, "rows d"], second: Float[np.ndarray, "columns d"]
) -> Float[np.ndarray, "rows columns"]:
    """Compare each row of the one with each row of the other."""
    return np.asarray(directions(first) @ directions(second).T)
