"""One head of attention that decodes with a cache."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import causal_mask, scaled_dot_product_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise


def use(kind, query, key, value, chunks):
    """Feed the sequence chunk by chunk; return all outputs."""
    cache, outputs, start = kind(), [], 0
    for count in chunks:
        part = slice(start, start + count)
        outputs.append(cache.attend(query[part], key[part], value[part]))
        start += count
    return outputs


def reference(query, key, value, chunks):
    n = len(query)
    whole = scaled_dot_product_attention(query, key, value, causal_mask(n))
    return tuple(np.split(whole, np.cumsum(chunks)[:-1]))


@st.composite
def inputs(choose):
    chunks = choose(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    n, width, out = sum(chunks), choose(st.integers(1, 3)), choose(st.integers(1, 3))
    return {
        "query": choose(draw.floats((n, width), -2, 2)),
        "key": choose(draw.floats((n, width), -2, 2)),
        "value": choose(draw.floats((n, out), -4, 4)),
        "chunks": chunks,
    }


def case(chunks, right=None):
    n = sum(chunks)
    zeros, value = np.zeros((n, 1)), np.arange(1.0, n + 1)[:, None]
    return Case({"query": zeros, "key": zeros, "value": value, "chunks": chunks}, right)


EXERCISE = Exercise(
    asks="Write causal attention with a KV cache, for prefill and for steps.",
    question="DL0043",
    page="attention/kv-cache",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


class CachedAttention:
    """One head of causal attention that keeps what came before."""

    def __init__(self):
        self.keys = self.values = None

    def attend(self, query, key, value):
        """Append n new positions, and return their outputs (n, d_v).

        query, key: floats (n, d_k); value: floats (n, d_v)
        A position sees all positions before it, those of former calls
        too, and itself.
        """
        if self.keys is not None:
            key = np.concatenate([self.keys, key])
            value = np.concatenate([self.values, value])
        self.keys, self.values = key, value
        scores = query @ key.T / np.sqrt(query.shape[-1])  # (n, m)
        past = len(key) - len(query)
        seen = np.tri(len(query), len(key), past, dtype=bool)
        scores = np.where(seen, scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return weights / weights.sum(axis=-1, keepdims=True) @ value
''',
    torch='''
import torch


class CachedAttention:
    """One head of causal attention that keeps what came before."""

    def __init__(self):
        self.keys = self.values = None

    def attend(self, query, key, value):
        """Append n new positions, and return their outputs (n, d_v).

        query, key: floats (n, d_k); value: floats (n, d_v)
        A position sees all positions before it, those of former calls
        too, and itself.
        """
        if self.keys is not None:
            key = torch.cat([self.keys, key])
            value = torch.cat([self.values, value])
        self.keys, self.values = key, value
        scores = query @ key.T / query.shape[-1] ** 0.5  # (n, m)
        past = len(key) - len(query)
        seen = torch.ones(len(query), len(key), dtype=torch.bool).tril(past)
        scores = scores.masked_fill(~seen, float("-inf"))
        return scores.softmax(dim=-1) @ value
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    by_hand=(
        case([2], (np.array([[1.0], [1.5]]),)),
        case([1, 1], (np.array([[1.0]]), np.array([[1.5]]))),
        case([2, 1], (np.array([[1.0], [1.5]]), np.array([[2.0]]))),
    ),
    extremes=(
        Case(
            {
                "query": np.array([[100.0], [-100.0]]),
                "key": np.array([[100.0], [100.0]]),
                "value": np.array([[1.0], [3.0]]),
                "chunks": [2],
            },
            (np.array([[1.0], [2.0]]),),
            "Subtract each row's own maximum before the exponential.",
        ),
    ),
    bugs=(
        Bug(
            "past = len(key) - len(query)",
            "past = 0",
            "The mask begins at the first key: a new query then sees only the oldest "
            "ones. Shift it by what is in the cache.",
        ),
        Bug(
            "        seen = np.tri(len(query), len(key), past, dtype=bool)\n",
            "        seen = np.ones((len(query), len(key)), dtype=bool)\n",
            "Right for one new position; a chunk of several sees its own future.",
        ),
        Bug(
            "            value = np.concatenate([self.values, value])\n"
            "        self.keys, self.values = key, value",
            "            value = np.concatenate([self.values, value])\n        else:\n"
            "            self.keys, self.values = key, value",
            "Only the first chunk is kept: store what was appended, too.",
        ),
        Bug(
            "np.concatenate([self.keys, key])",
            "np.concatenate([key, self.keys])",
            "New keys come after the old ones, as the values do.",
        ),
        Bug(
            "/ np.sqrt(query.shape[-1])",
            "",
            "The scores are not divided by √d_k.",
        ),
    ),
)
