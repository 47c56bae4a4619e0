"""What is normed by channel: batches, running statistics, and weights before them."""

import math
from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_gradient,
    check_integers,
    check_same_dtype,
    extremes,
    require,
    require_length,
    require_shapes,
)
from dlref._checks.layer_norm import check_gains
from dlref._checks.numbers import check_positive, check_within_one


def check_batch(x: Any, eps: float, **gains: Any) -> None:
    """Refuse a batch with one value per channel, and gains that do not fit."""
    check_channels(x, eps, **gains)
    what = "x must hold more than one value per channel"
    require_shapes(x.shape[0] * math.prod(x.shape[2:]) > 1, what, x=x)


def check_batch_backward(grad: Any, x: Any, eps: float, scale: Any) -> None:
    """Refuse a gradient that does not fit what was normed."""
    check_floating("grad", grad)
    check_batch(x, eps)
    check_gradient(grad, x)
    check_gains("grad", grad, "channels", x.shape[1], scale=scale)


def check_inference(x: Any, state: Any, eps: float, **gains: Any) -> None:
    """Refuse running statistics of other channels."""
    check_channels(x, eps, **gains)
    check_state(state, x.shape[1])


def check_update(state: Any, x: Any, momentum: float) -> None:
    """Refuse a share of the new batch outside [0, 1], and what has no variance."""
    check_batch(x, 1.0)
    check_state(state, x.shape[1])
    check_within_one(momentum=momentum)


def check_parts(counts: Any, means: Any, variances: Any) -> None:
    """Refuse parts that hold nothing, and statistics that are not one row for each."""
    check_integers("counts", counts)
    check_floating("means", means)
    check_floating("variances", variances)
    check_same_dtype("means", means, variances=variances)
    fits = means.ndim == 2 and means.shape == variances.shape and len(means) > 0
    what = "means and variances must have shape (parts, channels)"
    require_shapes(fits, what, means=means, variances=variances)
    require_length("counts", counts, parts=len(means))
    for value in (extremes(counts) or ())[:1]:
        require(value > 0, "counts must be positive", counts=value)


def check_folded(weight: Any, bias: Any, state: Any, eps: float, **gains: Any) -> None:
    """Refuse statistics and gains that are not one for each output of the weight."""
    check_floating("weight", weight)
    what = "weight must have shape (channels, inputs, ...)"
    require_shapes(weight.ndim >= 2, what, weight=weight)
    check_positive(eps=eps)  # as PyTorch asks in training
    check_gains("weight", weight, "channels", weight.shape[0], bias=bias, **gains)
    check_state(state, weight.shape[0])


def check_channels(x: Any, eps: float, **gains: Any) -> None:
    """Refuse what has no axis of channels, and gains that are not one for each."""
    check_floating("x", x)
    require_shapes(x.ndim >= 2, "x must have shape (batch, channels, ...)", x=x)
    check_positive(eps=eps)
    check_gains("x", x, "channels", x.shape[1], **gains)


def check_state(state: Any, channels: int) -> None:
    """Refuse statistics that are not one for each channel, or a negative variance."""
    for name, values in (("mean", state.mean), ("var", state.var)):
        check_floating(name, values)
        require_length(name, values, channels=channels)
    for value in (extremes(state.var) or ())[:1]:
        require(value >= 0, "var must be at least 0", var=value)
