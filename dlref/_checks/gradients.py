"""Gradients to be clipped: a list of arrays, all finite, and a bound above 0."""

import math
from collections.abc import Sequence
from typing import Any

from dlref._checks.arrays import check_floating, extremes, require


def check_clipped(grads: Sequence[Any], **bound: float) -> None:
    """Refuse a bound that is not above 0, and no gradients or some that are not finite.

    An infinite bound clips nothing. A negative one would turn the gradients around.
    """
    for name, value in bound.items():
        require(value > 0, f"{name} must be above 0", **{name: value})
    require(len(grads) > 0, "grads must hold at least one array", grads=[])
    entries = sum(math.prod(grad.shape) for grad in grads)
    for i, grad in enumerate(grads):
        check_floating(f"grads[{i}]", grad)
        for value in extremes(grad) or ():
            what = f"grads[{i}] must be finite, and {entries} times its square too"
            fits = math.isfinite(entries * value * value)
            require(fits, what, **{f"grads[{i}]": value})


def check_differentiated(module: Any) -> None:
    """Refuse what has no parameters, and parameters none of which has a gradient."""
    if not hasattr(module, "named_parameters"):
        raise TypeError(
            f"module must be a torch.nn.Module; got type(module)={type(module).__name__}"
        )
    has_one = any(weight.grad is not None for weight in module.parameters())
    what = "module must have a gradient, so call backward() first"
    require(has_one, what, module=type(module).__name__)
