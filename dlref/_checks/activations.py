"""Activation functions: what they act on, and the numbers that shape them."""

import sys
from typing import Any

from dlref._checks.arrays import (
    check_alike,
    check_floating,
    check_rows,
    check_shares,
    extremes,
    is_tensor,
    require,
    require_shapes,
)
from dlref._checks.numbers import check_limited, check_positive


def check_leaky(x: Any, negative_slope: float) -> None:
    """Refuse entries that are not floating point, and a slope without end, or NaN."""
    check_floating("x", x)
    check_limited(negative_slope=negative_slope)


def check_shaped(x: Any, **above: float) -> None:
    """Refuse entries that are not floating point, and a number that is not above 0."""
    check_floating("x", x)
    check_positive(**above)


def check_pre_activations(pre_activations: Any) -> None:
    """Refuse what has no units, or no example: of none, each unit would be dead."""
    check_rows("pre_activations", pre_activations)
    what = "pre_activations must hold at least one example"
    fits = 0 not in pre_activations.shape[:-1]
    require_shapes(fits, what, pre_activations=pre_activations)


def check_logits(logits: Any) -> None:
    """Refuse what has no class, NaN, +∞, and a row of −∞ alone.

    From ∞ the largest cannot be taken: the libraries return NaN, or a gradient of NaN.
    """
    check_classes("logits", logits)
    peaks = logits.amax(-1) if is_tensor(logits) else logits.max(-1)  # NaN, if one is
    for peak in extremes(peaks) or ():
        got = {"logits.max(-1)": peak}
        require(peak <= sys.float_info.max, "logits must be finite or −∞", **got)
        fits = peak >= -sys.float_info.max
        require(fits, "logits must not be −∞ in a whole row", **got)


def check_cooled(logits: Any, temperature: float) -> None:
    """Refuse logits that no softmax takes, and a temperature that is not above 0."""
    check_logits(logits)
    check_positive(temperature=temperature)


def check_softmax_gradient(probabilities: Any, grad: Any) -> None:
    """Refuse what is no distribution, and a gradient of another type or shape."""
    check_classes("probabilities", probabilities)
    check_shares("probabilities", probabilities)
    check_alike("probabilities", probabilities, grad=grad)


def check_classes(name: str, array: Any) -> None:
    """Refuse what has no class on its last axis."""
    check_rows(name, array)
    what = f"{name} must have at least one class on the last axis"
    require_shapes(array.shape[-1] > 0, what, **{name: array})
