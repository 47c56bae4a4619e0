r"""A simple recurrent layer: the same weights at each token, and a state that goes on.

$$
h_t = \tanh(W x_t + U h_{t-1} + b)
$$

W and U are w_ih and w_hh, and b is the sum of two biases, of which one would do: PyTorch
has both since cuDNN has. The state is all that the layer knows of the tokens before, and
it is as wide after a thousand of them as after one.

Source: Elman 1990, "Finding Structure in Time". https://doi.org/10.1207/s15516709cog1402_1
PyTorch 2.13, documentation of `torch.nn.RNN` (the formula, with both biases).
https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html

Question: [DL0079][dl0079]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.recurrent import check_cell
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.recurrent._states import joined

__all__ = ["rnn"]


@public
def rnn(
    x: Float[np.ndarray, "*batch tokens d_in"],
    h: Float[np.ndarray, "*batch d_h"],
    w_ih: Float[np.ndarray, "d_h d_in"],
    w_hh: Float[np.ndarray, "d_h d_h"],
    b_ih: Float[np.ndarray, " d_h"],
    b_hh: Float[np.ndarray, " d_h"],
) -> tuple[Float[np.ndarray, "*batch tokens d_h"], Float[np.ndarray, "*batch d_h"]]:
    """Read the tokens one by one: each state is made of a token and the state before.

    To read a sequence in two parts, with the state carried over, is to read it at once.

    Args:
        x: Tokens, along the axis before the last: batch first, as `nn.RNN` takes it with
            `batch_first=True`.
        h: State before the first token, without an axis of layers.
        w_ih: Weights W of the inputs, (out, in) as in PyTorch.
        w_hh: Weights U of the states, in the same rows.
        b_ih: First bias.
        b_hh: Second bias.

    Returns:
        The states after each token, and the last one: h itself, if there is no token.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.recurrent import rnn

        x, one, zero = np.array([[1.0], [0.0], [0.0]]), np.ones(1), np.zeros(1)
        outputs, h = rnn(x, zero, one[None], 0.5 * one[None], zero, zero)
        print(outputs[:, 0].round(4), "the last:", h.round(4))
        ```

        ```text {.output}
        [0.7616 0.3634 0.1797] the last: [0.1797]
        ```
    """
    check_cell(rnn, 1, x, h, w_ih, w_hh, b_ih, b_hh)

    inputs = widened(x) @ widened(w_ih).T + widened(b_ih)
    u, v, states = widened(w_hh).T, widened(b_hh), [widened(h)]
    for t in range(x.shape[-2]):
        states.append(np.tanh(inputs[..., t, :] + states[-1] @ u + v))
    return joined(states, x), states[-1].astype(x.dtype)
