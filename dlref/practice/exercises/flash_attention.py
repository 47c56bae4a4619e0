"""Causal attention, block by block."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import flash_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise


def reference(query, key, value, block):
    n = len(query)
    blocks = {"query_block": n, "key_block": len(key)}
    return flash_attention(query, key, value, **blocks, causal=True)


@st.composite
def inputs(choose):
    n, more, width, out = (choose(st.integers(low, 3)) for low in (1, 0, 1, 1))
    return {
        "query": choose(draw.floats((n, width), -3, 3)),
        "key": choose(draw.floats((n + more, width), -3, 3)),
        "value": choose(draw.floats((n + more, out))),
        "block": choose(st.integers(1, 3)),
    }


HAND = {
    "query": np.array([[0.0], [1.0]]),
    "key": np.log([[1.0], [3.0], [4.0]]),
    "value": np.array([[10.0], [30.0], [5.0]]),
    "block": 2,
}

BELOW = (
    "What is hidden has the score −∞, and the maximum begins there: scores below a "
    "finite number in its place all underflow."
)

EXERCISE = Exercise(
    asks="Write causal attention that reads the keys block by block.",
    question="DL0054",
    page="attention/flash-attention",
    level="full",
    minutes=20,
    numpy='''
import numpy as np


def flash_attention(query, key, value, block):
    """Return output (n, d_v) and log-sum-exp of the scores (n,).

    query: floats (n, d_k); key: floats (m, d_k); value: floats (m, d_v)
    block: keys that are read at a time
    n is at most m. The last query sees all keys, the one before it all
    but the last, and so on.
    """
    n, m = len(query), len(key)
    maximum = np.full((n, 1), -np.inf)
    total, summed = np.zeros((n, 1)), np.zeros((n, value.shape[1]))
    last = np.arange(m - n, m)[:, None]  # the last key that a query sees
    for start in range(0, m, block):
        k, v = key[start : start + block], value[start : start + block]
        scores = query @ k.T / np.sqrt(query.shape[1])  # (n, block)
        seen = np.arange(start, start + len(k)) <= last
        scores = np.where(seen, scores, -np.inf)
        larger = np.maximum(maximum, scores.max(axis=1, keepdims=True))
        fade, weights = np.exp(maximum - larger), np.exp(scores - larger)
        total = fade * total + weights.sum(axis=1, keepdims=True)
        summed = fade * summed + weights @ v
        maximum = larger
    return summed / total, (maximum + np.log(total))[:, 0]
''',
    torch='''
import torch


def flash_attention(query, key, value, block):
    """Return output (n, d_v) and log-sum-exp of the scores (n,).

    query: floats (n, d_k); key: floats (m, d_k); value: floats (m, d_v)
    block: keys that are read at a time
    n is at most m. The last query sees all keys, the one before it all
    but the last, and so on.
    """
    n, m = len(query), len(key)
    maximum = query.new_full((n, 1), -torch.inf)
    total = summed = query.new_zeros((n, 1))
    hidden = torch.ones(n, m, dtype=torch.bool).triu(m - n + 1)
    cut = key.split(block), value.split(block), hidden.split(block, dim=1)
    for k, v, later in zip(*cut):
        scores = query @ k.T / query.shape[1] ** 0.5  # (n, block)
        scores = scores.masked_fill(later, -torch.inf)
        larger = torch.maximum(maximum, scores.amax(dim=1, keepdim=True))
        fade, weights = (maximum - larger).exp(), (scores - larger).exp()
        total = fade * total + weights.sum(dim=1, keepdim=True)
        summed = fade * summed + weights @ v
        maximum = larger
    return summed / total, (maximum + total.log())[:, 0]
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(Case(HAND, (np.array([[20.0], [15.0]]), np.log([2.0, 8.0]))),),
    extremes=(
        Case(
            HAND | {"query": np.array([[0.0], [1000.0]])},
            hint="Scores of a thousand overflow: subtract the maximum so far.",
        ),
        Case(
            HAND
            | {"query": np.full((2, 1), -1e6), "key": np.array([[1.0], [2.0], [3.0]])},
            hint=BELOW,
        ),
    ),
    gradient=("query", "value"),
    bugs=(
        Bug("scores, -np.inf)", "scores, -1e4)", BELOW),
        Bug(
            "np.arange(m - n, m)",
            "np.arange(n)",
            "The mask begins at the first key, as with is_causal=True in PyTorch: the "
            "last query is to see the last key.",
        ),
        Bug(
            "np.arange(start, start + len(k))",
            "np.arange(len(k))",
            "The mask forgets where the block begins: each would be masked as the first.",
        ),
        Bug(
            "fade * summed + weights @ v",
            "summed + weights @ v",
            "The weighted values so far must fade when the maximum rises.",
        ),
        Bug(
            "fade * total + weights.sum(axis=1, keepdims=True)",
            "total + weights.sum(axis=1, keepdims=True)",
            "The sum so far must fade when the maximum rises.",
        ),
        Bug(
            "fade, weights = np.exp(maximum - larger)",
            "fade, weights = np.exp(np.minimum(larger - maximum, 700.0))",
            "What is old fades by exp(old − new): its inverse, as algorithm 1 of "
            "FlashAttention-2 is printed, blows it up.",
        ),
        Bug(
            "fade * total + weights.sum(axis=1, keepdims=True)\n"
            "        summed = fade * summed + weights @ v",
            "total + 1\n"
            "        summed = summed + weights @ v / weights.sum(axis=1, keepdims=True)",
            "This averages the blocks, each with its own softmax: the sum must run over "
            "all keys.",
        ),
        Bug(
            "maximum + np.log(total)",
            "maximum + total",
            "The log-sum-exp is the maximum plus the logarithm of the sum.",
        ),
        Bug(" / np.sqrt(query.shape[1])", "", "The scores are not divided by √d_k."),
    ),
)
