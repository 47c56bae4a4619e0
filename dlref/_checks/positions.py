"""Positions: widths that come in pairs, and distances that fall into buckets."""

import sys

from dlref._checks.arrays import require
from dlref._checks.numbers import check_sizes


def check_frequencies(base: float, **sizes: int) -> None:
    """Refuse a size below 1, a width of which no pairs remain, and a base up to 1.

    The width comes last. A base of 1 would turn all pairs alike.
    """
    check_sizes(**sizes)
    name, width = [*sizes.items()][-1]
    require(width % 2 == 0, f"{name} must be even", **{name: width})
    check_base(base)


def check_base(base: float) -> None:
    """Refuse a base that slows no pair, and one without end."""
    fits = 1 < base <= sys.float_info.max  # an int may be longer than any float
    require(fits, "base must be above 1 and finite", base=base)


def check_buckets(
    queries: int,
    keys: int | None,
    num_buckets: int,
    max_distance: int,
    *,
    bidirectional: bool,
) -> None:
    """Refuse buckets that cannot be halved, and an end before the wide ones begin."""
    check_sizes(queries=queries, keys=keys)
    check_sizes(at_least=4, num_buckets=num_buckets)
    fits = not bidirectional or num_buckets % 2 == 0
    require(fits, "num_buckets must be even in both directions", num_buckets=num_buckets)
    exact = num_buckets // (4 if bidirectional else 2)
    what = f"max_distance must be above {exact}, the distances with their own bucket"
    require(max_distance > exact, what, max_distance=max_distance)
