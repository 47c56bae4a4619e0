"""Convolution and pooling: kernels that fit into the image, channels that match."""

from collections.abc import Sequence
from typing import Any

from dlref._checks.arrays import (
    check_floating,
    check_same_dtype,
    refuse,
    require,
    require_length,
    require_shapes,
)
from dlref._checks.numbers import check_sizes, is_integer


def check_places(*, padding: int, **sizes: int) -> None:
    """Refuse a kernel, a stride or a dilation of nothing, and a negative padding."""
    check_sizes(**sizes)
    check_sizes(at_least=0, padding=padding)


def check_output_size(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> None:
    """Refuse a kernel that spans more than the padded input."""
    check_places(
        size=size,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    got = {"kernel_size": kernel_size, "size": size}
    _check_span("kernel_size", "size", [size], [kernel_size], padding, dilation, got)


def check_transposed_size(
    size: int,
    kernel_size: int,
    stride: int,
    padding: int,
    output_padding: int,
    dilation: int,
) -> None:
    """Refuse more output padding than a stride leaves open, and what leaves no output."""
    check_places(
        size=size,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
    )
    got = {"kernel_size": kernel_size, "size": size}
    _check_stamped([size], [kernel_size], stride, padding, output_padding, dilation, got)


def check_layers(layers: Sequence[Any]) -> None:
    """Refuse a layer that is not kernel size, stride and dilation."""
    for i, layer in enumerate(layers):
        name = f"layers[{i}]"
        if not isinstance(layer, tuple | list):
            refuse(name, "be a tuple (kernel_size, stride, dilation)", layer)
        whole = len(layer) == 3 and all(is_integer(size) and size > 0 for size in layer)
        what = f"{name} must hold three whole numbers of at least 1"
        require(whole, what, **{name: tuple(layer)})


def check_channels(in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse channels that are not divisible by the groups."""
    check_sizes(in_channels=in_channels, out_channels=out_channels, groups=groups)
    _check_groups("in_channels", in_channels, groups)
    _check_groups("out_channels", out_channels, groups)


def check_patches(
    x: Any, kernel_size: int, stride: int, padding: int, dilation: int
) -> None:
    """Refuse what is no image with channels, and a kernel that does not fit into it."""
    _check_image(x, "channels", "height", "width")
    check_places(
        kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation
    )
    got = {"kernel_size": kernel_size, "x.shape": tuple(x.shape)}
    kernel = [kernel_size] * 2
    _check_span("kernel_size", "x", x.shape[-2:], kernel, padding, dilation, got)


def check_convolution(
    x: Any,
    weight: Any,
    bias: Any,
    stride: int,
    padding: int,
    dilation: int,
    groups: int,
) -> None:
    """Refuse a weight of other channels, and one that does not fit into the image."""
    _check_weight(x, weight, "(out_channels, channels / groups, height, width)")
    check_places(stride=stride, padding=padding, dilation=dilation, groups=groups)
    fits = x.shape[-3] == weight.shape[1] * groups
    what = "x must have weight.shape[1] * groups channels"
    got = {"x.shape": tuple(x.shape), "weight.shape": tuple(weight.shape)}
    require(fits, what, **got, groups=groups)
    _check_groups("weight.shape[0]", weight.shape[0], groups)
    _check_bias(x, bias, weight.shape[0])
    kernel = weight.shape[-2:]
    _check_span("weight", "x", x.shape[-2:], kernel, padding, dilation, got)


def check_transposed(
    x: Any,
    weight: Any,
    bias: Any,
    stride: int,
    padding: int,
    output_padding: int,
    dilation: int,
    groups: int,
) -> None:
    """Refuse a weight of other channels, and padding that does not fit."""
    _check_weight(x, weight, "(channels, out_channels / groups, height, width)")
    check_places(stride=stride, padding=padding, dilation=dilation, groups=groups)
    what = "x must have weight.shape[0] channels"
    require_shapes(x.shape[-3] == weight.shape[0], what, x=x, weight=weight)
    _check_groups("weight.shape[0]", weight.shape[0], groups)
    _check_bias(x, bias, weight.shape[1] * groups)
    sizes, kernel = x.shape[-2:], weight.shape[-2:]
    got = {"x.shape": tuple(x.shape), "weight.shape": tuple(weight.shape)}
    _check_stamped(sizes, kernel, stride, padding, output_padding, dilation, got)


def check_pooling(x: Any, kernel_size: int, stride: int | None, padding: int) -> None:
    """Refuse windows that do not fit, and padding of which a window could be full."""
    _check_image(x, "height", "width")
    check_sizes(kernel_size=kernel_size, stride=stride)
    check_sizes(at_least=0, padding=padding)
    what = "padding must be at most half of kernel_size"
    half = 2 * padding <= kernel_size
    require(half, what, padding=padding, kernel_size=kernel_size)
    got = {"kernel_size": kernel_size, "x.shape": tuple(x.shape)}
    _check_span("kernel_size", "x", x.shape[-2:], [kernel_size] * 2, padding, 1, got)


def _check_image(x: Any, *axes: str) -> None:
    check_floating("x", x)
    fits = x.ndim >= len(axes) and 0 not in x.shape[-len(axes) :]
    what = f"x must have shape (..., {', '.join(axes)}), none of these 0"
    require_shapes(fits, what, x=x)


def _check_weight(x: Any, weight: Any, shape: str) -> None:
    _check_image(x, "channels", "height", "width")
    check_floating("weight", weight)
    check_same_dtype("x", x, weight=weight)
    fits = weight.ndim == 4 and 0 not in weight.shape
    require_shapes(fits, f"weight must have shape {shape}, none of 0", weight=weight)


def _check_groups(name: str, count: int, groups: int) -> None:
    what = f"{name} must be divisible by groups"
    require(count % groups == 0, what, **{name: count, "groups": groups})


def _check_bias(x: Any, bias: Any, out_channels: int) -> None:
    if bias is not None:
        check_floating("bias", bias)
        check_same_dtype("x", x, bias=bias)
        require_length("bias", bias, out_channels=out_channels)


def _check_span(
    kernel: str,
    padded: str,
    sizes: Sequence[int],
    kernel_sizes: Sequence[int],
    padding: int,
    dilation: int,
    got: dict[str, Any],
) -> None:
    pairs = zip(sizes, kernel_sizes, strict=True)
    fits = all(dilation * (k - 1) + 1 <= n + 2 * padding for n, k in pairs)
    what = f"{kernel} must span at most the padded {padded}"
    require(fits, what, **got, padding=padding, dilation=dilation)


def _check_stamped(
    sizes: Sequence[int],
    kernel_sizes: Sequence[int],
    stride: int,
    padding: int,
    output_padding: int,
    dilation: int,
    got: dict[str, Any],
) -> None:
    check_sizes(at_least=0, output_padding=output_padding)
    more = {"output_padding": output_padding, "stride": stride, "dilation": dilation}
    what = "output_padding must be below stride or dilation"
    require(output_padding < max(stride, dilation), what, **more)
    pairs = zip(sizes, kernel_sizes, strict=True)
    whole = min(stride * (n - 1) + dilation * (k - 1) + 1 for n, k in pairs)
    what = "padding must leave an output"
    require(whole + output_padding > 2 * padding, what, padding=padding, **got, **more)
