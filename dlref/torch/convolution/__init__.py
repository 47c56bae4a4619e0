"""Convolution from scratch: forward, transposed, unfolded to columns; and pooling."""

from dlref.torch.convolution.convolution import conv2d, im2col
from dlref.torch.convolution.pooling import average_pool2d, max_pool2d
from dlref.torch.convolution.transposed import conv_transpose2d

__all__ = [
    "average_pool2d",
    "conv2d",
    "conv_transpose2d",
    "im2col",
    "max_pool2d",
]
