"""Two arrays, each times an amplitude: all of diffusion is made of such sums."""

import math
from typing import Any

from jaxtyping import Float
from torch import Tensor

from dlref.torch._precision import widened

__all__ = ["amplitudes", "mixed"]


def amplitudes(
    alpha_bar: Float[Tensor, "*axes"] | float,
) -> tuple[Float[Tensor, "*axes"] | float, Float[Tensor, "*axes"] | float]:
    """Return √ᾱ, that of the data, and √(1 − ᾱ), that of the noise."""
    if isinstance(alpha_bar, Tensor):
        return alpha_bar.sqrt(), (1 - alpha_bar).sqrt()
    return math.sqrt(alpha_bar), math.sqrt(1 - alpha_bar)


def mixed(
    a: Any, x: Float[Tensor, "*axes"], b: Any, y: Float[Tensor, "*axes"]
) -> Float[Tensor, "*axes"]:
    """Return a · x + b · y, in the dtype of x: what that cannot hold becomes ∞."""
    total: Tensor = a * widened(x) + b * widened(y)
    return total.to(x.dtype)
