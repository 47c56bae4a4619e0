r"""Feed-forward cost: twice attention's projections at the usual d_ff = 4d.

<!-- formula
d, d_ff = integer(2, 99), integer(100, 999)
P_plain = dlref.cost.feed_forward_parameters(d, d_ff)
P_gated = dlref.cost.feed_forward_parameters(d, d_ff, gated=True)
-->

$$
\begin{aligned}
P_{\text{plain}} &= 2\,d\,d_{ff} \\
P_{\text{gated}} &= 3\,d\,d_{ff}
\end{aligned}
$$

are the weights of one layer; a token costs two FLOPs for each. With d_ff = 4d the plain
layer has 8d² of a block's 12d². A gated layer has a third matrix: at d_ff = 8d/3 it has
as many weights as the plain one.

Source: Vaswani et al. 2017, "Attention Is All You Need" (plain, 4d).
https://arxiv.org/abs/1706.03762. Shazeer 2020, "GLU Variants Improve Transformer", eqs. 5
and 6, section 2 (gated, the factor 2/3). https://arxiv.org/abs/2002.05202

Question: [DL0045][dl0045]
"""

from fractions import Fraction

from dlref._arguments import public
from dlref._checks.numbers import check_gated_width, check_sizes

__all__ = ["feed_forward_flops", "feed_forward_parameters", "gated_hidden_dim"]


@public
def feed_forward_flops(
    num_tokens: int, embed_dim: int, hidden_dim: int | None = None, *, gated: bool = False
) -> int:
    """Count the matrix products of the forward pass: 16nd² for the usual layer.

    Not counted: biases, the activation and the gate's product, d_ff each for a token.

    Args:
        num_tokens: Number n of tokens that go through the layer.
        embed_dim: As in `Block`.
        hidden_dim: As in `Block`.
        gated: As in `Block`.

    Returns:
        FLOPs, multiply-add = 2.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        from dlref.cost import feed_forward_flops

        print(f"{feed_forward_flops(1, 768):,} = 16d² = {16 * 768**2:,}")
        ```

        ```text {.output}
        9,437,184 = 16d² = 9,437,184
        ```
    """
    check_sizes(num_tokens=num_tokens)
    return 2 * num_tokens * feed_forward_parameters(embed_dim, hidden_dim, gated=gated)


@public
def feed_forward_parameters(
    embed_dim: int,
    hidden_dim: int | None = None,
    *,
    gated: bool = False,
    bias: bool = False,
) -> int:
    """Count the weights of the two matrices, or of the gated layer's three.

    Args:
        embed_dim: As in `Block`.
        hidden_dim: As in `Block`.
        gated: As in `Block`.
        bias: As in `Block`.

    Returns:
        Number of parameters.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        from dlref.cost import feed_forward_parameters

        print(f"plain {feed_forward_parameters(768, 3072):,}")
        print(f"gated {feed_forward_parameters(768, 2048, gated=True):,}")
        ```

        ```text {.output}
        plain 4,718,592
        gated 4,718,592
        ```
    """
    hidden_dim = _inner_width(embed_dim, hidden_dim, gated=gated)
    inward = 2 if gated else 1  # gate and up, or up alone; then one matrix back
    weights = (inward + 1) * embed_dim * hidden_dim
    return weights + inward * hidden_dim + embed_dim if bias else weights


@public
def gated_hidden_dim(
    embed_dim: int, *, multiplier: int | Fraction = 1, multiple_of: int = 1
) -> int:
    """Give the gated layer a width of 8d/3, rounded as LLaMA rounds it.

    Two thirds of 4d and the multiplied width are each rounded down; the result is then
    rounded up to a multiple that suits the hardware.

    Args:
        embed_dim: Width d of the residual stream.
        multiplier: Factor on 8d/3, exact: `Fraction("1.3")` for the 1.3 of Llama 3.
        multiple_of: What the width must be a multiple of.

    Returns:
        Inner width d_ff.

    Raises:
        TypeError: If a size is not an integer, or multiplier is a float.
        ValueError: If a size is below 1, or multiplier leaves no column.

    Example:
        ```python
        from fractions import Fraction
        from dlref.cost import gated_hidden_dim

        print("LLaMA 7B", gated_hidden_dim(4096, multiple_of=256))
        llama3 = gated_hidden_dim(4096, multiplier=Fraction("1.3"), multiple_of=1024)
        print("Llama 3 8B", llama3)
        ```

        ```text {.output}
        LLaMA 7B 11008
        Llama 3 8B 14336
        ```
    """
    check_gated_width(embed_dim, multiplier, multiple_of)

    exact = int(multiplier * (8 * embed_dim // 3))
    return -(-exact // multiple_of) * multiple_of


def _inner_width(embed_dim: int, hidden_dim: int | None, *, gated: bool) -> int:
    """Return d_ff, which is 4d, or 8d/3 in a gated layer, unless given."""
    check_sizes(embed_dim=embed_dim, hidden_dim=hidden_dim)

    if hidden_dim is not None:
        return hidden_dim
    return gated_hidden_dim(embed_dim) if gated else 4 * embed_dim
