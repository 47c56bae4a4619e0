"""Pairs that are turned: their frequencies, and the positions of what is turned."""

import sys
from typing import Any

from dlref._checks.arrays import (
    LONG,
    check_dtype,
    check_floating,
    check_long,
    require,
    require_shapes,
)
from dlref._checks.attention import check_broadcasts
from dlref._checks.numbers import check_sizes
from dlref._checks.positions import check_base


def check_pairs(head_dim: int, base: float, *, at_least: int = 2) -> None:
    """Refuse a width without pairs, or with half of one, and a base that slows none."""
    what = f"head_dim must be even and at least {at_least}"
    fits = head_dim >= at_least and head_dim % 2 == 0
    require(fits, what, head_dim=head_dim)
    check_base(base)


def check_factor(factor: float) -> None:
    """Refuse to shorten, to stretch without end, and NaN."""
    fits = 1 <= factor <= sys.float_info.max
    require(fits, "factor must be at least 1 and finite", factor=factor)


def check_stretched(
    head_dim: int, base: float, factor: float, *, at_least: int = 2
) -> None:
    """Refuse a width, a base or a factor that does not fit."""
    check_pairs(head_dim, base, at_least=at_least)
    check_factor(factor)


def check_interpolated(frequencies: Any, factor: float) -> None:
    """Refuse frequencies or a factor that does not fit."""
    check_frequencies(frequencies)
    check_factor(factor)


def check_turns(original_length: int, beta_fast: float, beta_slow: float) -> None:
    """Refuse a length of nothing, and turns that leave no room between few and many."""
    check_sizes(original_length=original_length)
    fits = 0 < beta_slow < beta_fast <= sys.float_info.max
    what = "beta_fast must be above beta_slow, both above 0 and finite"
    require(fits, what, beta_fast=beta_fast, beta_slow=beta_slow)


def check_frequencies(frequencies: Any) -> None:
    """Refuse what is not one frequency for each pair, in 32 bits or more."""
    why = "an angle is a frequency times a large number"
    check_long("frequencies", frequencies, why)
    what = "frequencies must have shape (pairs,)"
    require_shapes(frequencies.ndim == 1, what, frequencies=frequencies)


def check_turned(x: Any, positions: Any, frequencies: Any) -> None:
    """Refuse more frequencies than pairs, and positions that do not fit the tokens."""
    check_floating("x", x)
    require_shapes(x.ndim >= 2, "x must have shape (..., tokens, d_k)", x=x)
    check_frequencies(frequencies)
    fits = 2 * frequencies.shape[0] <= x.shape[-1]
    what = f"frequencies must be at most {x.shape[-1] // 2}, one for each pair of x"
    require_shapes(fits, what, frequencies=frequencies, x=x)
    what = "be integers, or floating point with 32 bits or more"
    check_dtype("positions", positions, ("int", "uint", *LONG), what)
    check_broadcasts("positions", positions, x.shape[:-1])


def check_rows(weight: Any, num_heads: int) -> None:
    """Refuse rows that are not an even number for each head."""
    check_floating("weight", weight)
    check_sizes(num_heads=num_heads)
    require_shapes(weight.ndim > 0, "weight must have an axis of rows", weight=weight)
    rows = weight.shape[0]
    what = "weight must have an even number of rows for each head"
    got = {"weight.shape": tuple(weight.shape), "num_heads": num_heads}
    require(rows > 0 and rows % (2 * num_heads) == 0, what, **got)
