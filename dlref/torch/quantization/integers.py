r"""Quantization: a small integer for each number, and a scale that many of them share.

With b bits, a scale s and a zero point z, a number x becomes the integer q, and comes
back as x̂:

$$
\begin{aligned}
q &= \operatorname{clip}(\operatorname{round}(x / s) + z, \, 0, \, 2^b - 1) \\
\hat x &= s \, (q - z)
\end{aligned}
$$

That is the affine grid. The symmetric one has z = 0, and integers between ∓(2^(b−1) − 1):
its zero is exact, its two sides are alike, and no product needs a correction. Inside the
range the error is at most s/2; if the numbers spread over many steps its mean square is
s²/12.

The scale is set by the largest number, so that one outlier makes the steps of all others
coarse. Fewer numbers for each scale, a row or a group, keep the damage small.

Source: Jacob et al. 2017, "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference" (scale and zero point).
https://arxiv.org/abs/1712.05877

Question: [DL0073][dl0073]
"""

from operator import index
from typing import NamedTuple

import torch
from jaxtyping import Float, Int8, Integer
from torch import Tensor

from dlref._checks.quantization import (
    check_groups,
    check_levels,
    check_quantized,
    check_rounded,
    check_shared,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = [
    "AffineParameters",
    "absmax_scale",
    "affine_parameters",
    "dequantize",
    "quantize",
    "quantize_groups",
]


class AffineParameters(NamedTuple):
    """The grid of integers from 0 to 2ᵇ − 1 on which numbers are rounded.

    Attributes:
        scale: Distance s of two neighbors.
        zero_point: The integer z that stands for 0.
    """

    scale: Float[Tensor, ""]
    zero_point: Integer[Tensor, ""]


@public
def absmax_scale(
    x: Float[Tensor, "*axes"], *, bits: int = 8, axis: int | None = None
) -> Float[Tensor, "..."]:
    """Return the scale that takes the largest number to the largest integer.

    Nothing is clipped: an outlier makes the steps of all numbers coarse that share its
    scale.

    Args:
        x: Numbers to be quantized.
        bits: Bits b of each, 2 to 8.
        axis: Axis along which numbers share a scale: −1 gives a weight (out, in) one for
            each output. None is one for all.

    Returns:
        max |x| / (2^(b−1) − 1), in 32 bits or more; the axis stays, with size 1. It is 1
        where all are zero, or too small for the scale to be a normal number.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x is empty or not finite, bits is out of range, or axis is none.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import absmax_scale

        weight = torch.tensor([[0.5, -1.27], [12.7, 0.0]])
        print(absmax_scale(weight).numpy().round(3))
        print(absmax_scale(weight, axis=-1).numpy().round(3))
        ```

        ```text {.output}
        0.1
        [[0.01]
         [0.1 ]]
        ```
    """
    check_shared(x, bits, axis)

    sizes = widened(x).abs()
    largest = sizes.max() if axis is None else sizes.amax(dim=axis, keepdim=True)
    return _usable(largest / _top(bits))


@public
def affine_parameters(x: Float[Tensor, "*axes"], *, bits: int = 8) -> AffineParameters:
    """Return scale and zero point of a grid from the smallest number to the largest.

    The range is widened to hold 0, which then is one of its points: padding and what a
    ReLU cuts off stay zero.

    Args:
        x: Numbers to be quantized.
        bits: Bits b of each, 2 to 8.

    Returns:
        Scale (max − min) / (2ᵇ − 1), in 32 bits or more, and zero point
        round(−min / scale). The scale is 1 where all are zero, or too small for it to be
        a normal number.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x is empty or not finite, or bits is out of range.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import affine_parameters, quantize

        x = torch.tensor([-0.5, 0.0, 1.0, 3.25])
        scale, zero_point = affine_parameters(x, bits=4)
        print(scale, zero_point)
        print(quantize(x, scale, zero_point, bits=4, signed=False))
        ```

        ```text {.output}
        tensor(0.2500) tensor(2)
        tensor([ 0,  2,  6, 15], dtype=torch.uint8)
        ```
    """
    check_rounded(bits, x=x)

    wide, steps = widened(x), 2**bits - 1
    low, high = wide.min().clamp(max=0), wide.max().clamp(min=0)
    scale = _usable(high / steps - low / steps)
    return AffineParameters(scale, (-low / scale).round().long())


@public
def quantize(
    x: Float[Tensor, "*axes"],
    scale: Float[Tensor, "*#axes"] | float,
    zero_point: Integer[Tensor, "*#axes"] | int = 0,
    *,
    bits: int = 8,
    signed: bool = True,
) -> Integer[Tensor, "*axes"]:
    """Round each number to the nearest point of the grid, and return which one it is.

    Halves go to the even integer. What lies beyond the grid is clipped, before the cast:
    a cast alone would wrap around.

    Args:
        x: Numbers to be quantized.
        scale: Distance s of two neighbors, above 0: a tensor that broadcasts
            to x, or a number between 1e-30 and 1e30.
        zero_point: Integer z that stands for 0, on the grid.
        bits: Bits b of each, 2 to 8.
        signed: Whether the grid is symmetric, −(2^(b−1) − 1) to 2^(b−1) − 1; False is 0
            to 2ᵇ − 1.

    Returns:
        Integers of one byte each, however few bits they need: int8, or uint8.

    Raises:
        TypeError: If x or scale is not floating point, or zero_point no integer.
        ValueError: If x is empty or not finite, scale is not above 0 or, like
            zero_point, does not broadcast to x, or zero_point or bits is out of range.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import quantize

        print(quantize(torch.tensor([0.26, -0.9, 0.04, 99.0]), 0.1, bits=4))
        ```

        ```text {.output}
        tensor([ 3, -7,  0,  7], dtype=torch.int8)
        ```
    """
    check_quantized(x, scale, zero_point, bits, signed=signed)

    ends = _ends(bits, signed=signed)
    scale, zero_point = _taken(scale, zero_point)
    points = (widened(x) / scale).round() + zero_point
    return points.clamp(*ends).to(torch.int8 if signed else torch.uint8)


@public
def dequantize(
    q: Integer[Tensor, "*axes"],
    scale: Float[Tensor, "*#axes"] | float,
    zero_point: Integer[Tensor, "*#axes"] | int = 0,
) -> Float[Tensor, "*axes"]:
    """Return the numbers for which the integers stand: s (q − z).

    The difference is taken in 32 bits: in 8, it would wrap around.

    Args:
        q: Integers, as `quantize` returns them.
        scale: Distance s of two neighbors, above 0: a tensor that broadcasts
            to q, or a number between 1e-30 and 1e30.
        zero_point: Integer z that stands for 0.

    Returns:
        Numbers of the type of scale; of the library's usual one if it is a number.

    Raises:
        TypeError: If q is neither int8 nor uint8, scale is not floating point, or
            zero_point no integer.
        ValueError: If scale is not above 0 or, like zero_point, does not broadcast to q,
            or zero_point is no integer that q could have.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import dequantize

        print(dequantize(torch.tensor([0, 2, 15], dtype=torch.uint8), 0.5, 2))
        ```

        ```text {.output}
        tensor([-1.0000,  0.0000,  6.5000])
        ```
    """
    check_levels(q, scale, zero_point)

    scale, zero_point = _taken(scale, zero_point)
    if not isinstance(scale, Tensor):
        scale = torch.tensor(scale, device=q.device)
    return scale * (q.int() - zero_point).to(scale.dtype)


@public
def quantize_groups(
    weight: Float[Tensor, "*batch inputs"], *, bits: int = 4, group_size: int = 128
) -> tuple[Int8[Tensor, "*batch inputs"], Float[Tensor, "*batch groups"]]:
    """Quantize numbers that lie side by side with a scale of their own for each group.

    An outlier then spoils one group. Each scale takes room: with 16 bits for each 128
    numbers, 4 bits become 4.125.

    Args:
        weight: Weights (out, in), or any array; groups lie along the last axis.
        bits: Bits b of each, 2 to 8.
        group_size: Numbers g of a group, which divides the last axis.

    Returns:
        Integers between ∓(2^(b−1) − 1), and the scale of each group, in 32 bits or more:
        weight.shape[-1] / g in a row.

    Raises:
        TypeError: If weight is not floating point.
        ValueError: If weight is empty or not finite, bits is out of range, or group_size
            does not divide the last axis.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import dequantize, quantize_groups

        weight = torch.tensor([[7.0, -2.4, 28.0, 9.0]])
        q, scales = quantize_groups(weight, group_size=2)
        back = dequantize(q.reshape(1, 2, 2), scales[..., None])
        print(q.tolist(), scales.tolist(), back.reshape(1, 4).tolist())
        ```

        ```text {.output}
        [[7, -2, 7, 2]] [[1.0, 4.0]] [[7.0, -2.0, 28.0, 8.0]]
        ```
    """
    check_groups(weight, bits, group_size)

    groups = weight.reshape(*weight.shape[:-1], -1, group_size)
    scale = absmax_scale(groups, bits=bits, axis=-1)
    q = quantize(groups, scale, bits=bits)
    return q.reshape(weight.shape), scale[..., 0]


def _taken(
    scale: Float[Tensor, "..."] | float, zero_point: Integer[Tensor, "..."] | int
) -> tuple[Float[Tensor, "..."] | float, Integer[Tensor, "..."] | int]:
    """Take numbers of any library as Python's, and tensors as they are."""
    is_tensor = isinstance(scale, Tensor), isinstance(zero_point, Tensor)
    return (
        scale if is_tensor[0] else float(scale),
        zero_point if is_tensor[1] else index(zero_point),
    )


def _top(bits: int) -> int:
    """Return the largest integer of the symmetric grid."""
    return int(2 ** (bits - 1) - 1)


def _ends(bits: int, *, signed: bool) -> tuple[int, int]:
    """Return the smallest and the largest integer."""
    return (-_top(bits), _top(bits)) if signed else (0, 2**bits - 1)


def _usable(scale: Float[Tensor, "*axes"]) -> Float[Tensor, "*axes"]:
    """Replace a scale of 0, or one that lost its digits, by 1."""
    return scale.masked_fill(scale < torch.finfo(scale.dtype).tiny, 1)
