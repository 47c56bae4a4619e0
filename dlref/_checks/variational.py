"""What a variational autoencoder is computed from: spreads, bounds, weights."""

import math
from typing import Any

from dlref._checks.arrays import (
    check_alike,
    check_all_alike,
    check_below_infinity,
    check_finite,
    check_rows,
    dtype_name,
    extremes,
    require,
    require_shapes,
    unit,
)
from dlref._checks.numbers import MOST, check_positive, check_scale

WIDEST, WIDEST_OF_64 = 88, 709  # their exponentials fit into 32 bits, and into 64
ROUNDED = 100  # a sum of many near 0 may be below it by as many units


def check_latents(mean: Any, log_var: Any) -> None:
    """Refuse what describes no Gaussian, and a variance that would overflow."""
    check_rows("mean", mean)
    check_alike("mean", mean, log_var=log_var)
    check_finite("mean", mean)
    widest = WIDEST_OF_64 if dtype_name(log_var) == "float64" else WIDEST
    for value in extremes(log_var) or ():
        fits = -math.inf < value <= widest
        require(fits, f"log_var must be finite and at most {widest}", log_var=value)


def check_noise(mean: Any, log_var: Any, noise: Any) -> None:
    """Refuse latents as above, and noise that does not fit them: (3,) would broadcast."""
    check_latents(mean, log_var)
    check_alike("mean", mean, noise=noise)
    check_finite("noise", noise)


def check_observed(x: Any, mean: Any, variance: Any) -> None:
    """Refuse what is not there to be explained, and a variance that is not above 0."""
    check_rows("x", x)
    check_alike("x", x, mean=mean)
    check_finite("x", x)
    check_finite("mean", mean)
    if isinstance(variance, int | float):
        check_scale(variance=variance)
        return
    check_alike("x", x, variance=variance)
    for value in extremes(variance) or ():
        check_positive(variance=value)


def check_bound(log_likelihood: Any, kl: Any, beta: float) -> None:
    """Refuse a divergence with the wrong sign, and what would be NaN."""
    check_all_alike(log_likelihood=log_likelihood, kl=kl)
    check_below_infinity("log_likelihood", log_likelihood)
    require(0 <= beta <= MOST, f"beta must be between 0 and {MOST}", beta=beta)
    for value in extremes(kl) or ():
        require(value >= -ROUNDED * unit(kl), "kl must be at least 0", kl=value)
        require(value < math.inf or beta > 0, "kl must be below ∞ if beta is 0", kl=value)


def check_log_weights(log_weights: Any) -> None:
    """Refuse the mean of no sample, and a weight without a size."""
    check_rows("log_weights", log_weights)
    what = "log_weights must have at least 1 sample"
    require_shapes(log_weights.shape[-1], what, log_weights=log_weights)
    check_below_infinity("log_weights", log_weights)


def check_width(name: str, array: Any, **last: int) -> None:
    """Refuse an array whose last axis is not that of the layer that reads it."""
    ((size, width),) = last.items()
    check_rows(name, array)
    what = f"{name} must have a last axis of {size}={width}"
    require_shapes(array.shape[-1] == width, what, **{name: array})
