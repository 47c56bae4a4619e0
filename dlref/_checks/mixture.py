"""What chooses experts: logits, the bias on a choice, the experts themselves, sizes."""

from collections.abc import Sequence
from typing import Any

from dlref._checks.arrays import (
    check_finite,
    check_floating,
    check_integers,
    check_long,
    check_same_dtype,
    extremes,
    require,
    require_length,
    require_shapes,
)
from dlref._checks.numbers import check_positive, check_sizes


def check_chosen(num_experts: int, k: int) -> None:
    """Refuse to choose no expert, or more than there are."""
    check_sizes(k=k)
    require(k <= num_experts, f"k must be at most {num_experts}, the experts", k=k)


def check_router_logits(logits: Any, k: int) -> None:
    """Refuse logits without experts, and those of which none is largest."""
    check_floating("logits", logits)
    require_shapes(logits.ndim > 0, "logits must have an axis of experts", logits=logits)
    check_chosen(logits.shape[-1], k)
    check_finite("logits", logits)


def check_biased(logits: Any, bias: Any, k: int) -> None:
    """Refuse a bias that is not one number for each expert, or too short to grow."""
    check_router_logits(logits, k)
    check_bias(bias)
    require_length("bias", bias, experts=logits.shape[-1])


def check_bias(bias: Any) -> None:
    """Refuse a bias that is no vector, or of 16 bits, which would lose its steps."""
    check_long("bias", bias, "its steps are small")
    fits = bias.ndim == 1 and bias.shape[0] > 0
    require_shapes(fits, "bias must have shape (experts,)", bias=bias)
    check_finite("bias", bias)


def check_step(bias: Any, counts: Any, rate: float) -> None:
    """Refuse counts that are not one for each expert, and a step away from balance."""
    check_bias(bias)
    check_integers("counts", counts)
    require_length("counts", counts, experts=bias.shape[0])
    for value in extremes(counts) or ():
        require(value >= 0, "counts must be at least 0", counts=value)
    check_positive(rate=rate)


def check_mixture(x: Any, router: Any, experts: Sequence[Any]) -> None:
    """Refuse a router that does not fit the tokens, or not the experts."""
    check_floating("x", x)
    require_shapes(x.ndim > 0, "x must have shape (..., d_model)", x=x)
    check_floating("router", router)
    check_same_dtype("x", x, router=router)
    shape = len(experts), x.shape[-1]
    what = f"router must have shape (experts={shape[0]}, d_model={shape[1]})"
    require_shapes(tuple(router.shape) == shape, what, router=router)
    require(x.shape[-1] > 0, "d_model must be at least 1", d_model=x.shape[-1])


def check_output(i: int, output: Any, tokens: Any) -> None:
    """Refuse an output of another shape: one number for a token would broadcast."""
    what = f"experts[{i}] must return the shape that it is given"
    require_shapes(output.shape == tokens.shape, what, output=output, given=tokens)


def check_balance(logits: Any, k: int) -> None:
    """Refuse logits of no token: a mean of nothing."""
    check_router_logits(logits, k)
    what = "logits must hold at least one token"
    require_shapes(0 not in logits.shape, what, logits=logits)


def check_mixture_sizes(num_experts: int, k: int, **sizes: int) -> None:
    """Refuse empty sizes, and more experts for a token than there are."""
    check_sizes(num_experts=num_experts, **sizes)
    check_chosen(num_experts, k)


def check_capacity(num_tokens: int, num_experts: int, k: int, factor: Any) -> None:
    """Refuse empty sizes, and room for nothing or without end."""
    check_mixture_sizes(num_experts, k, num_tokens=num_tokens)
    check_positive(factor=factor)
