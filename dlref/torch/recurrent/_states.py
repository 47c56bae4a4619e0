"""States of all tokens, one after the other, as outputs; weights to begin with."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["drawn", "joined"]


def joined(
    states: list[Float[Tensor, "*batch d_h"]], like: Float[Tensor, "*axes"]
) -> Float[Tensor, "*batch tokens d_h"]:
    """Put all states but the one before the first token side by side, in a dtype."""
    outputs = torch.stack(states, dim=-2)[..., 1:, :]
    return outputs.to(like.dtype)


def drawn(*shape: int, width: int) -> nn.Parameter:
    """Draw a weight or a bias of a recurrent layer as PyTorch draws all of them."""
    bound = width**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
