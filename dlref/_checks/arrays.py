"""Arrays and tensors: what they hold, and how their shapes fit together."""

from collections.abc import Callable
from typing import Any


def check_array(name: str, array: Any) -> None:
    """Refuse a list or a number where an array is meant."""
    if not hasattr(array, "dtype"):
        raise TypeError(
            f"{name} must be an array or a tensor; "
            f"got type({name})={type(array).__name__}"
        )


def check_floating(name: str, array: Any) -> None:
    """Refuse an array whose entries are not floating point."""
    check_array(name, array)
    if not dtype_name(array).startswith(("float", "bfloat")):
        raise TypeError(
            f"{name} must be floating point; got {name}.dtype={dtype_name(array)}"
        )


def check_integers(name: str, array: Any) -> None:
    """Refuse an array whose entries are not integers."""
    check_array(name, array)
    if not dtype_name(array).startswith(("int", "uint")):
        raise TypeError(f"{name} must be integers; got {name}.dtype={dtype_name(array)}")


def check_probabilities(name: str, array: Any) -> None:
    """Refuse an array that is not floating point, is empty or leaves [0, 1]."""
    check_floating(name, array)
    if 0 in array.shape:
        raise ValueError(f"{name} must not be empty; got {shape_of(name, array)}")
    for value in float(array.min()), float(array.max()):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be between 0 and 1; got {name}={value}")


def check_shapes(function: Callable[..., Any], *arrays: Any) -> None:
    """Refuse arrays that do not fit the annotations of a function's first arguments.

    So `check_shapes(feed_forward, x, w1)` reads `Float[np.ndarray, "*batch d_model"]`: an
    axis of one name has one size, and a leading `*batch` is any number of axes.
    """
    sizes: dict[str, Any] = {}
    annotations = function.__annotations__.items()
    for (name, annotation), array in zip(annotations, arrays, strict=False):
        check_floating(name, array)
        names = annotation.dim_str.replace("*batch", "...").split()
        shape = tuple(array.shape)
        if names[0] == "...":
            start = max(len(shape) - len(names) + 1, 0)
            shape = shape[:start], *shape[start:]
        found = dict(zip(names, shape, strict=False))
        wanted = found | {axis: sizes[axis] for axis in names if axis in sizes}
        if len(shape) != len(names) or found != wanted:
            raise ValueError(
                f"{name} must have shape {axes_of(names, sizes)}; "
                f"got {shape_of(name, array)}"
            )
        sizes |= found


def axes_of(names: list[str], sizes: dict[str, Any]) -> str:
    """Write named axes as a tuple, with their sizes as far as these are known."""
    axes: list[str] = []
    for name in names:
        if name in sizes and name == "...":
            axes += map(str, sizes[name])
        else:
            axes.append(f"{name}={sizes[name]}" if name in sizes else name)
    return f"({', '.join(axes)}{',' * (len(axes) == 1)})"


def dtype_name(array: Any) -> str:
    """Name the entries' type alike in every language: `float32`, `int64`, `bool`."""
    return getattr(array.dtype, "name", str(array.dtype)).removeprefix("torch.")


def shape_of(name: str, array: Any) -> str:
    """Print the shape alike in every language, as a plain tuple."""
    return f"{name}.shape={tuple(array.shape)}"
