"""What the modules share: widths and weights, and the states of all tokens as outputs."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["Recurrent", "joined"]


def joined(
    states: list[Float[Tensor, "*batch d_h"]], like: Float[Tensor, "*axes"]
) -> Float[Tensor, "*batch tokens d_h"]:
    """Put all states but the one before the first token side by side, in a dtype."""
    outputs = torch.stack(states, dim=-2)[..., 1:, :]
    return outputs.to(like.dtype)


class Recurrent(nn.Module):
    """Widths of one layer, and its weights: named and drawn as PyTorch's are."""

    def __init__(self, gates: int, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        rows, bound = gates * hidden_dim, hidden_dim**-0.5

        def drawn(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

        self.weight_ih_l0 = drawn(rows, input_dim)
        self.weight_hh_l0 = drawn(rows, hidden_dim)
        self.bias_ih_l0 = drawn(rows)
        self.bias_hh_l0 = drawn(rows)

    def zeros(
        self, x: Float[Tensor, "*batch tokens d_in"]
    ) -> Float[Tensor, "*batch d_h"]:
        """Give the state before the first token, where none is given."""
        return x.new_zeros(*x.shape[:-2], self.hidden_dim)
