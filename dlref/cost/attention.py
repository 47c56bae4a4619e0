r"""Attention's cost: projections linear in the tokens, scores and values quadratic.

For n tokens of width d, self-attention with as many key/value heads as query heads costs

$$
C = 8nd^2 + 4n^2d
$$

FLOPs: the projections, then QKᵀ and AV. A multiply-add counts as two. The number of
heads is in neither term: each of h heads works on d / h columns. It is in the softmax,
h n² exponentials. Fewer key/value heads make the key and value projections cheaper, and
leave the quadratic part as it is.

The famous O(n² d) leaves out the projections, which cost more for every n below 2d.

Source: Vaswani et al. 2017, "Attention Is All You Need", Table 1 (the quadratic part).
https://arxiv.org/abs/1706.03762. Hoffmann et al. 2022, "Training Compute-Optimal Large
Language Models", appendix F (projections and softmax). https://arxiv.org/abs/2203.15556

Question: [DL0042][dl0042]
"""

from dataclasses import dataclass

from dlref._arguments import public
from dlref._checks.attention import check_keys
from dlref._checks.numbers import check_sizes
from dlref.cost.sizes import Block

__all__ = [
    "AttentionFlops",
    "attention_flops",
    "attention_pairs",
    "attention_parameters",
    "projection_crossover",
]


@dataclass(frozen=True)
class AttentionFlops:
    """FLOPs of one attention layer, part by part.

    Attributes:
        query_projection: Queries from the input, x W_Q.
        key_projection: Keys from the input, x W_K.
        value_projection: Values from the input, x W_V.
        scores: Products of queries with keys, Q Kᵀ.
        softmax: Exponential, sum and division: three for each score.
        values: Averages of values, weights times V.
        output_projection: The heads back into the residual stream, times W_O.
    """

    query_projection: int
    key_projection: int
    value_projection: int
    scores: int
    softmax: int
    values: int
    output_projection: int

    @property
    def projections(self) -> int:
        """The four projections: 8nd² in plain self-attention."""
        inputs = self.query_projection + self.key_projection + self.value_projection
        return inputs + self.output_projection

    @property
    def quadratic(self) -> int:
        """Scores and values: 4n²d in plain self-attention."""
        return self.scores + self.values

    @property
    def matmul(self) -> int:
        """All matrix products: what a FLOP counter reports."""
        return self.projections + self.quadratic

    @property
    def total(self) -> int:
        """The matrix products and the softmax."""
        return self.matmul + self.softmax


@public
def attention_flops(
    queries: int,
    embed_dim: int,
    num_heads: int,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    keys: int | None = None,
    causal: bool = False,
) -> AttentionFlops:
    """Count the forward pass of one self-attention layer, for one sequence.

    Prefill has as many keys as queries. Decoding has one query, and `keys` counts the
    cached tokens and the new one. Only the queries' tokens are projected, to a query, a
    key and a value each: the older keys and values come from the cache.

    Not counted: biases, the scaling by 1/√d_k, the mask, the maximum that a stable
    softmax subtracts, rotary embeddings, dropout. The backward pass, which costs about
    twice as much, comes in addition.

    Args:
        queries: Number n of tokens that go through the layer.
        embed_dim: As in `Block`.
        num_heads: As in `Block`.
        num_kv_heads: As in `Block`.
        head_dim: As in `Block`.
        keys: Number m ≥ n of tokens attended to, the queries' own included. None is n.
        causal: Count visible pairs only, as a kernel that skips masked blocks would. A
            masked full product costs as much as no mask at all.

    Returns:
        FLOPs by part, multiply-add = 2.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, keys are fewer than queries, or the heads do not
            divide.

    Example:
        ```python
        from dlref.cost import attention_flops

        n, d = 128, 64
        flops = attention_flops(n, d, num_heads=4)
        print(f"projections {flops.projections:,} = 8nd² = {8 * n * d**2:,}")
        print(f"scores and values {flops.quadratic:,} = 4n²d = {4 * n**2 * d:,}")
        print(f"softmax {flops.softmax:,} = 3hn² = {3 * 4 * n**2:,}")
        ```

        ```text {.output}
        projections 4,194,304 = 8nd² = 4,194,304
        scores and values 4,194,304 = 4n²d = 4,194,304
        softmax 196,608 = 3hn² = 196,608
        ```
    """
    block = Block(embed_dim, num_heads, num_kv_heads=num_kv_heads, head_dim=head_dim)
    return _attention_flops(block, queries, keys, causal=causal)


@public
def attention_pairs(
    queries: int, keys: int | None = None, *, causal: bool = False
) -> int:
    """Count the pairs of a query and a key that it sees: the Trues of its mask.

    The last query is aligned with the last key, so queries beyond the keys see nothing.

    Args:
        queries: Number n of queries.
        keys: Number m of keys. None is n.
        causal: Whether a query sees no later key: n (n + 1) / 2 pairs where m = n.

    Returns:
        Number of pairs.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        from dlref.cost import attention_pairs

        print(attention_pairs(4), attention_pairs(4, causal=True))
        print(attention_pairs(2, 5, causal=True))  # the last sees 5, the one before it 4
        ```

        ```text {.output}
        16 10
        9
        ```
    """
    check_sizes(queries=queries, keys=keys)

    keys = queries if keys is None else keys
    if not causal:
        return queries * keys
    seeing = min(queries, keys)
    return seeing * keys - seeing * (seeing - 1) // 2


@public
def attention_parameters(
    embed_dim: int,
    num_heads: int,
    *,
    num_kv_heads: int | None = None,
    head_dim: int | None = None,
    bias: bool = False,
) -> int:
    """Count the weights of W_Q, W_K, W_V and W_O: 4d², or less with shared keys.

    Args:
        embed_dim: As in `Block`.
        num_heads: As in `Block`.
        num_kv_heads: As in `Block`.
        head_dim: As in `Block`.
        bias: As in `Block`: here, of all four projections.

    Returns:
        Number of parameters.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or the heads do not divide.

    Example:
        ```python
        from dlref.cost import attention_parameters

        plain = attention_parameters(4096, 32)
        grouped = attention_parameters(4096, 32, num_kv_heads=8)
        print(f"{plain:,} to {grouped:,}: {grouped / plain:.3f}")
        ```

        ```text {.output}
        67,108,864 to 41,943,040: 0.625
        ```
    """
    return _attention_parameters(
        Block(
            embed_dim,
            num_heads,
            num_kv_heads=num_kv_heads,
            head_dim=head_dim,
            bias=bias,
        )
    )


@public
def projection_crossover(block: Block, *, causal: bool = False) -> int:
    """Find the length from which scores and values cost as much as the projections: 2d.

    Grouped-query attention projects less and so crosses earlier, at d (1 + h_kv / h). The
    width of a head is a factor of both sides.

    Args:
        block: Its sizes.
        causal: Count visible pairs only: 4d − 1 instead of 2d.

    Returns:
        Smallest number of tokens n.

    Example:
        ```python
        from dlref.cost import Block, projection_crossover

        print(projection_crossover(Block(4096, 32)))
        print(projection_crossover(Block(4096, 32, num_kv_heads=8)))
        ```

        ```text {.output}
        8192
        5120
        ```
    """
    heads = block.num_heads + block.num_kv_heads
    if not causal:
        return -(-block.embed_dim * heads // block.num_heads)
    return -(-2 * block.embed_dim * heads // block.num_heads) - 1


def _attention_flops(
    block: Block, queries: int, keys: int | None, *, causal: bool
) -> AttentionFlops:
    """Count the attention of a block."""
    check_keys(queries, keys)

    pairs = attention_pairs(queries, keys, causal=causal)
    query_width = block.num_heads * block.head_dim
    key_width = block.num_kv_heads * block.head_dim
    return AttentionFlops(
        query_projection=2 * queries * block.embed_dim * query_width,
        key_projection=2 * queries * block.embed_dim * key_width,
        value_projection=2 * queries * block.embed_dim * key_width,
        scores=2 * pairs * query_width,
        softmax=3 * pairs * block.num_heads,
        values=2 * pairs * query_width,
        output_projection=2 * queries * query_width * block.embed_dim,
    )


def _attention_parameters(block: Block) -> int:
    """Count the four projections of a block."""
    query_width = block.num_heads * block.head_dim
    key_width = block.num_kv_heads * block.head_dim
    weights = 2 * block.embed_dim * (query_width + key_width)
    biases = query_width + 2 * key_width + block.embed_dim
    return weights + biases if block.bias else weights
