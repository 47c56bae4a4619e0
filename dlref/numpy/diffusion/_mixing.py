"""Two arrays, each times an amplitude: all of diffusion is made of such sums."""

from typing import Any

import numpy as np
from jaxtyping import Float

from dlref.numpy._precision import widened

__all__ = ["amplitudes", "mixed"]


def amplitudes(
    alpha_bar: Float[np.ndarray, "*axes"] | float,
) -> tuple[Float[np.ndarray, "*axes"], Float[np.ndarray, "*axes"]]:
    """Return √ᾱ, that of the data, and √(1 − ᾱ), that of the noise."""
    return np.asarray(np.sqrt(alpha_bar)), np.asarray(np.sqrt(1 - alpha_bar))


def mixed(
    a: Any, x: Float[np.ndarray, "*axes"], b: Any, y: Float[np.ndarray, "*axes"]
) -> Float[np.ndarray, "*axes"]:
    """Return a · x + b · y, in the dtype of x: what that cannot hold becomes ∞."""
    with np.errstate(over="ignore"):
        return np.asarray(a * widened(x) + b * widened(y), x.dtype)
