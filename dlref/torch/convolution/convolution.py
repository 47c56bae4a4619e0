r"""Convolution: one small kernel, and a dot product with it at every place of an image.

$$
y_{o,i,j} = b_o + \sum_{c,u,v} w_{o,c,u,v} \, x_{c,\,si+du,\,sj+dv}
$$

for the output channel o at the place (i, j), counted from 0; c runs through the input
channels, u and v through the kernel. x is the image with p zeros on each side, s the
stride, d the dilation. Mathematics calls this a cross-correlation: a convolution flips
the kernel first, which for learned weights is another name for the same.

It is linear, so it is a matrix product: `im2col` writes what the kernel sees at each
place into a column, and a row of the weight is multiplied with every column. In g groups,
an output channel sees only its own share of the input channels.

A kernel of k by k makes the columns k² times as large as the image. Libraries avoid that;
the numbers are the same.

Source: PyTorch 2.13, documentation of `torch.nn.Conv2d` and of `torch.nn.Unfold`.
https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html

Question: [DL0078][dl0078]
"""

from jaxtyping import Float
from torch import Tensor

from dlref._checks.convolution import check_convolution, check_patches
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.convolution._windows import windows

__all__ = ["conv2d", "im2col"]


@public
def conv2d(
    x: Float[Tensor, "*batch channels height width"],
    weight: Float[Tensor, "out_channels group_channels kernel_height kernel_width"],
    bias: Float[Tensor, " out_channels"] | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Float[Tensor, "*batch out_channels out_height out_width"]:
    """Multiply what the kernel sees at each place with one and the same weight.

    A shifted image gives a shifted output, at a stride of 1 and away from the border.

    Args:
        x: Images.
        weight: A kernel for each output channel. It is not flipped.
        bias: Number added to each output channel. None is 0.
        stride: Step s ≥ 1 from one place to the next.
        padding: Zeros p ≥ 0 on each of the four sides.
        dilation: Distance d ≥ 1 of neighbors in the kernel: it spans d(k − 1) + 1.
        groups: Number of groups; with as many as channels, each is convolved alone.

    Returns:
        Output of the dtype of x, of ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 by as many.

    Raises:
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, channels are not divisible by groups, the kernel
            spans more than the padded image, or a size is too small.

    Example:
        ```python
        import torch
        from dlref.torch.convolution import conv2d

        x = torch.tensor([[[1.0, 2.0, 3.0, 5.0]]])  # one channel, one row
        slope = torch.tensor([[[[-1.0, 1.0]]]])
        print(conv2d(x, slope).ravel(), conv2d(x, slope, stride=2).ravel())
        ```

        ```text {.output}
        tensor([1., 1., 2.]) tensor([1., 2.])
        ```
    """
    check_convolution(x, weight, bias, stride, padding, dilation, groups)

    kernel = weight.shape[-2:]
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    seen = windows(widened(x), kernel, **options)
    *batch, _, height, width = seen.shape[:-2]
    rows = widened(weight).reshape(groups, len(weight) // groups, -1)
    columns = _columns(seen).reshape(*batch, groups, rows.shape[-1], height * width)
    y = (rows @ columns).reshape(*batch, len(weight), height, width)
    return (y if bias is None else y + bias[:, None, None]).to(x.dtype)


@public
def im2col(
    x: Float[Tensor, "*batch channels height width"],
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
) -> Float[Tensor, "*batch kernel_inputs places"]:
    """Write what a square kernel sees at each place into a column.

    The weight as a matrix, one row for each output channel, times these columns is the
    convolution.

    Args:
        x: Images.
        kernel_size: Side k ≥ 1 of the kernel.
        stride: Step s ≥ 1 from one place to the next.
        padding: Zeros p ≥ 0 on each of the four sides.
        dilation: Distance d ≥ 1 of neighbors in the kernel.

    Returns:
        A row for each weight of a kernel, channel by channel, and a column for each
        place, row by row.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has not three axes, the kernel spans more than the padded image,
            or a size is too small.

    Example:
        ```python
        import torch
        from dlref.torch.convolution import im2col

        x = torch.arange(1.0, 10.0).reshape(1, 3, 3)
        print(im2col(x, 2))
        ```

        ```text {.output}
        tensor([[1., 2., 4., 5.],
                [2., 3., 5., 6.],
                [4., 5., 7., 8.],
                [5., 6., 8., 9.]])
        ```
    """
    check_patches(x, kernel_size, stride, padding, dilation)

    options = {"stride": stride, "padding": padding, "dilation": dilation}
    return _columns(windows(x, (kernel_size, kernel_size), **options))


def _columns(
    seen: Float[Tensor, "*batch channels height width kernel_height kernel_width"],
) -> Float[Tensor, "*batch kernel_inputs places"]:
    """Put the axes of the kernel next to the channels, and make two axes of five."""
    first = seen.movedim((-2, -1), (-4, -3))
    *batch, channels, down, right, height, width = first.shape
    return first.reshape(*batch, channels * down * right, height * width)
