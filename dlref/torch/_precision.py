"""Sums that stay accurate, however many terms they have and however short these are."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["excess", "widened"]


def widened(tensor: Float[Tensor, "*axes"]) -> Float[Tensor, "*axes"]:
    """Turn 16 bits into 32: a sum of thousands would overflow or stall in them."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def excess(x: Float[Tensor, "*axes"]) -> Float[Tensor, "*axes"]:
    """Return eˣ − 1 − x, which is never below 0."""
    return torch.expm1(x) - x
