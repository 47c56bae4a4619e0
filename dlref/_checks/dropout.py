"""Dropout: how much is dropped, of what, and a regression with inputs that are."""

import sys
from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_same_dtype,
    refuse,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_below_one, check_sizes, is_integer


def check_kept(shape: Any, rate: float) -> None:
    """Refuse what is no shape, and a rate that leaves nothing, or more than all."""
    if not isinstance(shape, tuple | list):  # an array has a length, too
        refuse("shape", "be a tuple of sizes", shape)
    whole = all(is_integer(size) and size >= 0 for size in shape)
    require(whole, "shape must hold whole numbers of at least 0", shape=shape)
    check_below_one(rate=rate)


def check_dropped(x: Any, rate: float) -> None:
    """Refuse what is not floating point, and a rate out of range."""
    check_floating("x", x)
    check_below_one(rate=rate)


def check_paths(x: Any, rate: float) -> None:
    """Refuse a number without an axis of examples, and a rate out of range."""
    check_dropped(x, rate)
    require_shapes(x.ndim > 0, "x must have an axis of examples", x=x)


def check_path_rates(num_layers: int, rate: float) -> None:
    """Refuse a network without layers, and a rate out of range."""
    check_sizes(num_layers=num_layers)
    check_below_one(rate=rate)


def check_regression(x: Any, targets: Any, rate: float, **weights: Any) -> None:
    """Refuse what is not a target for each row of x, and weights of another number."""
    check_dropped(x, rate)
    require_shapes(x.ndim > 0, "x must have an axis of features", x=x)
    check_floating("targets", targets)
    for name, array in weights.items():
        check_floating(name, array)
    check_same_dtype("x", x, targets=targets, **weights)
    rows, features = tuple(x.shape[:-1]), x.shape[-1]
    fits = tuple(targets.shape) == rows  # (5, 1) would broadcast
    require_shapes(fits, f"targets must have shape {rows}", targets=targets)
    for name, array in weights.items():
        fits = tuple(array.shape) == (features,)
        what = f"{name} must have shape (features={features},)"
        require_shapes(fits, what, **{name: array})


def check_examples(x: Any, targets: Any, rate: float) -> None:
    """Refuse what is not one row for each example, with a target."""
    check_dropped(x, rate)
    require_shapes(x.ndim == 2, "x must have shape (examples, features)", x=x)
    check_regression(x, targets, rate)


def check_moments(mean: float, variance: float, rate: float) -> None:
    """Refuse a mean that is not finite, and a unit that never varies."""
    finite = abs(mean) <= sys.float_info.max  # an int may be longer than any float
    require(finite, "mean must be finite", mean=mean)
    fits = 0 < variance <= sys.float_info.max
    require(fits, "variance must be above 0 and finite", variance=variance)
    check_below_one(rate=rate)
