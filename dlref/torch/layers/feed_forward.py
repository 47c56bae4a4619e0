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

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dlref._checks.arrays import check_shapes
from dlref._checks.numbers import check_sizes
from dlref.cost import gated_hidden_dim
from dlref.torch._arguments import public
from dlref.torch.activations import swiglu

__all__ = ["FeedForward", "GatedFeedForward", "feed_forward", "gated_feed_forward"]


@public
def feed_forward(
    x: Float[Tensor, "*batch d_model"],
    w1: Float[Tensor, "d_ff d_model"],
    b1: Float[Tensor, " d_ff"],
    w2: Float[Tensor, "d_model d_ff"],
    b2: Float[Tensor, " d_model"],
) -> Float[Tensor, "*batch d_model"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import torch
        from dlref.torch.layers import feed_forward

        x = torch.tensor([[-3.0], [2.0]])
        w1, w2 = torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0, 1.0]])
        y = feed_forward(x, w1, torch.zeros(2), w2, torch.zeros(1))
        print("|x| = max(0, x) + max(0, -x):", *y[:, 0].tolist())
        ```

        ```text {.output}
        |x| = max(0, x) + max(0, -x): 3.0 2.0
        ```
    """
    check_shapes(feed_forward, x, w1, b1, w2, b2)

    hidden = F.relu(F.linear(x, w1, b1))
    return F.linear(hidden, w2, b2)


@public
def gated_feed_forward(
    x: Float[Tensor, "*batch d_model"],
    w_gate: Float[Tensor, "d_ff d_model"],
    w_up: Float[Tensor, "d_ff d_model"],
    w_down: Float[Tensor, "d_model d_ff"],
) -> Float[Tensor, "*batch d_model"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import torch
        from dlref.torch.layers import gated_feed_forward

        x = torch.tensor([[-3.0], [2.0]])
        w, w_down = torch.tensor([[1.0], [-1.0]]), torch.tensor([[1.0, 1.0]])
        y = gated_feed_forward(x, w, w, w_down)
        print("x² = x SiLU(x) - x SiLU(-x):", *y[:, 0].round(decimals=4).tolist())
        ```

        ```text {.output}
        x² = x SiLU(x) - x SiLU(-x): 9.0 4.0
        ```
    """
    check_shapes(gated_feed_forward, x, w_gate, w_up, w_down)

    hidden = swiglu(F.linear(x, w_gate), F.linear(x, w_up))
    return F.linear(hidden, w_down)


class FeedForward(nn.Module):
    """Hold the weights and biases of `feed_forward`.

    Args:
        embed_dim: Width d_model of input and output.
        hidden_dim: Inner width d_ff. None takes 4 embed_dim, as the original Transformer
            does: a convention, no optimum.

    Raises:
        TypeError: If a width is not an integer.
        ValueError: If a width is below 1.

    Example:
        ```python
        from dlref.torch.layers import FeedForward

        layer = FeedForward(512)
        print(layer.w1)
        print(sum(p.numel() for p in layer.parameters()), "= 8 × 512² + 5 × 512")
        ```

        ```text {.output}
        Linear(in_features=512, out_features=2048, bias=True)
        2099712 = 8 × 512² + 5 × 512
        ```
    """

    @public
    def __init__(self, embed_dim: int, hidden_dim: int | None = None) -> None:
        check_sizes(embed_dim=embed_dim, hidden_dim=hidden_dim)

        super().__init__()
        hidden_dim = 4 * embed_dim if hidden_dim is None else hidden_dim
        self.w1 = nn.Linear(embed_dim, hidden_dim)
        self.w2 = nn.Linear(hidden_dim, embed_dim)

    @public
    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Apply the layer to each position.

        Args:
            x: Positions, along any number of leading axes.

        Returns:
            Output of the shape of x, without the residual.
        """
        return feed_forward(x, self.w1.weight, self.w1.bias, self.w2.weight, self.w2.bias)


class GatedFeedForward(nn.Module):
    """Hold the three weight matrices of `gated_feed_forward`; there are no biases.

    The default width is 8/3 embed_dim, rounded down. LLaMA rounds up to a multiple of
    256: `gated_hidden_dim(4096, multiple_of=256)` of `dlref.cost` is its 11008, where the
    default is 10922.

    Args:
        embed_dim: Width d_model of input and output.
        hidden_dim: Inner width d_ff. None takes ⌊8 embed_dim / 3⌋: if 3 divides
            embed_dim, exactly the weights of a plain layer with its default width.

    Raises:
        TypeError: If a width is not an integer.
        ValueError: If a width is below 1.

    Example:
        ```python
        from dlref.torch.layers import GatedFeedForward

        layer = GatedFeedForward(768)
        print(layer.w_gate)
        print(sum(p.numel() for p in layer.parameters()), "= 8 × 768²")
        ```

        ```text {.output}
        Linear(in_features=768, out_features=2048, bias=False)
        4718592 = 8 × 768²
        ```
    """

    @public
    def __init__(self, embed_dim: int, hidden_dim: int | None = None) -> None:
        check_sizes(embed_dim=embed_dim, hidden_dim=hidden_dim)

        super().__init__()
        hidden_dim = gated_hidden_dim(embed_dim) if hidden_dim is None else hidden_dim
        self.w_gate = nn.Linear(embed_dim, hidden_dim, bias=False)
        self.w_up = nn.Linear(embed_dim, hidden_dim, bias=False)
        self.w_down = nn.Linear(hidden_dim, embed_dim, bias=False)

    @public
    def forward(
        self, x: Float[Tensor, "*batch d_model"]
    ) -> Float[Tensor, "*batch d_model"]:
        """Apply the layer to each position.

        Args:
            x: Positions, along any number of leading axes.

        Returns:
            Output of the shape of x, without the residual.
        """
        w_gate, w_up, w_down = self.w_gate, self.w_up, self.w_down
        return gated_feed_forward(x, w_gate.weight, w_up.weight, w_down.weight)
