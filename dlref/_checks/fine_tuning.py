"""A frozen weight and what is added to it: factors, their scale, lengths of rows."""

from collections.abc import Sequence
from typing import Any

from dlref._checks.arrays import (
    extremes,
    refuse,
    require,
    require_shapes,
    row_sums,
)
from dlref._checks.numbers import check_non_negative, check_shape, check_sizes


def check_factors(a: Any, alpha: float) -> None:
    """Refuse factors without a rank, and a scale below zero."""
    require_shapes(a.shape[0] > 0, "a must have at least 1 row, the rank", a=a)
    check_non_negative(alpha=alpha)


def check_directions(rows: Any) -> None:
    """Refuse a row without a direction: all zeros, or not finite."""
    what = "weight plus its update must have rows of a length above 0 and finite"
    for square in extremes(row_sums(rows * rows)) or ():
        require(0 < square < float("inf"), what, length=square)  # 0, ∞ or NaN


def check_adapted(linear: Any, rank: int, alpha: float) -> None:
    """Refuse what is no linear layer, a rank below 1, and a scale below zero."""
    if not (hasattr(linear, "in_features") and hasattr(linear, "weight")):
        refuse("linear", "be a torch.nn.Linear", linear)
    check_sizes(rank=rank)
    check_non_negative(alpha=alpha)


def check_adapted_shapes(shapes: Sequence[Any], rank: int) -> None:
    """Refuse shapes that are not those of matrices, and a rank below 1."""
    for shape in shapes:
        check_shape(shape, at_least=1)
        require(len(shape) == 2, "each shape must be (out, in)", shape=shape)
    check_sizes(rank=rank)
