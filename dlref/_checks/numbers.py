"""Single numbers: sizes, probabilities, factors, and words for a choice."""

import sys
from fractions import Fraction
from numbers import Real
from typing import Any

from dlref._checks.arrays import dtype_name, refuse, require

LEAST, MOST = 1e-30, 1e30  # what is divided or moved by them stays within float32


def check_sizes(*, at_least: int = 1, **sizes: int | None) -> None:
    """Refuse a size that is too small; None is one that is left out."""
    for name, size in sizes.items():
        fits = size is None or size >= at_least
        require(fits, f"{name} must be at least {at_least}", **{name: size})


def is_integer(value: Any) -> bool:
    """Tell whether a value is one integer, of any library; a truth is none."""
    if not hasattr(value, "__index__") or type(value) is bool:
        return False
    if not hasattr(value, "dtype"):
        return True
    return value.ndim == 0 and dtype_name(value).startswith(("int", "uint"))


def check_shape(shape: Any, at_least: int) -> None:
    """Refuse what is no tuple of sizes, and a size that is too small."""
    if not isinstance(shape, tuple | list):  # an array has a length, too
        refuse("shape", "be a tuple of sizes", shape)
    whole = all(is_integer(size) and size >= at_least for size in shape)
    what = f"shape must hold whole numbers of at least {at_least}"
    require(whole, what, shape=shape)


def check_number(name: str, value: Any) -> None:
    """Refuse what is no real number: a word, an array, a truth, which counts as 1."""
    if not isinstance(value, Real) or isinstance(value, bool):
        refuse(name, "be a number", value)


def check_exact(name: str, value: Any) -> None:
    """Refuse what is neither a number nor an integer of any library."""
    if not is_integer(value):
        check_number(name, value)


def check_alpha(alpha: float | None) -> None:
    """Refuse a weight of the positive class outside [0, 1], and NaN."""
    if alpha is not None:
        check_within_one(alpha=alpha)


def check_within_one(**values: float) -> None:
    """Refuse what is below 0 or above 1, and NaN."""
    for name, value in values.items():
        require(0 <= value <= 1, f"{name} must be between 0 and 1", **{name: value})


def check_open_probability(name: str, value: float) -> None:
    """Refuse a probability of 0 or 1, what lies outside of them, and NaN."""
    require(0 < value < 1, f"{name} must lie strictly between 0 and 1", **{name: value})


def check_limited(**values: float) -> None:
    """Refuse a number that is infinite or NaN."""
    for name, value in values.items():
        fits = abs(value) <= sys.float_info.max  # an int may be longer than any float
        require(fits, f"{name} must be finite", **{name: value})


def check_non_negative(**values: float | Fraction) -> None:
    """Refuse a number below zero, infinite or NaN."""
    for name, value in values.items():
        fits = 0 <= value <= sys.float_info.max
        require(fits, f"{name} must be at least 0 and finite", **{name: value})


def check_positive(**values: float | Fraction) -> None:
    """Refuse a number that is not above zero, infinite or NaN."""
    for name, value in values.items():
        fits = 0 < value <= sys.float_info.max
        require(fits, f"{name} must be above 0 and finite", **{name: value})


def check_scale(**values: float) -> None:
    """Refuse a factor that is not above zero, or too near to zero or infinity."""
    for name, value in values.items():
        what = f"{name} must be between {LEAST} and {MOST}"
        require(LEAST <= value <= MOST, what, **{name: value})


def check_below_one(**values: float) -> None:
    """Refuse a number outside [0, 1), and NaN."""
    for name, value in values.items():
        fits = 0 <= value < 1
        require(fits, f"{name} must be at least 0 and below 1", **{name: value})


def check_gated_width(embed_dim: int, multiplier: Any, multiple_of: int) -> None:
    """Refuse a factor that is not exact, or that leaves nothing of 8d/3."""
    check_sizes(embed_dim=embed_dim, multiple_of=multiple_of)
    if type(multiplier) not in (int, Fraction):
        raise TypeError(
            "multiplier must be an int or a Fraction; "
            f"got type(multiplier)={type(multiplier).__name__}"
        )
    fits = multiplier * (8 * embed_dim // 3) >= 1
    what = "multiplier must leave at least one column"
    require(fits, what, multiplier=multiplier, embed_dim=embed_dim)


def check_stored(*, bytes_per_element: float | Fraction, **sizes: int) -> None:
    """Refuse a size that is too small, and numbers that take no room or all of it."""
    check_sizes(**sizes)
    check_positive(bytes_per_element=bytes_per_element)


def check_choice(name: str, value: Any, choices: Any) -> None:
    """Refuse a word that is none of the choices."""
    what = f"{name} must be one of {', '.join(choices)}"
    require(value in choices, what, **{name: value})
