r"""Block cost: attention is the smaller part until the context is six times the width.

A pre-norm or post-norm Transformer block is attention and a feed-forward layer. With the
usual d_ff = 4d, n tokens cost

$$
\begin{aligned}
C_{\text{block}} &= 8nd^2 + 4n^2d + 16nd^2 \\
&= 24nd^2 + 4n^2d
\end{aligned}
$$

FLOPs: two terms for attention, then 16nd² for the feed-forward layer. So the quadratic
part catches up with all the rest at n = 6d: at d = 4096, beyond 24,576 tokens. Not
counted anywhere here: the two norms, the residual sums, biases' FLOPs, the activation,
embeddings and logits.

Source: Hoffmann et al. 2022, "Training Compute-Optimal Large Language Models",
appendix F. https://arxiv.org/abs/2203.15556

Question: [DL0042][dl0042]
"""

from dataclasses import dataclass

from dlref._checks.attention import width_of_head
from dlref.cost.attention import AttentionFlops, attention_flops, attention_parameters
from dlref.cost.feed_forward import feed_forward_flops, feed_forward_parameters

__all__ = ["BlockFlops", "block_crossover", "block_flops", "block_parameters"]


@dataclass(frozen=True)
class BlockFlops:
    """FLOPs of one Transformer block, layer by layer.

    Attributes:
        attention: FLOPs of attention, by part.
        feed_forward: FLOPs of the feed-forward layer's matrix products.
    """

    attention: AttentionFlops
    feed_forward: int

    @property
    def matmul(self) -> int:
        """All matrix products: 24nd² + 4n²d in the plain block."""
        return self.attention.matmul + self.feed_forward

    @property
    def total(self) -> int:
        """The matrix products and the softmax."""
        return self.attention.total + self.feed_forward


def block_flops(
    queries: int,
    embed_dim: int,
    num_heads: int,
    hidden_dim: int | None = None,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    keys: int | None = None,
    causal: bool = False,
    gated: bool = False,
) -> BlockFlops:
    """Count the forward pass of one block, for one sequence.

    Args:
        queries: Number n of tokens that go through the block.
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        keys: Number m ≥ n of tokens attended to, the queries' own included. None is n.
        causal: Count visible pairs only.
        gated: Whether the feed-forward layer has three matrices, as in SwiGLU.

    Returns:
        FLOPs by layer, multiply-add = 2.

    Raises:
        TypeError: As `attention_flops`.
        ValueError: As `attention_flops`.

    Example:
        ```python
        from dlref.cost import block_flops

        for n in 2048, 8192, 24576, 131072:
            flops = block_flops(n, 4096, num_heads=32)
            share = 100 * flops.attention.quadratic / flops.matmul
            print(f"{n:>6} tokens: scores and values are {share:.1f} %")
        ```

        ```text {.output}
          2048 tokens: scores and values are 7.7 %
          8192 tokens: scores and values are 25.0 %
         24576 tokens: scores and values are 50.0 %
        131072 tokens: scores and values are 84.2 %
        ```
    """
    attention = attention_flops(
        queries,
        embed_dim,
        num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        keys=keys,
        causal=causal,
    )
    return BlockFlops(
        attention, feed_forward_flops(queries, embed_dim, hidden_dim, gated=gated)
    )


def block_parameters(
    embed_dim: int,
    num_heads: int,
    hidden_dim: int | None = None,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    gated: bool = False,
    bias: bool = False,
) -> int:
    """Count the weights of one block's matrices: 12d² in the plain block.

    The norms are left out: 4d for two LayerNorms, 2d for two RMSNorms.

    Args:
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        gated: Whether the feed-forward layer has three matrices, as in SwiGLU.
        bias: Whether every matrix has a bias, as in GPT-2 and BERT.

    Returns:
        Number of parameters.

    Raises:
        TypeError: As `attention_parameters`.
        ValueError: As `attention_parameters`.

    Example:
        ```python
        from dlref.cost import block_parameters

        layers, width, vocabulary, positions = 12, 768, 50257, 1024  # GPT-2
        block = block_parameters(width, 12, bias=True) + 4 * width  # and two LayerNorms
        embeddings = (vocabulary + positions) * width
        print(f"{layers * block + embeddings + 2 * width:,}")  # and the last LayerNorm
        ```

        ```text {.output}
        124,439,808
        ```
    """
    attention = attention_parameters(
        embed_dim, num_heads, num_kv_heads=num_kv_heads, head_dim=head_dim, bias=bias
    )
    return attention + feed_forward_parameters(
        embed_dim, hidden_dim, gated=gated, bias=bias
    )


def block_crossover(
    embed_dim: int,
    num_heads: int = 1,
    hidden_dim: int | None = None,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    causal: bool = False,
    gated: bool = False,
) -> int:
    """Find the length from which scores and values cost as much as all the rest: 6d.

    Args:
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads. Without groups it changes nothing.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        causal: Count visible pairs only: 12d − 1 instead of 6d.
        gated: Whether the feed-forward layer has three matrices, as in SwiGLU.

    Returns:
        Smallest number of tokens n.

    Raises:
        TypeError: If a size is not a Python int.
        ValueError: If a size is below 1, or the heads do not divide.

    Example:
        ```python
        from dlref.cost import block_crossover

        print("plain, d = 4096:", block_crossover(4096))
        llama3 = block_crossover(4096, 32, 14336, num_kv_heads=8, gated=True)
        print("Llama 3 8B:", llama3)
        ```

        ```text {.output}
        plain, d = 4096: 24576
        Llama 3 8B: 26624
        ```
    """
    head_dim = width_of_head(embed_dim, num_heads, head_dim)
    linear = 2 * block_parameters(
        embed_dim,
        num_heads,
        hidden_dim,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        gated=gated,
    )
    pair = 4 * num_heads * head_dim
    return -(-2 * linear // pair) - 1 if causal else -(-linear // pair)
