"""Pairs of embeddings: rows that belong together, and what their loss is scaled by."""

from typing import Any

from dlref._checks.arrays import (
    check_alike,
    check_finite,
    check_floating,
    check_rows,
    extremes,
    require,
    require_shapes,
    row_sums,
)
from dlref._checks.numbers import MOST, check_scale


def check_pairs(*, temperature: float = 1.0, **embeddings: Any) -> None:
    """Refuse what is not one row per pair in both arrays, or has no direction."""
    check_scale(temperature=temperature)
    (first, rows), *others = embeddings.items()
    check_embeddings(first, rows)
    for name, other in others:
        check_embeddings(name, other)
        check_alike(first, rows, **{name: other})


def check_embeddings(name: str, x: Any) -> None:
    """Refuse what is not a matrix of two rows or more, each with a direction."""
    check_floating(name, x)
    fits = x.ndim == 2 and x.shape[0] >= 2 and x.shape[1] >= 1
    what = f"{name} must have shape (rows, d), with at least 2 rows"
    require_shapes(fits, what, **{name: x})
    check_finite(name, x)
    sizes = extremes(row_sums(abs(x)))
    if sizes is not None:
        what = f"{name} must have no row of zeros, which has no direction"
        require(sizes[0] != 0, what, **{f"abs({name}).sum(-1)": sizes[0]})


def check_triplets(anchor: Any, positive: Any, negative: Any, margin: float) -> None:
    """Refuse what is not three arrays of one shape and type, and a margin of nothing.

    Larger entries would have an infinite distance, and two of these no difference.
    """
    check_scale(margin=margin)
    check_rows("anchor", anchor)
    what = "anchor must have entries in each row"
    require_shapes(anchor.shape[-1] > 0, what, anchor=anchor)
    for name, other in {"positive": positive, "negative": negative}.items():
        check_rows(name, other)
        check_alike("anchor", anchor, **{name: other})
    for name, x in {"anchor": anchor, "positive": positive, "negative": negative}.items():
        for value in extremes(x) or ():
            check_shift(**{name: value})


def check_shift(**values: float) -> None:
    """Refuse NaN, and a number that is far too large."""
    for name, value in values.items():
        what = f"{name} must be between {-MOST} and {MOST}"
        require(-MOST <= value <= MOST, what, **{name: value})
