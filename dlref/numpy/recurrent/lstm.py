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

import numpy as np
from jaxtyping import Float

from dlref._checks.recurrent import check_cell
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.activations import sigmoid
from dlref.numpy.recurrent._states import joined

__all__ = ["lstm"]


@public
def lstm(
    x: Float[np.ndarray, "*batch tokens d_in"],
    h: Float[np.ndarray, "*batch d_h"],
    c: Float[np.ndarray, "*batch d_h"],
    w_ih: Float[np.ndarray, "gates d_in"],
    w_hh: Float[np.ndarray, "gates d_h"],
    b_ih: Float[np.ndarray, " gates"],
    b_hh: Float[np.ndarray, " gates"],
) -> tuple[
    Float[np.ndarray, "*batch tokens d_h"],
    tuple[Float[np.ndarray, "*batch d_h"], Float[np.ndarray, "*batch d_h"]],
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
        import numpy as np
        from dlref.numpy.recurrent import lstm

        x, h, c = np.zeros((1, 1)), np.zeros(1), np.array([2.0])
        w_ih, w_hh, zero = np.zeros((4, 1)), np.zeros((4, 1)), np.zeros(4)
        bias = np.array([0.0, 0.0, 20.0, 20.0])  # i = f = 1/2, g = o = 1
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
        i, f, g, o = np.split(z, 4, axis=-1)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(g)
        states.append(sigmoid(o) * np.tanh(cell))
    return joined(states, x), (states[-1].astype(x.dtype), cell.astype(x.dtype))
