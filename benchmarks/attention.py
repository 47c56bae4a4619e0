"""Attention against PyTorch's own: many queries at once, and one query when decoding.

The *math kernel* of PyTorch does what ours does, one operation after another. The *fused
kernel*, its default, never stores the scores; a reference that shows them cannot.
"""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.func import jacrev, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

import dlref.numpy.attention
from benchmarks.ratios import Case, on_one_thread
from dlref.torch.activations import softmax_jacobian
from dlref.torch.attention import (
    causal_mask,
    flash_attention,
    scaled_dot_product_attention,
)


def cases(
    batch: int = 4, heads: int = 16, tokens: int = 512, width: int = 64
) -> Iterator[Case]:
    """Attend to all tokens, and to the past alone."""
    query, key, value = torch.randn(3, batch, heads, tokens, width)
    for causal in False, True:
        mask = causal_mask(tokens) if causal else None
        ours = partial(scaled_dot_product_attention, query, key, value, mask)
        theirs = partial(
            F.scaled_dot_product_attention, query, key, value, is_causal=causal
        )
        from_scratch = partial(with_numpy, query, key, value, mask)
        name = f"attention ({batch}, {heads}, {tokens}, {width})" + ", causal" * causal
        yield Case(f"{name}: against the math kernel", ours, partial(math, theirs), 1.1)
        yield Case(f"{name}: against the fused kernel", ours, theirs)
        yield Case(f"{name}: ours in NumPy against ours in PyTorch", from_scratch, ours)


def blockwise_cases(
    batch: int = 4, heads: int = 16, tokens: int = 512, width: int = 64, size: int = 128
) -> Iterator[Case]:
    """Attend block by block, in PyTorch: each step on a block writes what it returns.

    A fused kernel keeps that, so ours cannot be as fast. Steps are short, and on a busy
    machine each would wait for the other threads: so both sides have one.
    """
    query, key, value = torch.randn(3, batch, heads, tokens, width)
    ours = partial(flash_attention, query, key, value, query_block=size, key_block=size)
    theirs = partial(F.scaled_dot_product_attention, query, key, value)
    name = f"`flash_attention` ({batch}, {heads}, {tokens}, {width}), blocks of {size}"
    yield Case(
        f"{name}, one thread: against the fused kernel",
        lambda: on_one_thread(ours)[0],
        lambda: on_one_thread(theirs),
    )


def math(attention: partial[Tensor]) -> Tensor:
    """Let PyTorch take its math kernel."""
    with sdpa_kernel(SDPBackend.MATH):
        return attention()


def with_numpy(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
    """Attend in NumPy; the arrays share the memory of the tensors."""
    averages = dlref.numpy.attention.scaled_dot_product_attention(
        query.numpy(),
        key.numpy(),
        value.numpy(),
        None if mask is None else mask.numpy(),
    )
    return torch.from_numpy(averages)


def decoding_cases(
    heads: int = 32,
    width: int = 128,
    keys: int = 4096,
    kv_heads: tuple[int, int] = (8, 1),
) -> Iterator[Case]:
    """Let one new query per head meet the keys that its group of heads shares."""
    query = torch.randn(1, heads, 1, width)
    for shared, aim in zip(kv_heads, (1 / 2, 1 / 3), strict=True):
        key, value = torch.randn(2, 1, shared, keys, width)
        yield Case(
            f"decode step, {heads} query heads on {shared} of keys and values, "
            f"{keys} tokens: against `enable_gqa=True`",
            partial(grouped, query, key, value),
            partial(F.scaled_dot_product_attention, query, key, value, enable_gqa=True),
            aim,
            rounds=101,
        )


def jacobian_cases(rows: int = 2048, keys: int = 64) -> Iterator[Case]:
    """Differentiate the weights of many queries in their scores."""
    scores = torch.randn(rows, keys)
    yield Case(
        f"`softmax_jacobian`, {rows} rows of {keys}: against `torch.func.jacrev`",
        partial(softmax_jacobian, scores),
        partial(vmap(jacrev(partial(torch.softmax, dim=-1))), scores),
        gradient=True,
    )


def grouped(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Give the group an axis, as `MultiHeadAttention` does; keys are not copied."""
    groups = query.reshape(1, key.shape[1], -1, 1, query.shape[-1])
    averages = scaled_dot_product_attention(groups, key[:, :, None], value[:, :, None])
    return averages.flatten(1, 2)
