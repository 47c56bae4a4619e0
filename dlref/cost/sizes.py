r"""Sizes of a block: one description, which every cost reads.

Three numbers are usually left unsaid, and a cost goes wrong where they are guessed:

<!-- formula
h = integer(2, 9)
d = h * integer(2, 9)
block = dlref.cost.Block(d, h)
h_kv, d_k, d_ff = block.num_kv_heads, block.head_dim, block.hidden_dim
-->

$$
\begin{aligned}
h_{kv} &= h \\
d_k &= d / h \\
d_{ff} &= 4d
\end{aligned}
$$

is the block of 2017. A later one may share keys and values, h_kv < h, widen its heads,
h d_k ≠ d, and gate its feed-forward layer, which then is 8d/3 wide. `Block` keeps what it
is told, fills in what it is not, and refuses what does not fit.

Source: Vaswani et al. 2017, "Attention Is All You Need", sections 3.2.2 (d / h) and 3.3
(4d). https://arxiv.org/abs/1706.03762. Ainslie et al. 2023, "GQA: Training Generalized
Multi-Query Transformer Models from Multi-Head Checkpoints", section 2.2 (h_kv).
https://arxiv.org/abs/2305.13245. Shazeer 2020, "GLU Variants Improve Transformer",
section 2 (8d/3). https://arxiv.org/abs/2002.05202

Question: [DL0042][dl0042]
"""

from dataclasses import dataclass

from dlref._arguments import public
from dlref._checks.attention import check_heads
from dlref.cost.feed_forward import _inner_width

__all__ = ["Block"]


@dataclass(frozen=True, init=False)
class Block:
    """A Transformer block: attention and a feed-forward layer on one residual stream.

    What is left out is filled in, so that every attribute is a number.

    Args:
        embed_dim: Width d of the residual stream.
        num_heads: Number h of query heads.
        hidden_dim: Inner width d_ff. None is 4d, or `gated_hidden_dim` of d.
        num_kv_heads: Number h_kv of key/value heads, a divisor of h. None is h.
        head_dim: Width d_k of a query, a key and a value. None is d / h.
        gated: Whether the feed-forward layer has three matrices, as in SwiGLU.
        bias: Whether every matrix has a bias, as in GPT-2 and BERT.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1, or the heads do not divide.

    Example:
        ```python
        from dlref.cost import Block

        print(Block(768, 12).hidden_dim, Block(768, 12, gated=True).hidden_dim)
        print(Block(1024, 16).head_dim, Block(1024, 16, head_dim=128).head_dim)
        ```

        ```text {.output}
        3072 2048
        64 128
        ```
    """

    embed_dim: int
    num_heads: int
    hidden_dim: int
    num_kv_heads: int
    head_dim: int
    gated: bool
    bias: bool

    @public
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        hidden_dim: int | None = None,
        *,
        num_kv_heads: int | None = None,
        head_dim: int | None = None,
        gated: bool = False,
        bias: bool = False,
    ) -> None:
        check_heads(embed_dim, num_heads, num_kv_heads, head_dim)

        resolved = {
            "embed_dim": embed_dim,
            "num_heads": num_heads,
            "num_kv_heads": num_heads if num_kv_heads is None else num_kv_heads,
            "head_dim": embed_dim // num_heads if head_dim is None else head_dim,
            "hidden_dim": _inner_width(embed_dim, hidden_dim, gated=gated),
            "gated": gated,
            "bias": bias,
        }
        for name, value in resolved.items():
            object.__setattr__(self, name, value)  # frozen for everyone else
