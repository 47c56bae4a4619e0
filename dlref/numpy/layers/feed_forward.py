r"""Feed-forward layer: each position is widened, bent and narrowed on its own.

$$
\operatorname{FFN}(x) = W_2\,\sigma(W_1 x + b_1) + b_2
$$

where σ is ReLU, max(0, z). W₁ goes from d_model up to d_ff, usually 4 times as wide, and
W₂ back. That is an expansion, no bottleneck. Without σ the two matrices are one, W₂W₁,
and the d_ff hidden features have no more than d_model directions.

The gated layer, SwiGLU, multiplies two projections, of which one has passed through
SiLU(z) = z / (1 + exp(-z)), the paper's Swish. It has three matrices and no biases.

$$
\begin{aligned}
&\operatorname{SwiGLU}(x) = \\
&\quad W_{\text{down}}\,(\operatorname{SiLU}(W_{\text{gate}}\,x) \odot (W_{\text{up}}\,x))
\end{aligned}
$$

Neither layer mixes positions: output i depends on x[i] alone.

Source: Vaswani et al. 2017, "Attention Is All You Need".
https://arxiv.org/abs/1706.03762 Gated: Shazeer 2020, "GLU Variants Improve Transformer",
section 2, eqs. 5 and 6. https://arxiv.org/abs/2002.05202

Question: [DL0045][dl0045]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.arrays import check_shapes
from dlref.numpy._arguments import public
from dlref.numpy.activations import relu, swiglu

__all__ = ["feed_forward", "gated_feed_forward"]


@public
def feed_forward(
    x: Float[np.ndarray, "*batch d_model"],
    w1: Float[np.ndarray, "d_ff d_model"],
    b1: Float[np.ndarray, " d_ff"],
    w2: Float[np.ndarray, "d_model d_ff"],
    b2: Float[np.ndarray, " d_model"],
) -> Float[np.ndarray, "*batch d_model"]:
    """Widen each position to d_ff features, clip them at zero, and project back.

    Args:
        x: Positions, along any number of leading axes.
        w1: Weights into the hidden features, (out, in) as in `nn.Linear`.
        b1: Bias of each hidden feature.
        w2: Weights back to the width of x.
        b2: Bias of each output.

    Returns:
        Output of the shape of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import feed_forward

        x = np.array([[-3.0], [2.0]])
        w1, w2 = np.array([[1.0], [-1.0]]), np.array([[1.0, 1.0]])
        y = feed_forward(x, w1, np.zeros(2), w2, np.zeros(1))
        print("|x| = max(0, x) + max(0, -x):", *y[:, 0])
        ```

        ```text {.output}
        |x| = max(0, x) + max(0, -x): 3.0 2.0
        ```
    """
    check_shapes(feed_forward, x, w1, b1, w2, b2)

    hidden = relu(x @ w1.T + b1)
    return np.asarray(hidden @ w2.T + b2)


@public
def gated_feed_forward(
    x: Float[np.ndarray, "*batch d_model"],
    w_gate: Float[np.ndarray, "d_ff d_model"],
    w_up: Float[np.ndarray, "d_ff d_model"],
    w_down: Float[np.ndarray, "d_model d_ff"],
) -> Float[np.ndarray, "*batch d_model"]:
    """Let SiLU of one projection scale another, feature by feature, and project back.

    A third matrix makes the layer half as large again: for the parameters of a plain
    layer with d_ff = 4 d_model, take d_ff = 8/3 d_model.

    Args:
        x: Positions, along any number of leading axes.
        w_gate: Weights into the gate, (out, in) as in `nn.Linear`.
        w_up: Weights into the features that the gate scales.
        w_down: Weights back to the width of x.

    Returns:
        Output of the shape of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import gated_feed_forward

        x = np.array([[-3.0], [2.0]])
        w, w_down = np.array([[1.0], [-1.0]]), np.array([[1.0, 1.0]])
        y = gated_feed_forward(x, w, w, w_down)
        print("x² = x SiLU(x) - x SiLU(-x):", *y[:, 0].round(9))
        ```

        ```text {.output}
        x² = x SiLU(x) - x SiLU(-x): 9.0 4.0
        ```
    """
    check_shapes(gated_feed_forward, x, w_gate, w_up, w_down)

    hidden = swiglu(x @ w_gate.T, x @ w_up.T)
    return np.asarray(hidden @ w_down.T)
