"""Logits, and the targets and weights that belong to them."""

from typing import Any

from dlref._checks.arrays import (
    check_dtype,
    check_floating,
    check_integers,
    check_probabilities,
    check_same_shape,
    check_shares,
    dtype_name,
    extremes,
    lengthened,
    require,
    require_shapes,
)
from dlref._checks.numbers import (
    check_alpha,
    check_non_negative,
    check_open_probability,
    check_scale,
    check_sizes,
)


def check_binary_examples(
    logits: Any, targets: Any, *, alpha: float | None, gamma: float = 0.0
) -> None:
    """Refuse what is not one answer or probability per logit, and α or γ out of range."""
    check_non_negative(gamma=gamma)
    check_alpha(alpha)
    check_floating("logits", logits)
    what = "be boolean, True = positive class, or floating point, its probability"
    check_dtype("targets", targets, ("bool", "float", "bfloat"), what)
    check_same_shape("logits", logits, targets=targets)
    if dtype_name(targets) != "bool":
        check_probabilities("targets", targets)


def check_class_examples(
    logits: Any,
    targets: Any,
    class_weights: Any,
    *,
    gamma: float = 0.0,
    ignore_index: int | None = None,
) -> None:
    """Refuse what is not one class index per row, one weight per class, and γ ≥ 0."""
    check_non_negative(gamma=gamma)
    check_class_logits(logits)
    check_integers("targets", targets, "be integers, one class index per example")
    fits = tuple(targets.shape) == tuple(logits.shape[:-1])
    what = "targets must have the shape of logits without the classes"
    require_shapes(fits, what, targets=targets, logits=logits)
    if ignore_index is not None:
        check_sizes(at_least=-(2**63), ignore_index=ignore_index)  # of 64 bits
        targets = lengthened(targets)  # to uint8, −100 would be 156
        targets = targets * (targets != ignore_index)  # class 0 is one
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


def check_distributions(logits: Any, probabilities: Any) -> None:
    """Refuse what is not one distribution over the classes per row."""
    check_class_logits(logits)
    check_floating("probabilities", probabilities)
    check_same_shape("logits", logits, probabilities=probabilities)
    check_shares("probabilities", probabilities)


def check_class_logits(logits: Any, name: str = "logits") -> None:
    """Refuse logits that are no array, not floating point or of fewer than 2 classes."""
    check_floating(name, logits)
    enough = logits.ndim > 0 and logits.shape[-1] >= 2
    what = f"{name} must have at least 2 classes on the last axis"
    require_shapes(enough, what, **{name: logits})


def check_truth(eta: Any, *, alpha: float | None, gamma: float = 0.0) -> None:
    """Refuse true probabilities outside [0, 1], and α or γ out of range."""
    check_probabilities("eta", eta)
    require_shapes(0 not in eta.shape, "eta must not be empty", eta=eta)
    check_non_negative(gamma=gamma)
    if alpha is not None:
        check_open_probability("alpha", alpha)


def check_token_losses(losses: Any, mask: Any) -> None:
    """Refuse a mask that is not one truth per token, and one by which none counts."""
    check_floating("losses", losses)
    check_dtype("mask", mask, ("bool",), "be boolean, True = the token counts")
    check_same_shape("losses", losses, mask=mask)
    what = "mask must let at least one token count"
    require_shapes(0 not in mask.shape, what, mask=mask)
    for _, last in filter(None, [extremes(mask)]):
        require(last, what, **{"mask.any()": last})


def check_text_loss(loss: float, num_bytes: int) -> None:
    """Refuse a loss that is no sum of nats, and a text without a byte."""
    check_non_negative(loss=loss)
    check_sizes(num_bytes=num_bytes)


def check_capped(logits: Any, cap: float) -> None:
    """Refuse logits that are not floating point, and a cap that bounds nothing."""
    check_floating("logits", logits)
    check_scale(cap=cap)
