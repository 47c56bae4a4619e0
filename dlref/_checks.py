"""What the functions refuse, in one wording for every language.

Only `.shape`, `.dtype`, `.min()`, `.max()` and comparisons are used, so that the same
lines read a NumPy array and a torch tensor. Every message follows one pattern:
`<name> must <requirement>; got <name>=<value>`.
"""

from typing import Any


def check_gamma(gamma: float) -> None:
    """Refuse a focusing exponent below zero, and NaN."""
    if not gamma >= 0:
        raise ValueError(f"gamma must be at least 0; got gamma={gamma}")


def check_alpha(alpha: float | None) -> None:
    """Refuse a weight of the positive class outside [0, 1], and NaN."""
    if alpha is not None and not 0 <= alpha <= 1:
        raise ValueError(f"alpha must be between 0 and 1; got alpha={alpha}")


def check_binary_examples(logits: Any, targets: Any) -> None:
    """Refuse what is not one boolean target per logit."""
    check_logits(logits)
    check_array("targets", targets)
    if dtype_name(targets) != "bool":
        raise TypeError(
            "targets must be boolean, True = positive class; "
            f"got targets.dtype={dtype_name(targets)}"
        )
    if tuple(targets.shape) != tuple(logits.shape):  # (5, 1) and (5,) would broadcast
        raise ValueError(
            "targets must have the shape of logits; "
            f"got {shape_of('targets', targets)}, {shape_of('logits', logits)}"
        )


def check_class_examples(logits: Any, targets: Any, class_weights: Any = None) -> None:
    """Refuse what is not one class index per row of logits, one weight per class."""
    check_logits(logits)
    if logits.ndim == 0 or logits.shape[-1] < 2:
        raise ValueError(
            "logits must have at least 2 classes on the last axis; "
            f"got {shape_of('logits', logits)}"
        )
    check_array("targets", targets)
    if not dtype_name(targets).startswith(("int", "uint")):
        raise TypeError(
            "targets must be integers, one class index per example; "
            f"got targets.dtype={dtype_name(targets)}"
        )
    if tuple(targets.shape) != tuple(logits.shape[:-1]):
        raise ValueError(
            "targets must have the shape of logits without the classes; "
            f"got {shape_of('targets', targets)}, {shape_of('logits', logits)}"
        )
    last = logits.shape[-1] - 1
    for target in int(targets.min()), int(targets.max()):
        if not 0 <= target <= last:  # NumPy would count −1 and −100 from the end
            raise ValueError(
                f"targets must be between 0 and {last}; got targets={target}"
            )
    if class_weights is not None:
        check_class_weights(class_weights, logits)


def check_class_weights(class_weights: Any, logits: Any) -> None:
    """Refuse what is not one weight of at least zero per class."""
    check_floating("class_weights", class_weights)
    if tuple(class_weights.shape) != tuple(logits.shape[-1:]):
        raise ValueError(
            "class_weights must hold one weight per class; "
            f"got {shape_of('class_weights', class_weights)}, "
            f"{shape_of('logits', logits)}"
        )
    lowest = class_weights.min()
    if not lowest >= 0:
        raise ValueError(
            f"class_weights must be at least 0; got class_weights={float(lowest)}"
        )


def check_logits(logits: Any) -> None:
    """Refuse logits that are no array, not floating point or empty."""
    check_floating("logits", logits)
    if 0 in logits.shape:
        raise ValueError(f"logits must not be empty; got {shape_of('logits', logits)}")


def check_floating(name: str, array: Any) -> None:
    """Refuse an array whose entries are not floating point."""
    check_array(name, array)
    if not dtype_name(array).startswith(("float", "bfloat")):
        raise TypeError(
            f"{name} must be floating point; got {name}.dtype={dtype_name(array)}"
        )


def check_array(name: str, array: Any) -> None:
    """Refuse a list or a number where an array is meant."""
    if not (hasattr(array, "shape") and hasattr(array, "dtype")):
        raise TypeError(
            f"{name} must be an array or a tensor; "
            f"got type({name})={type(array).__name__}"
        )


def dtype_name(array: Any) -> str:
    """Name the entries' type alike in every language: `float32`, `int64`, `bool`."""
    return getattr(array.dtype, "name", str(array.dtype)).removeprefix("torch.")


def shape_of(name: str, array: Any) -> str:
    """Print the shape alike in every language, as a plain tuple."""
    return f"{name}.shape={tuple(array.shape)}"


def check_sizes(**sizes: int) -> None:
    """Refuse a size that is no Python int or is below one; arrays' integers overflow."""
    for name, size in sizes.items():
        if type(size) is not int:  # True is an int to isinstance
            raise TypeError(
                f"{name} must be a Python int; got type({name})={type(size).__name__}"
            )
        if size < 1:
            raise ValueError(f"{name} must be at least 1; got {name}={size}")


def check_open_probability(name: str, value: float) -> None:
    """Refuse a probability of 0 or 1, what lies outside of them, and NaN."""
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1; got {name}={value}")


def check_probabilities(name: str, array: Any) -> None:
    """Refuse an array that is not floating point, is empty or leaves [0, 1]."""
    check_floating(name, array)
    if 0 in array.shape:
        raise ValueError(f"{name} must not be empty; got {shape_of(name, array)}")
    for value in float(array.min()), float(array.max()):
        if not 0 <= value <= 1:
            raise ValueError(f"{name} must be between 0 and 1; got {name}={value}")
