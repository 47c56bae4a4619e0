"""Logits, and the targets and weights that belong to them."""

from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_floating,
    check_integers,
    check_probabilities,
    extremes,
    require,
    require_shapes,
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
    check_dtype("targets", targets, ("bool",), "be boolean, True = positive class")
    same = tuple(targets.shape) == tuple(logits.shape)  # (5, 1) and (5,) would broadcast
    what = "targets must have the shape of logits"
    require_shapes(same, what, targets=targets, logits=logits)


def check_class_examples(
    logits: Any, targets: Any, *, class_weights: Any, gamma: float = 0.0
) -> None:
    """Refuse what is not one class index per row, one weight per class, and γ ≥ 0."""
    check_non_negative(gamma=gamma)
    check_logits(logits)
    enough = logits.ndim > 0 and logits.shape[-1] >= 2
    what = "logits must have at least 2 classes on the last axis"
    require_shapes(enough, what, logits=logits)
    check_integers("targets", targets, "be integers, one class index per example")
    fits = tuple(targets.shape) == tuple(logits.shape[:-1])
    what = "targets must have the shape of logits without the classes"
    require_shapes(fits, what, targets=targets, logits=logits)
    last = logits.shape[-1] - 1
    what = f"targets must be between 0 and {last}"
    for target in extremes(targets) or ():
        # NumPy would count −1 and −100 from the end.
        require(0 <= target <= last, what, targets=target)
    if class_weights is not None:
        check_class_weights(class_weights, logits)


def check_class_weights(class_weights: Any, logits: Any) -> None:
    """Refuse what is not one weight of at least zero per class."""
    check_floating("class_weights", class_weights)
    fits = tuple(class_weights.shape) == tuple(logits.shape[-1:])
    what = "class_weights must hold one weight per class"
    require_shapes(fits, what, class_weights=class_weights, logits=logits)
    for weight in extremes(class_weights) or ():
        require(weight >= 0, "class_weights must be at least 0", class_weights=weight)


def check_logits(logits: Any) -> None:
    """Refuse logits that are no array, not floating point or empty."""
    check_floating("logits", logits)
    require_shapes(0 not in logits.shape, "logits must not be empty", logits=logits)


def check_truth(eta: Any, *, alpha: float | None, gamma: float = 0.0) -> None:
    """Refuse true probabilities outside [0, 1], and α or γ out of range."""
    check_probabilities("eta", eta)
    check_non_negative(gamma=gamma)
    if alpha is not None:
        check_open_probability("alpha", alpha)
