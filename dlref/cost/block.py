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

from dlref._arguments import public
from dlref.cost.attention import AttentionFlops, _attention_flops, _attention_parameters
from dlref.cost.feed_forward import feed_forward_flops, feed_forward_parameters
from dlref.cost.sizes import Block

__all__ = [
    "BlockFlops",
    "BlockParameters",
    "block_crossover",
    "block_flops",
    "block_parameters",
]


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


@dataclass(frozen=True)
class BlockParameters:
    """Weights and biases of one Transformer block, layer by layer.

    Attributes:
        attention: Parameters of the four projections.
        feed_forward: Parameters of the feed-forward layer's matrices.
    """

    attention: int
    feed_forward: int

    @property
    def total(self) -> int:
        """Both: 12d² in the plain block."""
        return self.attention + self.feed_forward


@public
def block_flops(
    queries: int, block: Block, *, keys: int | None = None, causal: bool = False
) -> BlockFlops:
    """Count the forward pass of one block, for one sequence.

    Args:
        queries: Number n of tokens that go through the block.
        block: Its sizes.
        keys: Number m ≥ n of tokens attended to, the queries' own included. None is n.
        causal: Count visible pairs only.

    Returns:
        FLOPs by layer, multiply-add = 2.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or keys are fewer than queries.

    Example:
        ```python
        from dlref.cost import Block, block_flops

        for n in 2048, 8192, 24576, 131072:
            flops = block_flops(n, Block(4096, 32))
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
    attention = _attention_flops(block, queries, keys, causal=causal)
    feed_forward = feed_forward_flops(
        queries, block.embed_dim, block.hidden_dim, gated=block.gated
    )
    return BlockFlops(attention, feed_forward)


@public
def block_parameters(block: Block) -> BlockParameters:
    """Count the weights of attention and feed-forward layer: 12d² in the plain block.

    The norms are left out: 4d for two LayerNorms, 2d for two RMSNorms.

    Args:
        block: Its sizes.

    Returns:
        Parameters by layer.

    Example:
        ```python
        from dlref.cost import Block, block_parameters

        plain = block_parameters(Block(768, 12))
        print(f"{plain.total:,} = 12d² = {12 * 768**2:,}")
        print(f"feed-forward {plain.feed_forward / plain.total:.3f}")
        ```

        ```text {.output}
        7,077,888 = 12d² = 7,077,888
        feed-forward 0.667
        ```
    """
    feed_forward = feed_forward_parameters(
        block.embed_dim, block.hidden_dim, gated=block.gated, bias=block.bias
    )
    return BlockParameters(_attention_parameters(block), feed_forward)


@public
def block_crossover(block: Block, *, causal: bool = False) -> int:
    """Find the length from which scores and values cost as much as all the rest: 6d.

    Args:
        block: Its sizes. Biases cost nothing here.
        causal: Count visible pairs only: 12d − 1 instead of 6d.

    Returns:
        Smallest number of tokens n.

    Example:
        ```python
        from dlref.cost import Block, block_crossover
        from dlref.models import LLAMA3_8B

        print("plain, d = 4096:", block_crossover(Block(4096, 32)))
        print("Llama 3 8B:", block_crossover(LLAMA3_8B.block))
        ```

        ```text {.output}
        plain, d = 4096: 24576
        Llama 3 8B: 26624
        ```
    """
    token = block_flops(1, block)
    linear = token.attention.projections + token.feed_forward
    pair = token.attention.quadratic
    return -(-2 * linear // pair) - 1 if causal else -(-linear // pair)
