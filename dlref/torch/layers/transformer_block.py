r"""Transformer block: two updates to a stream of tokens, and a norm to each.

Attention moves information between tokens, the feed-forward layer works on each token
alone, and both *add* what they find to the stream. Where the norms N stand is what blocks
differ in. For one of the two layers, F,

$$
\begin{aligned}
y_{\text{pre}} &= x + F(\operatorname{N}(x)) \\
y_{\text{post}} &= \operatorname{N}(x + F(x)) \\
y_{\text{peri}} &= x + \operatorname{N}(F(\operatorname{N}(x))) \\
y_{\text{output}} &= x + \operatorname{N}(F(x))
\end{aligned}
$$

where each N has gains of its own. The original Transformer is post-norm, GPT-2 and Llama
are pre-norm, Gemma 2 has both norms within the branch, and OLMo 2 norms the output of
each layer alone. Only post-norm norms the stream itself, so only there is the skip no
identity. In the three others the stream grows, and a model needs one more norm before its
logits.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.1 (post).
https://arxiv.org/abs/1706.03762 Radford et al. 2019, "Language Models are Unsupervised
Multitask Learners", section 2.3 (pre).
https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
Gemma Team 2024, "Gemma 2", section 2 (peri). https://arxiv.org/abs/2408.00118 OLMo et al.
2025, "2 OLMo 2 Furious", section 2.1 (output). https://arxiv.org/abs/2501.00656

Question: [DL0057][dl0057]
"""

from collections.abc import Callable
from typing import get_args

from jaxtyping import Bool, Float
from torch import Tensor, nn

from dlref._checks.attention import check_even_heads, check_vectors
from dlref._checks.numbers import check_choice
from dlref._choices import Placement
from dlref.torch._arguments import public
from dlref.torch.attention import KVCache, MultiHeadAttention
from dlref.torch.layers.feed_forward import FeedForward, GatedFeedForward
from dlref.torch.layers.rms_norm import RMSNorm

__all__ = ["TransformerBlock"]

_PLACES = {
    "pre": {"input"},
    "post": {"sum"},
    "peri": {"input", "output"},
    "output": {"output"},
}


class TransformerBlock(nn.Module):
    """Add attention and a feed-forward layer to the stream of tokens.

    It is the original's: LayerNorm, ReLU, and biases everywhere. With `gated` it is that
    of LLaMA: RMSNorm, SwiGLU, and no bias. As an encoder's block it takes no mask, or one
    of padding, as a decoder's a causal mask. It knows no positions.

    Args:
        embed_dim: Width d_model of a token, a multiple of num_heads.
        num_heads: Query heads h.
        hidden_dim: Inner width d_ff of the feed-forward layer. None is its default.
        num_kv_heads: Key/value heads h_kv, a divisor of num_heads. None is h.
        gated: Whether it is built as LLaMA's.
        norm: Where the norms stand: pre, post, peri or output.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1 or does not divide, or norm is none of these.

    Example:
        ```python
        from dlref.torch.layers import TransformerBlock

        for norm in "pre", "post", "peri", "output":
            block = TransformerBlock(64, 4, norm=norm)
            parameters = sum(p.numel() for p in block.parameters())
            print(f"{norm:6} {parameters} = 12d² + 9d + {(parameters - 49728) // 64}d")
        ```

        ```text {.output}
        pre    49984 = 12d² + 9d + 4d
        post   49984 = 12d² + 9d + 4d
        peri   50240 = 12d² + 9d + 8d
        output 49984 = 12d² + 9d + 4d
        ```
    """

    @public
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        hidden_dim: int | None = None,
        *,
        num_kv_heads: int | None = None,
        gated: bool = False,
        norm: Placement = "pre",
    ) -> None:
        check_even_heads(embed_dim, num_heads, num_kv_heads)
        check_choice("norm", norm, get_args(Placement))

        super().__init__()
        make_norm = RMSNorm if gated else nn.LayerNorm
        make_layer = GatedFeedForward if gated else FeedForward

        def norms() -> nn.ModuleDict:
            return nn.ModuleDict(
                {
                    place: make_norm(embed_dim)
                    if place in _PLACES[norm]
                    else nn.Identity()
                    for place in ("input", "output", "sum")
                }
            )

        self.attention = MultiHeadAttention(
            embed_dim, num_heads, num_kv_heads=num_kv_heads, bias=not gated
        )
        self.feed_forward = make_layer(embed_dim, hidden_dim)
        self.attention_norms = norms()
        self.feed_forward_norms = norms()

    @public
    def forward(
        self,
        x: Float[Tensor, "*batch queries d_model"],
        mask: Bool[Tensor, "*#batch #queries #keys"] | None = None,
        cache: KVCache | None = None,
    ) -> Float[Tensor, "*batch queries d_model"]:
        """Update the stream of the tokens twice.

        Args:
            x: Tokens. With a cache only the new ones, and exactly one batch axis.
            mask: True where a token may attend to a key, as in `MultiHeadAttention`.
            cache: Where keys and values of earlier tokens are, and those of x go.

        Returns:
            One vector per token of x.

        Raises:
            TypeError: If the mask is not boolean, or x not floating point.
            ValueError: If x and mask do not fit, or `KVCache.append` refuses.

        Example:
            ```python
            import torch
            from dlref.torch.attention import causal_mask
            from dlref.torch.layers import TransformerBlock

            block, x = TransformerBlock(8, 2).requires_grad_(False), torch.randn(5, 8)
            changed = x.clone()
            changed[3] *= -1
            moved = block(changed, causal_mask(5)) != block(x, causal_mask(5))
            print(moved.any(dim=1).tolist())
            ```

            ```text {.output}
            [False, False, False, True, True]
            ```
        """
        check_vectors("x", x, self.attention.query.in_features)

        x = _add(x, lambda z: self.attention(z, mask, cache), self.attention_norms)
        return _add(x, self.feed_forward, self.feed_forward_norms)


def _add(
    x: Float[Tensor, "*batch queries d_model"],
    layer: Callable[[Tensor], Tensor],
    norms: nn.ModuleDict,
) -> Float[Tensor, "*batch queries d_model"]:
    """Add the update of one layer to the stream; where no norm stands is an identity."""
    update = norms["output"](layer(norms["input"](x)))
    total: Tensor = norms["sum"](x + update)
    return total
