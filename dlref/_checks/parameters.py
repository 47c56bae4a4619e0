"""Parameters of a model: their gradients and states, and the shape of a weight."""

from typing import Any

from dlref._checks.arrays import shape_of


def check_step(param: Any, grad: Any, state: Any) -> None:
    """Refuse a gradient or a state that belongs to a parameter of another shape.

    A number in the state is its beginning, and fits every shape.
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
