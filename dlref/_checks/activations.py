"""Activation functions: what they act on, and the numbers that shape them."""

import sys
from typing import Any

from dlref._checks.arrays import check_floating, check_rows, require, require_shapes
from dlref._checks.numbers import check_positive


def check_leaky(x: Any, negative_slope: float) -> None:
    """Refuse entries that are not floating point, and a slope without end, or NaN."""
    check_floating("x", x)
    fits = abs(negative_slope) <= sys.float_info.max
    require(fits, "negative_slope must be finite", negative_slope=negative_slope)


def check_shaped(x: Any, **above: float) -> None:
    """Refuse entries that are not floating point, and a number that is not above 0."""
    check_floating("x", x)
    check_positive(**above)


def check_pre_activations(pre_activations: Any) -> None:
    """Refuse what has no units, or no example: of none, each unit would be dead."""
    check_rows("pre_activations", pre_activations)
    what = "pre_activations must hold at least one example"
    fits = 0 not in pre_activations.shape[:-1]
    require_shapes(fits, what, pre_activations=pre_activations)
