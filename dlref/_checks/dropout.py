"""Dropout: how much is dropped, of what, and a regression with inputs that are."""

from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_same_dtype,
    require_length,
    require_shapes,
)
from dlref._checks.numbers import (
    check_below_one,
    check_limited,
    check_positive,
    check_shape,
    check_sizes,
)


def check_kept(shape: Any, rate: float) -> None:
    """Refuse what is no shape, and a rate that leaves nothing, or more than all."""
    check_shape(shape, at_least=0)
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
        require_length(name, array, features=features)


def check_examples(x: Any, targets: Any, rate: float) -> None:
    """Refuse what is not one row for each example, with a target."""
    check_dropped(x, rate)
    require_shapes(x.ndim == 2, "x must have shape (examples, features)", x=x)
    check_regression(x, targets, rate)


def check_moments(mean: float, variance: float, rate: float) -> None:
    """Refuse a mean that is not finite, and a unit that never varies."""
    check_limited(mean=mean)
    check_positive(variance=variance)
    check_below_one(rate=rate)
