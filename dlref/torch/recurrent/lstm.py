r"""LSTM: a cell that is changed by addition, and gates that say by how much.

$$
\begin{aligned}
f_t &= \sigma(W_f x_t + U_f h_{t-1} + b_f) \\
i_t &= \sigma(W_i x_t + U_i h_{t-1} + b_i) \\
o_t &= \sigma(W_o x_t + U_o h_{t-1} + b_o) \\
g_t &= \tanh(W_g x_t + U_g h_{t-1} + b_g) \\
c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
h_t &= o_t \odot \tanh(c_t)
\end{aligned}
$$

Each gate has weights W, U and b of its own, which are runs of rows of w_ih, w_hh and of
the sum of two biases, in PyTorch's order: input gate i, forget gate f, candidate g,
output gate o. Read in another order, nothing fails, and all is wrong.

With the gates held fixed, a step multiplies the gradient of the cell by f. It survives
while f is near 1: at a forget bias of 0 it is about halved at each token.

Source: Hochreiter and Schmidhuber 1997, "Long Short-Term Memory".
https://doi.org/10.1162/neco.1997.9.8.1735 Gers, Schmidhuber and Cummins 2000, "Learning
to Forget" (the forget gate). https://doi.org/10.1162/089976600300015015 PyTorch 2.13,
documentation of `torch.nn.LSTM` (the order of the rows).
https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html

Question: [DL0079][dl0079]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.recurrent import check_cell, check_lstm, check_state
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.recurrent._states import Recurrent, joined

__all__ = ["LSTM", "lstm"]


@public
def lstm(
    x: Float[Tensor, "*batch tokens d_in"],
    h: Float[Tensor, "*batch d_h"],
    c: Float[Tensor, "*batch d_h"],
    w_ih: Float[Tensor, "gates d_in"],
    w_hh: Float[Tensor, "gates d_h"],
    b_ih: Float[Tensor, " gates"],
    b_hh: Float[Tensor, " gates"],
) -> tuple[
    Float[Tensor, "*batch tokens d_h"],
    tuple[Float[Tensor, "*batch d_h"], Float[Tensor, "*batch d_h"]],
]:
    """Read the tokens one by one, with a cell that gates fill, keep and show.

    With a forget gate of 1 and an input gate of 0 the cell stays as it is, however long.

    Args:
        x: Tokens, along the axis before the last: batch first, as `nn.LSTM` takes it with
            `batch_first=True`.
        h: State before the first token, without an axis of layers.
        c: Cell before the first token.
        w_ih: Weights W of the inputs, (4 · d_h, d_in), a run of rows for each of i, f, g
            and o.
        w_hh: Weights U of the states, in the same rows.
        b_ih: First bias.
        b_hh: Second bias.

    Returns:
        The states h after each token, and the last state and cell.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or the rows are not 4 for each entry of h.

    Example:
        ```python
        import torch
        from dlref.torch.recurrent import lstm

        x, h, c = torch.zeros((1, 1)), torch.zeros(1), torch.tensor([2.0])
        w_ih, w_hh, zero = torch.zeros((4, 1)), torch.zeros((4, 1)), torch.zeros(4)
        bias = torch.tensor([0.0, 0.0, 20.0, 20.0])  # i = f = 1/2, g = o = 1
        _, (h, c) = lstm(x, h, c, w_ih, w_hh, bias, zero)
        print(f"c = 2/2 + 1/2 = {c.item():.4f}, h = tanh c = {h.item():.4f}")
        ```

        ```text {.output}
        c = 2/2 + 1/2 = 1.5000, h = tanh c = 0.9051
        ```
    """
    check_cell(lstm, 4, x, h, c, w_ih, w_hh, b_ih, b_hh)

    inputs = widened(x) @ widened(w_ih).T + widened(b_ih)
    u, v = widened(w_hh).T, widened(b_hh)
    states, cell = [widened(h)], widened(c)
    for t in range(x.shape[-2]):
        z = inputs[..., t, :] + states[-1] @ u + v
        i, f, g, o = z.chunk(4, dim=-1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        states.append(torch.sigmoid(o) * torch.tanh(cell))
    return joined(states, x), (states[-1].to(x.dtype), cell.to(x.dtype))


class LSTM(Recurrent):
    """Hold the weights of `lstm`, under the names of `nn.LSTM` with one layer.

    So `load_state_dict` takes those of an `nn.LSTM`. They are drawn as PyTorch draws
    them, but for the forget gate: its two biases add up to forget_bias.

    Args:
        input_dim: Width d_in of a token.
        hidden_dim: Width d_h of state and cell.
        forget_bias: What the bias of the forget gate is at the start. 1 opens it to 0.73;
            PyTorch's own layer has about 0, and a gate half open.

    Raises:
        TypeError: If a width is not an integer, or forget_bias not a number.
        ValueError: If a width is below 1, or forget_bias is not finite.

    Example:
        ```python
        import torch
        from dlref.torch.recurrent import LSTM

        library = torch.nn.LSTM(3, 5, batch_first=True)
        ours = LSTM(3, 5)
        ours.load_state_dict(library.state_dict())
        x = torch.randn(2, 7, 3)
        print(torch.allclose(ours(x)[0], library(x)[0], atol=1e-6))
        ```

        ```text {.output}
        True
        ```
    """

    @public
    def __init__(
        self, input_dim: int, hidden_dim: int, *, forget_bias: float = 1.0
    ) -> None:
        check_lstm(input_dim, hidden_dim, forget_bias)

        super().__init__(4, input_dim, hidden_dim)
        with torch.no_grad():
            forget = slice(hidden_dim, 2 * hidden_dim)
            self.bias_ih_l0[forget] = forget_bias
            self.bias_hh_l0[forget] = 0.0

    @public
    def forward(
        self,
        x: Float[Tensor, "*batch tokens d_in"],
        h: Float[Tensor, "*batch d_h"] | None = None,
        c: Float[Tensor, "*batch d_h"] | None = None,
    ) -> tuple[
        Float[Tensor, "*batch tokens d_h"],
        tuple[Float[Tensor, "*batch d_h"], Float[Tensor, "*batch d_h"]],
    ]:
        """Read the tokens, from a state and a cell of zeros or those that are given.

        Args:
            x: Tokens, along the axis before the last.
            h: State before the first token. None is zeros.
            c: Cell before the first token. None is zeros.

        Returns:
            The states after each token, and the last state and cell.

        Raises:
            TypeError: If x is not floating point, or h or c not of its dtype.
            ValueError: If shapes do not fit, or one of h and c is given alone.
        """
        check_state(x, self.input_dim, self.hidden_dim, h=h, c=c)

        zeros = self.zeros(x)
        h, c = zeros if h is None else h, zeros if c is None else c
        return lstm(x, h, c, *self.parameters())
