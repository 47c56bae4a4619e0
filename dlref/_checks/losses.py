"""Logits, and the targets and weights that belong to them."""

from typing import Any

from dlref._checks.arrays import check_array, check_floating, dtype_name, shape_of


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
