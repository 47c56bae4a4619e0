"""The decorator of what a reader calls with NumPy arrays, and the check of its chance."""

import numpy as np

from dlref._arguments import public_of

__all__ = ["check_rng", "public"]

public = public_of(np.ndarray, np.generic, called="a NumPy array")


def check_rng(rng: object) -> None:
    """Refuse a seed, and NumPy's older RandomState."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            "rng must be a numpy.random.Generator, such as numpy.random.default_rng(0); "
            f"got type(rng)={type(rng).__name__}"
        )
