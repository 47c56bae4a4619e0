"""Logits, and the targets and weights that belong to them."""

from typing import Any

from dlref._checks.arrays import (
    check_array,
    check_floating,
    check_probabilities,
    dtype_name,
    shape_of,
)
from dlref._checks.numbers import (
    check_alpha,
    check_non_negative,
    check_open_probability,
)


def check_binary_examples(
    logits: Any, targets: Any, *, alpha: float | None, gamma: float = 0.0
) -> None:
    """Refuse what is not one boolean target per logit, and α or γ out of range."""
    check_non_negative(gamma=gamma)
    check_alpha(alpha)
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


def check_class_examples(
    logits: Any, targets: Any, *, class_weights: Any, gamma: float = 0.0
) -> None:
    """Refuse what is not one class index per row, one weight per class, and γ ≥ 0."""
    check_non_negative(gamma=gamma)
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


def check_truth(eta: Any, *, alpha: float | None, gamma: float = 0.0) -> None:
    """Refuse true probabilities outside [0, 1], and α or γ out of range."""
    check_probabilities("eta", eta)
    check_non_negative(gamma=gamma)
    if alpha is not None:
        check_open_probability("alpha", alpha)
