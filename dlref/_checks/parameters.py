"""Parameters of a model: their gradients and states, and the shape of a weight."""

from typing import Any, get_args

from dlref._checks.arrays import shape_of
from dlref._checks.numbers import (
    check_below_one,
    check_choice,
    check_non_negative,
    check_sizes,
)
from dlref._choices import Distribution, Mode

DECAYS = "beta1", "beta2", "momentum"


def check_step(param: Any, grad: Any, state: Any, **settings: float) -> None:
    """Refuse a gradient or a state of another shape, and settings out of range.

    A number in the state is its beginning, and fits every shape. Of the settings, what
    decays, such as `beta1`, is below 1; the others are at least 0.
    """
    shape = tuple(getattr(param, "shape", ()))
    if tuple(getattr(grad, "shape", ())) != shape:  # (5, 1) and (5,) would broadcast
        raise ValueError(
            "grad must have the shape of param; "
            f"got grad.shape={tuple(getattr(grad, 'shape', ()))}, param.shape={shape}"
        )
    for name, value in state._asdict().items():
        if tuple(getattr(value, "shape", ())) not in ((), shape):
            raise ValueError(
                f"state.{name} must have the shape of param; "
                f"got {shape_of(f'state.{name}', value)}, param.shape={shape}"
            )
    for name, value in settings.items():
        check = check_below_one if name in DECAYS else check_non_negative
        check(**{name: value})


def check_weight_shape(shape: Any) -> None:
    """Refuse the shape of a bias, and sizes that are no whole numbers from 1."""
    if len(shape) < 2:
        raise ValueError(
            f"shape must have at least 2 axes, (out, in, *kernel); got shape={shape}"
        )
    if not all(hasattr(size, "__index__") and size >= 1 for size in shape):
        raise ValueError(
            f"shape must hold whole numbers of at least 1; got shape={shape}"
        )


def check_scaling(scale: float, mode: str, distribution: str) -> None:
    """Refuse a negative variance, and words that are none of the choices."""
    check_choice("distribution", distribution, get_args(Distribution))
    check_non_negative(scale=scale)
    check_choice("mode", mode, get_args(Mode))


def check_network(depth: int, scale: float) -> None:
    """Refuse a network without layers, or with weights of negative variance."""
    check_sizes(depth=depth)
    check_non_negative(scale=scale)
