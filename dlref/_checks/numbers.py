"""Single numbers: sizes, probabilities, factors, and words for a choice."""

from typing import Any


def check_sizes(*, at_least: int = 1, **sizes: int) -> None:
    """Refuse a size that is too small, or no Python int: those of arrays overflow."""
    for name, size in sizes.items():
        if type(size) is not int:  # True is an int to isinstance
            raise TypeError(
                f"{name} must be a Python int; got type({name})={type(size).__name__}"
            )
        if size < at_least:
            raise ValueError(f"{name} must be at least {at_least}; got {name}={size}")


def check_alpha(alpha: float | None) -> None:
    """Refuse a weight of the positive class outside [0, 1], and NaN."""
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be between 0 and 1; got alpha={alpha}")


def check_open_probability(name: str, value: float) -> None:
    """Refuse a probability of 0 or 1, what lies outside of them, and NaN."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1; got {name}={value}")


def non_negative(**values: float) -> list[float]:
    """Refuse a number below zero, infinite or NaN; return them all as Python floats.

    NumPy does not take np.float64 for a Python float: float32 times it is float64.
    """
    for name, value in values.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} must be at least 0 and finite; got {name}={value}")
    return [float(value) for value in values.values()]


def below_one(**values: float) -> list[float]:
    """Refuse a number outside [0, 1), and NaN; return them all as Python floats."""
    for name, value in values.items():
        if not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1; got {name}={value}")
    return [float(value) for value in values.values()]


def check_choice(name: str, value: Any, choices: Any) -> None:
    """Refuse a word that is none of the choices."""
    if value not in choices:
        raise ValueError(
            f"{name} must be one of {', '.join(choices)}; got {name}={value}"
        )
