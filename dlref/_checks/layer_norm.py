"""What is normed, over its features or over groups of channels, with gain and shift."""

from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_gradient,
    check_rows,
    check_same_dtype,
    require,
    require_length,
    require_shapes,
)
from dlref._checks.numbers import check_non_negative, check_sizes


def check_width(embed_dim: int, eps: float) -> None:
    """Refuse a module that norms nothing, or with a negative ε."""
    check_sizes(embed_dim=embed_dim)
    check_non_negative(eps=eps)


def check_normed(x: Any, eps: float, **gains: Any) -> None:
    """Refuse rows without features, and gains that are not one for each feature."""
    check_rows("x", x)
    what = "x must have at least one feature"
    require_shapes(x.shape[-1] > 0, what, x=x)
    check_non_negative(eps=eps)
    check_gains("x", x, "features", x.shape[-1], **gains)


def check_normed_backward(grad: Any, x: Any, eps: float, **gains: Any) -> None:
    """Refuse a gradient that does not fit what was normed."""
    check_floating("grad", grad)
    check_normed(x, eps)
    check_gradient(grad, x)
    check_gains("grad", grad, "features", x.shape[-1], **gains)


def check_grouped(x: Any, num_groups: int, eps: float, **gains: Any) -> None:
    """Refuse groups that differ in size or hold nothing, and gains not of channels."""
    check_floating("x", x)
    what = "x must have shape (batch, channels, ...), with entries in each channel"
    require_shapes(x.ndim >= 2 and 0 not in x.shape[1:], what, x=x)
    check_sizes(num_groups=num_groups)
    channels = x.shape[1]
    what = "num_groups must divide channels"
    got = {"num_groups": num_groups, "channels": channels}
    require(channels % num_groups == 0, what, **got)
    check_non_negative(eps=eps)
    check_gains("x", x, "channels", channels, **gains)


def check_gains(first: str, like: Any, axis: str, size: int, **gains: Any) -> None:
    """Refuse gains of another type than the first array, or of another length."""
    for name, gain in gains.items():
        if gain is not None:
            check_floating(name, gain)
            check_same_dtype(first, like, **{name: gain})
            require_length(name, gain, **{axis: size})
