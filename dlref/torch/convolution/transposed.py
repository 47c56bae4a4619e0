r"""Transposed convolution: each input stamps the kernel, and where two lie, they add.

A convolution is linear, so it has a matrix A; this is the product with Aᵀ. Backward, the
gradient goes through a convolution in this way.

$$
\operatorname{dot}(A(x), y) = \operatorname{dot}(x, \operatorname{back}(y))
$$

for any x and y, where dot multiplies entry by entry and adds up. It brings back the size,
where `output_padding` says which: for a stride above 1, several sizes become the same. It
does not bring back the values: it is no inverse.

Where the stride does not divide the kernel's size, some outputs get more stamps than
others: a checkerboard, unless the weights even it out.

Source: PyTorch 2.13, documentation of `torch.nn.ConvTranspose2d`.
https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html. Dumoulin and
Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4.
https://arxiv.org/abs/1603.07285

Question: [DL0078][dl0078]
"""

from itertools import product

from jaxtyping import Float
from torch import Tensor

from dlref._checks.convolution import check_transposed
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["conv_transpose2d"]


@public
def conv_transpose2d(
    x: Float[Tensor, "*batch channels height width"],
    weight: Float[Tensor, "channels group_outputs kernel_height kernel_width"],
    bias: Float[Tensor, " out_channels"] | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Float[Tensor, "*batch out_channels out_height out_width"]:
    """Multiply with the transposed matrix of the convolution with the same options.

    Args:
        x: Images, of the size that the convolution returns.
        weight: As the convolution takes it: what it calls outputs are inputs here.
        bias: Number added to each output channel. None is 0.
        stride: Distance s ≥ 1 from one stamp to the next.
        padding: Rows and columns p ≥ 0 that are cut off on each of the four sides.
        output_padding: Rows at the bottom, and columns at the right, that are cut off no
            more or added: it chooses among the sizes that a stride maps to one.
        dilation: Distance d ≥ 1 of neighbors in the kernel.
        groups: Number of groups.

    Returns:
        Output of the dtype of x, of (n − 1)s − 2p + d(k − 1) + output_padding + 1 by as
        many.

    Raises:
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, channels are not divisible by groups, a size is
            too small, output_padding is not below stride or dilation, or padding leaves
            nothing.

    Example:
        ```python
        import torch
        from dlref.torch.convolution import conv_transpose2d

        ones = torch.ones(1, 1, 4)
        for size in 3, 4:
            kernel = torch.ones(1, 1, 1, size)
            print(conv_transpose2d(ones, kernel, stride=2).ravel())
        ```

        ```text {.output}
        tensor([1., 1., 2., 1., 2., 1., 2., 1., 1.])
        tensor([1., 1., 2., 2., 2., 2., 2., 2., 1., 1.])
        ```
    """
    check_transposed(x, weight, bias, stride, padding, output_padding, dilation, groups)

    *batch, channels, height, width = x.shape
    _, outputs, down, right = weight.shape
    split = groups, channels // groups
    rows = widened(weight).reshape(*split, outputs * down * right)
    pixels = widened(x).reshape(*batch, *split, height * width)
    stamps = rows.mT @ pixels
    shape = *batch, groups * outputs, down, right, height, width
    whole = _overlaid(stamps.reshape(shape), stride, dilation, output_padding)
    bottom, end = (size - padding for size in whole.shape[-2:])
    y = whole[..., padding:bottom, padding:end]
    return (y if bias is None else y + bias[:, None, None]).to(x.dtype)


def _overlaid(
    stamps: Float[Tensor, "*batch kernel_height kernel_width height width"],
    stride: int,
    dilation: int,
    more: int,
) -> Float[Tensor, "*batch out_height out_width"]:
    """Add up all stamps: each entry of the kernel lies on a grid of its own."""
    *batch, down, right, height, width = stamps.shape
    grid = [stride * (size - 1) + 1 for size in (height, width)]
    span = [dilation * (size - 1) + more for size in (down, right)]
    whole = stamps.new_zeros(*batch, grid[0] + span[0], grid[1] + span[1])
    for u, v in product(range(down), range(right)):
        top, left = dilation * u, dilation * v
        below = slice(top, top + grid[0], stride)
        beside = slice(left, left + grid[1], stride)
        whole[..., below, beside] += stamps[..., u, v, :, :]
    return whole
