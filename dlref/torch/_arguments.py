"""The decorator of what a reader calls with tensors, and the check of its chance."""

import torch
from torch import Tensor

from dlref._arguments import public_of

__all__ = ["check_rng", "public"]

public = public_of(Tensor, called="a PyTorch tensor")


def check_rng(rng: object) -> None:
    """Refuse a seed."""
    if not (rng is None or isinstance(rng, torch.Generator)):
        raise TypeError(
            "rng must be a torch.Generator, such as torch.Generator().manual_seed(0), "
            f"or None; got type(rng)={type(rng).__name__}"
        )
