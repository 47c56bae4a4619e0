"""What the initializers of both languages compute with: numbers, no arrays or tensors."""

import math

from dlref._choices import Mode
from dlref.initializers import fans

# Standard deviation of a standard normal cut off at ±2: 0.87962566…
CUT_STD = math.sqrt(
    1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
)


def variance(shape: tuple[int, ...], scale: float, mode: Mode) -> float:
    """Divide the scale by what the mode counts: s/n.

    Args:
        shape: (out, in) or (out, in, *kernel).
        scale: s ≥ 0.
        mode: What n is.

    Returns:
        Variance of a weight.

    Raises:
        TypeError: If shape is no tuple.
        ValueError: If shape is not a weight's.
    """
    fan_in, fan_out = fans(shape)
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
    return scale / n[mode]
