"""Generation with a KV cache, and without: the time is another power of the tokens.

Tokens are given, where a model would make each of its last output: the time is the same.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from benchmarks.ratios import Case
from dlref.torch.attention import KVCache, MultiHeadAttention, causal_mask


def cases(
    counts: tuple[int, ...] = (64, 256, 1024), embed_dim: int = 64, num_heads: int = 4
) -> Iterator[Case]:
    """Hand over one token after the other."""
    attention = MultiHeadAttention(embed_dim, num_heads)
    for tokens in counts:
        x = torch.randn(1, tokens, embed_dim)
        layer = f"`MultiHeadAttention({embed_dim}, {num_heads})`"
        yield Case(
            f"{layer}, {tokens} tokens one by one: cached against uncached",
            partial(cached, attention, x),
            partial(uncached, attention, x),
            rounds=3,
            tokens=tokens,
        )


def cached(attention: MultiHeadAttention, x: Tensor) -> Tensor:
    """Run each token once; what it offers to later ones is kept."""
    tokens = x.shape[1]
    cache = KVCache(1, attention.num_kv_heads, tokens, attention.head_dim)
    steps = [attention(x[:, i : i + 1], cache=cache) for i in range(tokens)]
    return torch.cat(steps, dim=1)


def uncached(attention: MultiHeadAttention, x: Tensor) -> Tensor:
    """Run all tokens so far for each new one, as a next layer would need them all."""
    steps = [
        attention(x[:, :tokens], causal_mask(tokens))[:, -1:]
        for tokens in range(1, x.shape[1] + 1)
    ]
    return torch.cat(steps, dim=1)
