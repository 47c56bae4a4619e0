r"""GRU: a state that is a weighted mean of the last one and of a new candidate.

$$
\begin{aligned}
r_t &= \sigma(W_r x_t + U_r h_{t-1} + b_r) \\
z_t &= \sigma(W_z x_t + U_z h_{t-1} + b_z) \\
m_t &= U_n h_{t-1} + v_n \\
n_t &= \tanh(W_n x_t + b_n + r_t \odot m_t) \\
h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}
\end{aligned}
$$

Each gate has weights of its own, runs of rows of w_ih and w_hh, in PyTorch's order: reset
gate r, update gate z, candidate n. Here the two biases of n are not one: the
reset gate multiplies v_n, of b_hh, and not b_n, of b_ih.

There are two GRUs. PyTorch and cuDNN reset *after* the product, as above. The paper, in
its last version, resets *before* it, and so multiplies r ⊙ h by U_n: another function,
for the same weights. To swap z and 1 − z is to negate the weights and biases of z.

Source: Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder for
Statistical Machine Translation". https://arxiv.org/abs/1406.1078 PyTorch 2.13,
documentation of `torch.nn.GRU` (the order of the rows; the note on the original paper).
https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html

Question: [DL0079][dl0079]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.recurrent import check_gru, check_state, check_widths
from dlref._choices import Reset
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.recurrent._states import Recurrent, joined

__all__ = ["GRU", "gru"]


@public
def gru(
    x: Float[Tensor, "*batch tokens d_in"],
    h: Float[Tensor, "*batch d_h"],
    w_ih: Float[Tensor, "gates d_in"],
    w_hh: Float[Tensor, "gates d_h"],
    b_ih: Float[Tensor, " gates"],
    b_hh: Float[Tensor, " gates"],
    *,
    reset: Reset = "after",
) -> tuple[Float[Tensor, "*batch tokens d_h"], Float[Tensor, "*batch d_h"]]:
    """Read the tokens one by one, and move the state towards a candidate by 1 − z.

    A state that begins within ±1 stays there. Both kinds of reset are the same if U_n is
    diagonal and v_n is 0.

    Args:
        x: Tokens, along the axis before the last: batch first, as `nn.GRU` takes it with
            `batch_first=True`.
        h: State before the first token, without an axis of layers.
        w_ih: Weights W of the inputs, (3 · d_h, d_in), a run of rows for each of r, z and
            n.
        w_hh: Weights U of the states, in the same rows.
        b_ih: First bias.
        b_hh: Second bias. That of n is multiplied by the reset gate, if this comes after.
        reset: Whether the reset gate multiplies U_n h, as in PyTorch, or h before the
            product, as in the paper.

    Returns:
        The states after each token, and the last one.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, the rows are not 3 for each entry of h, or reset
            is an unknown word.

    Example:
        ```python
        import torch
        from dlref.torch.recurrent import gru

        x, h = torch.zeros((1, 1)), torch.tensor([0.8])
        w_ih, w_hh, zero = torch.zeros((3, 1)), torch.zeros((3, 1)), torch.zeros(3)
        bias = torch.tensor([0.0, 0.0, 20.0])  # r = z = 1/2, n = 1
        _, h = gru(x, h, w_ih, w_hh, bias, zero)
        print(f"h = 1/2 + 0.8/2 = {h.item():.4f}")
        ```

        ```text {.output}
        h = 1/2 + 0.8/2 = 0.9000
        ```
    """
    check_gru(gru, reset, x, h, w_ih, w_hh, b_ih, b_hh)

    inputs = widened(x) @ widened(w_ih).T + widened(b_ih)
    u, v, cut = widened(w_hh).T, widened(b_hh), 2 * h.shape[-1]  # r and z, before n
    states = [widened(h)]
    for t in range(x.shape[-2]):
        state, given = states[-1], inputs[..., t, :]
        gates = given[..., :cut] + state @ u[:, :cut] + v[:cut]
        r, z = torch.sigmoid(gates).chunk(2, dim=-1)
        recurrent = _reset(r, state, u[:, cut:], v[cut:], reset)
        n = torch.tanh(given[..., cut:] + recurrent)
        states.append((1 - z) * n + z * state)
    return joined(states, x), states[-1].to(x.dtype)


class GRU(Recurrent):
    """Hold the weights of `gru`, under the names of `nn.GRU` with one layer.

    So `load_state_dict` takes those of an `nn.GRU`. They are drawn as PyTorch draws them.

    Args:
        input_dim: Width d_in of a token.
        hidden_dim: Width d_h of the state.
        reset: Whether the reset gate comes after the product, as in PyTorch, or before.

    Raises:
        TypeError: If a width is not an integer.
        ValueError: If a width is below 1, or reset is an unknown word.

    Example:
        ```python
        import torch
        from dlref.torch.recurrent import GRU

        library = torch.nn.GRU(3, 5, batch_first=True)
        x = torch.randn(2, 7, 3)
        for reset in "after", "before":
            ours = GRU(3, 5, reset=reset)
            ours.load_state_dict(library.state_dict())
            print(reset, torch.allclose(ours(x)[0], library(x)[0], atol=1e-6))
        ```

        ```text {.output}
        after True
        before False
        ```
    """

    @public
    def __init__(
        self, input_dim: int, hidden_dim: int, *, reset: Reset = "after"
    ) -> None:
        check_widths(input_dim, hidden_dim, reset)

        super().__init__(3, input_dim, hidden_dim)
        self.reset: Reset = reset

    @public
    def forward(
        self,
        x: Float[Tensor, "*batch tokens d_in"],
        h: Float[Tensor, "*batch d_h"] | None = None,
    ) -> tuple[Float[Tensor, "*batch tokens d_h"], Float[Tensor, "*batch d_h"]]:
        """Read the tokens, from a state of zeros or the one that is given.

        Args:
            x: Tokens, along the axis before the last.
            h: State before the first token. None is zeros.

        Returns:
            The states after each token, and the last one.

        Raises:
            TypeError: If x is not floating point, or h not of its dtype.
            ValueError: If shapes do not fit.
        """
        check_state(x, self.input_dim, self.hidden_dim, h=h)

        h = self.zeros(x) if h is None else h
        return gru(x, h, *self.parameters(), reset=self.reset)


def _reset(
    r: Float[Tensor, "*batch d_h"],
    state: Float[Tensor, "*batch d_h"],
    u: Float[Tensor, "d_h d_h"],
    v: Float[Tensor, " d_h"],
    reset: Reset,
) -> Float[Tensor, "*batch d_h"]:
    """Multiply the state by U, and what comes out or what goes in by the reset gate."""
    if reset == "after":
        return r * (state @ u + v)
    return (r * state) @ u + v
