"""The decorator of what a reader calls with NumPy arrays."""

import numpy as np

from dlref._arguments import public_of

__all__ = ["public"]

public = public_of(np.ndarray, np.generic, called="a NumPy array")
