r"""Activation memory: what the forward pass leaves for the backward pass to read.

Of the plain block, at n tokens of width d and h heads, autograd keeps for each sequence

<!-- formula
n, h = integer(2, 30), integer(2, 5)
d = h * integer(2, 9)
equals = dlref.cost.block_activation_bytes(n, d, h, bytes_per_element=1).total
-->

$$
16\, n d + h n^2
$$

elements: five n × d in attention (input, queries, keys, values, heads), nine in the
feed-forward layer (input, and 4d before and after the activation), and the inputs of the
two norms. The weights h n² come in addition: they are the quadratic memory that
FlashAttention does without, since it recomputes them block by block. Only they depend on
the number of heads.

At two bytes the formula is 32 nd + 2 h n². The source has 34 nd + 5 h n²: it adds the
masks of two dropouts, a byte for each element, and the weights' own dropout.

Source: Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer
Models", section 4.1 and eq. 1. https://arxiv.org/abs/2205.05198

Question: [DL0042][dl0042]
"""

from dataclasses import dataclass

from dlref._checks.attention import kv_heads, width_of_head
from dlref._checks.numbers import check_sizes
from dlref.cost.attention import attention_pairs
from dlref.cost.feed_forward import _hidden_dim

__all__ = [
    "AttentionActivations",
    "BlockActivations",
    "attention_activation_bytes",
    "block_activation_bytes",
    "feed_forward_activation_bytes",
]


@dataclass(frozen=True)
class AttentionActivations:
    """Bytes that one attention layer keeps for its backward pass.

    Attributes:
        input: What the projections read.
        query: What the scores read, Q.
        key: What the scores read, K.
        value: What the weighted sum reads, V.
        weights: The softmax's output, a number for each head, query and key.
        heads: What the output projection reads.
    """

    input: int
    query: int
    key: int
    value: int
    weights: int
    heads: int

    @property
    def without_weights(self) -> int:
        """All that is linear in the tokens."""
        return self.input + self.query + self.key + self.value + self.heads

    @property
    def total(self) -> int:
        """All six."""
        return self.without_weights + self.weights


@dataclass(frozen=True)
class BlockActivations:
    """Bytes that one Transformer block keeps for its backward pass.

    Attributes:
        attention: Bytes of attention, by part.
        feed_forward: Bytes of the feed-forward layer.
        norms: Inputs of the two norms.
    """

    attention: AttentionActivations
    feed_forward: int
    norms: int

    @property
    def total(self) -> int:
        """All three."""
        return self.attention.total + self.feed_forward + self.norms


def attention_activation_bytes(
    queries: int,
    embed_dim: int,
    num_heads: int,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    keys: int | None = None,
    batch_size: int = 1,
    bytes_per_element: int = 2,
) -> AttentionActivations:
    """Count what plain attention, without dropout, keeps of one forward pass.

    A causal mask saves nothing here: a plain implementation stores the masked weights as
    zeros. Not counted: the mask itself, and the copies of an implementation that repeats
    its key/value heads to the number of query heads.

    FlashAttention keeps `without_weights`, and one number for each head and query.

    Args:
        queries: Number n of tokens that go through the layer.
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        keys: Number m of tokens attended to: with a cache, more than n. None is n.
        batch_size: Number of sequences.
        bytes_per_element: Two for float16 and bfloat16, four for float32.

    Returns:
        Bytes by part.

    Raises:
        TypeError: If a size is not a Python int.
        ValueError: If a size is below 1, or the heads do not divide.

    Example:
        ```python
        from dlref.cost import attention_activation_bytes

        n, d, h = 4096, 4096, 32
        kept = attention_activation_bytes(n, d, h)
        print(f"linear {kept.without_weights / 2**20:.0f} MiB")
        print(f"weights {kept.weights / 2**20:.0f} MiB")
        ```

        ```text {.output}
        linear 160 MiB
        weights 1024 MiB
        ```
    """
    num_kv_heads = kv_heads(num_heads, num_kv_heads)
    head_dim = width_of_head(embed_dim, num_heads, head_dim)
    check_sizes(batch_size=batch_size, bytes_per_element=bytes_per_element)
    pairs = attention_pairs(queries, keys)

    size = batch_size * bytes_per_element
    query = size * queries * num_heads * head_dim
    key = size * (queries if keys is None else keys) * num_kv_heads * head_dim
    return AttentionActivations(
        input=size * queries * embed_dim,
        query=query,
        key=key,
        value=key,
        weights=size * pairs * num_heads,
        heads=query,
    )


def feed_forward_activation_bytes(
    num_tokens: int,
    embed_dim: int,
    hidden_dim: int | None = None,
    *,
    gated: bool = False,
    batch_size: int = 1,
    bytes_per_element: int = 2,
) -> int:
    """Count what the feed-forward layer keeps of one forward pass.

    Besides its input, the plain layer keeps its inner vector before and after the
    activation; ReLU alone could do with one. The gated layer keeps four: the gate before
    and after the activation, the other branch, and their product.

    Args:
        num_tokens: Number n of tokens of each sequence.
        embed_dim: Width d of the residual stream.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        gated: Whether there are three matrices, as in SwiGLU, and not two.
        batch_size: Number of sequences.
        bytes_per_element: Two for float16 and bfloat16, four for float32.

    Returns:
        Bytes.

    Raises:
        TypeError: If a size is not a Python int.
        ValueError: If a size is below 1.

    Example:
        ```python
        from dlref.cost import feed_forward_activation_bytes

        n, d = 10, 64
        print(feed_forward_activation_bytes(n, d), 2 * 9 * n * d)
        ```

        ```text {.output}
        11520 11520
        ```
    """
    check_sizes(
        num_tokens=num_tokens, batch_size=batch_size, bytes_per_element=bytes_per_element
    )
    hidden_dim = _hidden_dim(embed_dim, hidden_dim, gated)
    kept = embed_dim + (4 if gated else 2) * hidden_dim
    return batch_size * bytes_per_element * num_tokens * kept


def block_activation_bytes(
    queries: int,
    embed_dim: int,
    num_heads: int,
    hidden_dim: int | None = None,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    gated: bool = False,
    batch_size: int = 1,
    bytes_per_element: int = 2,
) -> BlockActivations:
    """Count what one block, without dropout, keeps of one forward pass.

    Not counted: the norms' means and variances, two numbers for each token.

    Args:
        queries: Number n of tokens of each sequence.
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        gated: Whether the feed-forward layer has three matrices, as in SwiGLU.
        batch_size: Number of sequences.
        bytes_per_element: Two for float16 and bfloat16, four for float32.

    Returns:
        Bytes by layer.

    Raises:
        TypeError: As `attention_activation_bytes`.
        ValueError: As `attention_activation_bytes`.

    Example:
        ```python
        from dlref.cost import block_activation_bytes

        n, d, h = 2048, 12288, 96  # GPT-3, one sequence, one of 96 blocks
        kept = block_activation_bytes(n, d, h).total
        print(f"{kept:,} = 32nd + 2hn² = {32 * n * d + 2 * h * n**2:,}")
        ```

        ```text {.output}
        1,610,612,736 = 32nd + 2hn² = 1,610,612,736
        ```
    """
    size = {"batch_size": batch_size, "bytes_per_element": bytes_per_element}
    attention = attention_activation_bytes(
        queries,
        embed_dim,
        num_heads,
        num_kv_heads=num_kv_heads,
        head_dim=head_dim,
        **size,
    )
    feed_forward = feed_forward_activation_bytes(
        queries, embed_dim, hidden_dim, gated=gated, **size
    )
    return BlockActivations(attention, feed_forward, norms=2 * attention.input)
