"""Generation with a KV cache, and without, where the time is another power of the tokens.

Tokens are given, where a model would make each of its last output: the time is the same.
And the choice of a token, beside what PyTorch has of it.
"""

from collections.abc import Iterator
from functools import partial

import torch
from torch import Tensor

from benchmarks.ratios import Case
from dlref.torch.attention import KVCache, MultiHeadAttention, causal_mask
from dlref.torch.generation import gumbel_max, top_k


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
    yield from chosen(16, 50_257)


def chosen(rows: int, vocab: int) -> Iterator[Case]:
    """Sort the whole vocabulary, so that ties have an order; draw noise of 64 bits."""
    logits = torch.randn(rows, vocab)
    yield Case(
        f"`top_k`, {rows} rows of {vocab}: against `torch.topk` and a threshold",
        partial(top_k, logits, 50),
        partial(above_threshold, logits, 50),
    )
    sure = logits.clone()
    sure[:, 7] += 1e4  # or both would draw tokens of their own
    yield Case(
        f"`gumbel_max`, {rows} rows of {vocab}: against `torch.multinomial`",
        partial(gumbel_max, sure, None),
        partial(multinomial, sure),
    )


def above_threshold(logits: Tensor, k: int) -> Tensor:
    """Keep what is at least the k-th largest: more than k, where some tie with it."""
    return logits.masked_fill(logits < logits.topk(k).values[..., -1:], -torch.inf)


def multinomial(logits: Tensor) -> Tensor:
    """Draw a token of each row from its probabilities."""
    return logits.softmax(dim=-1).multinomial(1)[..., 0]


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
