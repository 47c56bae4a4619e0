"""The decorator of what a reader calls with PyTorch tensors."""

from torch import Tensor

from dlref._arguments import public_of

__all__ = ["public"]

public = public_of(Tensor, called="a PyTorch tensor")
