r"""Cost of a convolution: the sizes of its output, its weights, and what one output sees.

<!-- formula
n, k, s, p = integer(20, 40), integer(1, 5), integer(1, 4), integer(0, 3)
d = integer(1, 3)
n_out = dlref.cost.conv_output_size(n, k, stride=s, padding=p, dilation=d)
C_in, C_out, g, m = 12, 24, 2 * integer(1, 3), integer(3, 9)
P = dlref.cost.conv_parameters(C_in, C_out, k, groups=g)
F = dlref.cost.conv_flops(C_in, C_out, k, m, groups=g)
-->

$$
\begin{aligned}
n_{\text{out}} &= \left\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \right\rfloor + 1 \\
P &= C_{\text{out}} \frac{C_{\text{in}}}{g} k^2 + C_{\text{out}} \\
F &= 2 m^2 C_{\text{out}} \frac{C_{\text{in}}}{g} k^2
\end{aligned}
$$

for a size n of the input, a kernel of size k, a stride s, p zeros on each side, a
dilation d, and g groups; the output has m by m places. The parameters do not depend on
the image, the FLOPs are proportional to the area of the output.

A unit of layer l spans r inputs, and its neighbor as many, moved by j:

<!-- formula
layers = [tuple(map(int, integer(1, 4, 3))) for _ in range(3)]
before, after = (dlref.cost.receptive_field(layers[:stop]) for stop in (2, 3))
r_l_1, j_l_1, r_l, j_l = *before, *after
k_l, s_l, d_l = layers[2]
-->

$$
\begin{aligned}
r_l &= r_{l-1} + d_l (k_l - 1) \, j_{l-1} \\
j_l &= j_{l-1} s_l
\end{aligned}
$$

from 1 and 1. A stride widens what all later layers see, but not its own.

A transposed convolution goes from a size that a convolution returns to one that it may
have had: where the stride is above 1 there are several, and o chooses.

<!-- formula
n, k, s, p, d = integer(3, 9), integer(3, 5), integer(2, 4), integer(0, 1), integer(1, 3)
o = integer(0, s - 1)
options = {"stride": s, "padding": p, "output_padding": o, "dilation": d}
n_out = dlref.cost.conv_transpose_output_size(n, k, **options)
-->

$$
n_{\text{out}} = (n - 1)s - 2p + d(k - 1) + o + 1
$$

Source: PyTorch 2.13, documentation of `torch.nn.Conv2d` and `torch.nn.ConvTranspose2d`.
https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

Question: [DL0078][dl0078]
"""

from collections.abc import Sequence
from operator import index
from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.convolution import (
    check_channels,
    check_layers,
    check_output_size,
    check_transposed_size,
)
from dlref._checks.numbers import check_sizes

__all__ = [
    "ReceptiveField",
    "conv_flops",
    "conv_output_size",
    "conv_parameters",
    "conv_transpose_output_size",
    "receptive_field",
]


class ReceptiveField(NamedTuple):
    """What one output sees of the input, along one axis.

    Attributes:
        size: Number r of inputs from the first that it sees to the last.
        jump: Number j of inputs by which its neighbor's field is moved.
    """

    size: int
    jump: int


@public
def conv_output_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> int:
    """Count the places of a kernel along one axis; of pooling, those of its window.

    The rest of the division is input that no place reads.

    Args:
        size: Size n of the input, without padding.
        kernel_size: Size k of the kernel. It spans d(k − 1) + 1.
        stride: Step s from one place to the next.
        padding: Zeros p on each of both sides.
        dilation: Distance d of neighbors in the kernel.

    Returns:
        Size of the output.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If padding is below 0 or another size below 1, or the kernel spans
            more than the padded input.

    Example:
        ```python
        from dlref.cost import conv_output_size

        print(conv_output_size(224, 7, stride=2, padding=3))  # 112.5 without the floor
        ```

        ```text {.output}
        112
        ```
    """
    check_output_size(size, kernel_size, stride, padding, dilation)

    return (size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride + 1


@public
def conv_transpose_output_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    """Give the size that a transposed convolution returns along one axis.

    The convolution with the same options brings it back to n.

    Args:
        size: Size n of the input.
        kernel_size: Size k of the kernel.
        stride: Distance s from one stamp of the kernel to the next.
        padding: Outputs p that are cut off on each of both sides.
        output_padding: Outputs that are cut off less, or added, at the end.
        dilation: Distance d of neighbors in the kernel.

    Returns:
        Size of the output.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If padding or output_padding is below 0 or another size below 1,
            output_padding is not below stride or dilation, or padding leaves nothing.

    Example:
        ```python
        from dlref.cost import conv_output_size, conv_transpose_output_size

        options = {"stride": 2, "padding": 1}
        print(conv_output_size(7, 3, **options), conv_output_size(8, 3, **options))
        print(conv_transpose_output_size(4, 3, **options))
        print(conv_transpose_output_size(4, 3, **options, output_padding=1))
        ```

        ```text {.output}
        4 4
        7
        8
        ```
    """
    check_transposed_size(size, kernel_size, stride, padding, output_padding, dilation)

    whole = (size - 1) * stride + dilation * (kernel_size - 1) + 1
    return whole - 2 * padding + output_padding


@public
def receptive_field(layers: Sequence[tuple[int, int, int]]) -> ReceptiveField:
    """Follow one output back through a stack of layers, along one axis.

    Padding moves the field and does not change its size, which may be above that of the
    image. Not all within it has to be read: where all layers have one dilation above 1,
    there are gaps.

    Args:
        layers: Kernel size, stride and dilation of each convolution or pooling, from the
            input on.

    Returns:
        Size and jump, in inputs.

    Raises:
        TypeError: If layers is no list, or a layer is no tuple.
        ValueError: If a layer does not hold three whole numbers of at least 1.

    Example:
        ```python
        from dlref.cost import receptive_field

        print(receptive_field([(3, 1, 1)] * 3), "as one of 7 x 7")
        print(receptive_field([(3, 1, 1), (3, 1, 2), (3, 1, 4)]))
        ```

        ```text {.output}
        ReceptiveField(size=7, jump=1) as one of 7 x 7
        ReceptiveField(size=15, jump=1)
        ```
    """
    check_layers(layers)

    size = jump = 1
    for kernel_size, stride, dilation in (map(index, layer) for layer in layers):
        size += dilation * (kernel_size - 1) * jump
        jump *= stride
    return ReceptiveField(size, jump)


@public
def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    *,
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Count the weights of a square kernel and the biases: no size of an image is in it.

    Args:
        in_channels: Number of input channels.
        out_channels: Number of output channels.
        kernel_size: Side k of the kernel.
        groups: Number g of groups; an output channel sees 1/g of the input channels.
        bias: Whether each output channel has a bias.

    Returns:
        Number of parameters.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or channels are not divisible by groups.

    Example:
        ```python
        from dlref.cost import conv_parameters

        full = conv_parameters(64, 128, 3, bias=False)
        depthwise = conv_parameters(64, 64, 3, groups=64, bias=False)
        print(full, depthwise + conv_parameters(64, 128, 1, bias=False))
        ```

        ```text {.output}
        73728 8768
        ```
    """
    check_channels(in_channels, out_channels, groups)
    check_sizes(kernel_size=kernel_size)

    weights = out_channels * (in_channels // groups) * kernel_size**2
    return weights + bias * out_channels


@public
def conv_flops(
    in_channels: int,
    out_channels: int,
    kernel_size: int,
    output_size: int,
    *,
    groups: int = 1,
) -> int:
    """Count two for each weight at each place of a square output, without the bias.

    Args:
        in_channels: Number of input channels.
        out_channels: Number of output channels.
        kernel_size: Side k of the kernel.
        output_size: Side of the output, which `conv_output_size` gives.
        groups: Number g of groups.

    Returns:
        Number of FLOPs for one image; a multiply-add is two.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or channels are not divisible by groups.

    Example:
        ```python
        from dlref.cost import conv_flops

        print(f"{conv_flops(64, 128, 3, 56):,}")
        ```

        ```text {.output}
        462,422,016
        ```
    """
    check_channels(in_channels, out_channels, groups)
    check_sizes(kernel_size=kernel_size, output_size=output_size)

    counts = in_channels, out_channels, kernel_size
    return 2 * output_size**2 * conv_parameters(*counts, groups=groups, bias=False)
