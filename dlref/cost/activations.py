r"""Activation memory: what the forward pass leaves for the backward pass to read.

Of the plain block, at n tokens of width d and h heads, autograd keeps for each sequence

<!-- formula
n, h = integer(2, 30), integer(2, 5)
d = h * integer(2, 9)
block = dlref.cost.Block(d, h)
equals = dlref.cost.block_activation_bytes(n, block, bytes_per_element=1).total
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

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dlref._arguments import public
from dlref._checks.numbers import check_sizes, check_stored
from dlref.cost.attention import attention_pairs
from dlref.cost.sizes import Block

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


@public
def attention_activation_bytes(
    queries: int,
    block: Block,
    *,
    keys: int | None = None,
    batch_size: int = 1,
    bytes_per_element: float | Fraction = 2,
) -> AttentionActivations:
    """Count what plain attention, without dropout, keeps of one forward pass.

    A causal mask saves nothing here: a plain implementation stores the masked weights as
    zeros. Not counted: the mask itself, and the copies of an implementation that repeats
    its key/value heads to the number of query heads.

    FlashAttention keeps `without_weights`, and one number for each head and query.

    Args:
        queries: Number n of tokens that go through the layer.
        block: Its sizes.
        keys: Number m of tokens attended to: with a cache, more than n. None is n.
        batch_size: Number of sequences.
        bytes_per_element: Two for float16 and bfloat16, four for float32, 0.5 for 4 bits.

    Returns:
        Bytes by part, exact; a part of one is a whole one.

    Raises:
        TypeError: If a size is not an integer, or bytes_per_element no number.
        ValueError: If a size is below 1, or bytes_per_element not above 0 and finite.

    Example:
        ```python
        from dlref.cost import Block, attention_activation_bytes

        kept = attention_activation_bytes(4096, Block(4096, 32))
        print(f"linear {kept.without_weights / 2**20:.0f} MiB")
        print(f"weights {kept.weights / 2**20:.0f} MiB")
        ```

        ```text {.output}
        linear 160 MiB
        weights 1024 MiB
        ```
    """
    size = _bytes_per_number(batch_size, bytes_per_element)
    pairs = attention_pairs(queries, keys)
    query = math.ceil(size * queries * block.num_heads * block.head_dim)
    key_width = block.num_kv_heads * block.head_dim
    key = math.ceil(size * (queries if keys is None else keys) * key_width)
    return AttentionActivations(
        input=math.ceil(size * queries * block.embed_dim),
        query=query,
        key=key,
        value=key,
        weights=math.ceil(size * pairs * block.num_heads),
        heads=query,
    )


@public
def feed_forward_activation_bytes(
    num_tokens: int,
    block: Block,
    *,
    batch_size: int = 1,
    bytes_per_element: float | Fraction = 2,
) -> int:
    """Count what the feed-forward layer keeps of one forward pass.

    Besides its input, the plain layer keeps its inner vector before and after the
    activation; ReLU alone could do with one. The gated layer keeps four: the gate before
    and after the activation, the other branch, and their product.

    Args:
        num_tokens: Number n of tokens of each sequence.
        block: Its sizes.
        batch_size: As in `attention_activation_bytes`.
        bytes_per_element: As in `attention_activation_bytes`.

    Returns:
        Bytes, exact; a part of one is a whole one.

    Raises:
        TypeError: As `attention_activation_bytes`.
        ValueError: As `attention_activation_bytes`.

    Example:
        ```python
        from dlref.cost import Block, feed_forward_activation_bytes

        n, d = 10, 64
        print(feed_forward_activation_bytes(n, Block(d, 4)), 2 * 9 * n * d)
        ```

        ```text {.output}
        11520 11520
        ```
    """
    check_sizes(num_tokens=num_tokens)

    kept = block.embed_dim + (4 if block.gated else 2) * block.hidden_dim
    size = _bytes_per_number(batch_size, bytes_per_element)
    return math.ceil(size * num_tokens * kept)


@public
def block_activation_bytes(
    queries: int,
    block: Block,
    *,
    batch_size: int = 1,
    bytes_per_element: float | Fraction = 2,
) -> BlockActivations:
    """Count what one block, without dropout, keeps of one forward pass.

    Not counted: the norms' means and variances, two numbers for each token.

    Args:
        queries: Number n of tokens of each sequence.
        block: Its sizes.
        batch_size: As in `attention_activation_bytes`.
        bytes_per_element: As in `attention_activation_bytes`.

    Returns:
        Bytes by layer.

    Raises:
        TypeError: As `attention_activation_bytes`.
        ValueError: As `attention_activation_bytes`.

    Example:
        ```python
        from dlref.cost import block_activation_bytes
        from dlref.models import GPT3

        n, d, h = 2048, GPT3.block.embed_dim, GPT3.block.num_heads
        kept = block_activation_bytes(n, GPT3.block).total  # one sequence, one block
        print(f"{kept:,} = 32nd + 2hn² = {32 * n * d + 2 * h * n**2:,}")
        ```

        ```text {.output}
        1,610,612,736 = 32nd + 2hn² = 1,610,612,736
        ```
    """
    size: Any = {"batch_size": batch_size, "bytes_per_element": bytes_per_element}
    attention = attention_activation_bytes(queries, block, **size)
    feed_forward = feed_forward_activation_bytes(queries, block, **size)
    return BlockActivations(attention, feed_forward, norms=2 * attention.input)


def _bytes_per_number(batch_size: int, bytes_per_element: float | Fraction) -> Fraction:
    """Count what one number of one token takes over the whole batch."""
    check_stored(batch_size=batch_size, bytes_per_element=bytes_per_element)
    return batch_size * Fraction(bytes_per_element)
