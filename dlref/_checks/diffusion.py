"""Diffusion: schedules, steps, shares of the signal, and mixtures to begin with."""

from typing import Any

from dlref._checks.arrays import (
    check_alike,
    check_all_alike,
    check_floating,
    check_long,
    check_same_dtype,
    check_shares,
    extremes,
    require,
    require_shapes,
)
from dlref._checks.numbers import (
    check_limited,
    check_open_probability,
    check_positive,
    check_sizes,
    check_within_one,
)


def check_line(steps: int, first: float, last: float) -> None:
    """Refuse a schedule without a step, and one that adds no noise, or nothing but it."""
    check_sizes(steps=steps)
    check_open_probability("first", first)
    check_open_probability("last", last)


def check_betas(betas: Any, *, at_least: int = 1) -> None:
    """Refuse what is no schedule: only its last step may leave nothing of the data."""
    check_long("betas", betas, "most of 1 − β is 1")
    fits = betas.ndim == 1 and betas.shape[0] >= at_least
    what = f"betas must have shape (steps,), with {at_least} or more"
    require_shapes(fits, what, betas=betas)
    for beta in extremes(betas) or ():
        require(0 < beta <= 1, "betas must be above 0 and at most 1", betas=beta)
    for beta in extremes(betas[:-1]) or ():
        require(beta < 1, "betas must be below 1 before the last", betas=beta)


def check_signal(first: str, like: Any, **alpha_bars: Any) -> None:
    """Refuse what is no share of the signal, or not one for all or for each example.

    One for each example has an axis for each axis of the data: (B,) would be taken for
    the last.
    """
    for name, alpha_bar in alpha_bars.items():
        if not isinstance(alpha_bar, int | float):
            _check_share_array(name, alpha_bar, first, like)
        for value in _ends(alpha_bar):
            check_within_one(**{name: value})


def _check_share_array(name: str, alpha_bar: Any, first: str, like: Any) -> None:
    check_long(name, alpha_bar, "in 16, 0.9999 is 1")
    own, sizes = tuple(alpha_bar.shape), tuple(like.shape)
    fits = len(own) in (0, len(sizes))
    pairs = zip(own, sizes, strict=False)
    fits = fits and all(axis in (1, size) for axis, size in pairs)
    what = f"{name} must have no axis, or those of {first}, of its sizes or of 1"
    require_shapes(fits, what, **{name: alpha_bar, first: like})


def _ends(alpha_bar: Any) -> tuple[Any, ...]:
    """Return the smallest and the largest share, or none where none can be read."""
    if isinstance(alpha_bar, int | float):
        return (alpha_bar,)
    return extremes(alpha_bar) or ()


def check_mixed(alpha_bar: Any, **arrays: Any) -> None:
    """Refuse two arrays of several shapes, and shares of the signal that do not fit."""
    check_all_alike(**arrays)
    first, like = next(iter(arrays.items()))
    check_signal(first, like, alpha_bar=alpha_bar)


def check_with_signal(alpha_bar: Any, **arrays: Any) -> None:
    """Refuse pure noise, from which no data can be found."""
    check_mixed(alpha_bar, **arrays)
    for value in _ends(alpha_bar):
        require(value > 0, "alpha_bar must be above 0", alpha_bar=value)


def check_with_noise(alpha_bar: Any, **arrays: Any) -> None:
    """Refuse pure data, in which no noise can be found."""
    check_mixed(alpha_bar, **arrays)
    for value in _ends(alpha_bar):
        require(value < 1, "alpha_bar must be below 1", alpha_bar=value)


def check_ddim(alpha_bar: Any, next_alpha_bar: Any, noisy: Any, noise: Any) -> None:
    """Refuse a step from pure noise, and shares of the signal that do not fit."""
    check_with_signal(alpha_bar, noisy=noisy, noise=noise)
    check_signal("noisy", noisy, next_alpha_bar=next_alpha_bar)


def check_step(t: int, betas: Any, **arrays: Any) -> None:
    """Refuse step 0, one behind the last, and arrays that do not fit together."""
    check_all_alike(**arrays)
    check_betas(betas)
    steps = betas.shape[0]
    fits = 1 <= t <= steps
    require(fits, f"t must be between 1 and {steps}", t=t)


def check_ancestral(t: int, betas: Any, **arrays: Any) -> None:
    """Refuse what fits no step, and a step from pure noise."""
    check_step(t, betas, **arrays)
    what = "betas must be below 1 at t: the noise does not tell the data"
    for beta in extremes(betas[t - 1 : t]) or ():
        require(beta < 1, what, betas=beta)


def check_guided(unconditional: Any, conditional: Any, scale: float) -> None:
    """Refuse predictions that are not alike, and a scale without end."""
    check_all_alike(unconditional=unconditional, conditional=conditional)
    check_limited(scale=scale)


def check_flow(x: Any, velocity: Any, **times: float) -> None:
    """Refuse arrays that are not alike, and times before the data or after the noise."""
    check_all_alike(x=x, velocity=velocity)
    check_within_one(**times)


def check_mixture(x: Any, alpha_bar: Any, weights: Any, means: Any, stds: Any) -> None:
    """Refuse a mixture whose parts are not one weight, mean and deviation each."""
    check_floating("x", x)
    check_same_dtype("x", x, weights=weights, means=means, stds=stds)
    check_signal("x", x, alpha_bar=alpha_bar)
    fits = weights.ndim == 1 and weights.shape[0] > 0
    what = "weights must have shape (parts,), with 1 or more"
    require_shapes(fits, what, weights=weights)
    check_alike("weights", weights, means=means, stds=stds)
    check_shares("weights", weights)
    for name, array in {"weights": weights, "stds": stds}.items():
        for value in extremes(array) or ():
            check_positive(**{name: value})
