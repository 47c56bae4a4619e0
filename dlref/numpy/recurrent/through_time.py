r"""Backpropagation through time: the chain rule from the last token to the first.

Let G_t be the gradient of the loss in what stands within the tanh at token t. Then

$$
\begin{aligned}
G_t &= (1 - h_t \odot h_t) \odot (D_t + U^\top G_{t+1}) \\
\frac{\partial L}{\partial U} &= \sum_t G_t h_{t-1}^\top
\end{aligned}
$$

where D_t is the gradient in the output of token t alone, and G is 0 after the last. From
one token to the one before, the gradient is multiplied by Uᵀ and the slopes of tanh: as
often as there are tokens between, always by the same U. All tokens share their weights,
so the gradients of these are sums over time.

Truncated, the gradient stops at the borders of windows of k tokens. The states go on, so
the outputs are the same. Memory is that of one window; what a longer path would add is
missing, so the gradient is biased.

Source: Werbos 1990, "Backpropagation Through Time: What It Does and How to Do It".
https://doi.org/10.1109/5.58337 Williams and Peng 1990, "An Efficient Gradient-Based
Algorithm for On-Line Training of Recurrent Network Trajectories" (truncated).
https://doi.org/10.1162/neco.1990.2.4.490

Question: [DL0079][dl0079]
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from dlref._checks.recurrent import check_through_time
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.gradients import linear_gradient
from dlref.numpy.recurrent.rnn import rnn

__all__ = ["RNNGradients", "rnn_gradients"]


class RNNGradients(NamedTuple):
    """Gradients of a loss in each argument of `rnn`.

    Attributes:
        x: In the tokens.
        h: In the state before the first token.
        w_ih: In the weights of the inputs.
        w_hh: In the weights of the states.
        b_ih: In the first bias.
        b_hh: In the second bias, which is the same.
    """

    x: Float[np.ndarray, "*batch tokens d_in"]
    h: Float[np.ndarray, "*batch d_h"]
    w_ih: Float[np.ndarray, "d_h d_in"]
    w_hh: Float[np.ndarray, "d_h d_h"]
    b_ih: Float[np.ndarray, " d_h"]
    b_hh: Float[np.ndarray, " d_h"]


@public
def rnn_gradients(
    x: Float[np.ndarray, "*batch tokens d_in"],
    h: Float[np.ndarray, "*batch d_h"],
    w_ih: Float[np.ndarray, "d_h d_in"],
    w_hh: Float[np.ndarray, "d_h d_h"],
    b_ih: Float[np.ndarray, " d_h"],
    b_hh: Float[np.ndarray, " d_h"],
    grad: Float[np.ndarray, "*batch tokens d_h"],
    *,
    window: int | None = None,
) -> RNNGradients:
    """Go back through all tokens of `rnn`, or through each window of them alone.

    The states are computed again. With a window no shorter than the sequence, nothing is
    cut.

    Args:
        x: As in `rnn`.
        h: As in `rnn`.
        w_ih: As in `rnn`.
        w_hh: As in `rnn`.
        b_ih: As in `rnn`.
        b_hh: As in `rnn`.
        grad: Gradient D of the loss in the outputs. Of a loss that reads the last state
            alone, it is zero but for the last token.
        window: Number k of tokens after which the gradient is cut, counted from the first
            token. None cuts nowhere.

    Returns:
        Gradients in x, h, the weights and the biases; of weights and biases they are sums
        over tokens and batch.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or window is below 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.recurrent import rnn_gradients

        zero, one = np.zeros(1), np.ones(1)
        x, grad = np.zeros((4, 1)), np.array([[0.0], [0.0], [0.0], [1.0]])
        for window in None, 2:  # the state is 0 throughout, where the slope is 1
            back = rnn_gradients(
                x, zero, one[None], 0.5 * one[None], zero, zero, grad, window=window
            )
            print(back.x[:, 0], "bias:", back.b_ih)
        ```

        ```text {.output}
        [0.125 0.25  0.5   1.   ] bias: [1.875]
        [0.  0.  0.5 1. ] bias: [1.5]
        ```
    """
    check_through_time(rnn, window, x, h, w_ih, w_hh, b_ih, b_hh, grad)

    wide = [widened(array) for array in (x, h, w_ih, w_hh, b_ih, b_hh)]
    outputs, _ = rnn(*wide)
    before = np.concatenate([wide[1][..., None, :], outputs], axis=-2)[..., :-1, :]
    in_z, in_h = np.zeros_like(outputs), np.zeros_like(wide[1])
    for t in reversed(range(x.shape[-2])):
        slope = 1 - outputs[..., t, :] ** 2
        in_z[..., t, :] = slope * (grad[..., t, :] + in_h)
        in_h = in_z[..., t, :] @ wide[3]
        if window is not None and t % window == 0 and t > 0:
            in_h = np.zeros_like(in_h)
    in_x, in_w_ih, in_b = linear_gradient(wide[0], wide[2], in_z)
    _, in_w_hh, _ = linear_gradient(before, wide[3], in_z)
    found = in_x, in_h, in_w_ih, in_w_hh, in_b, in_b
    return RNNGradients(*(gradient.astype(x.dtype) for gradient in found))
