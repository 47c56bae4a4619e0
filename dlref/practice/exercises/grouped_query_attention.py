"""Grouped-query attention."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import scaled_dot_product_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(query, key, value):
    """Take the heads one by one."""
    heads, groups = query.shape[0], key.shape[0]
    which = [head * groups // heads for head in range(heads)]
    found = [
        scaled_dot_product_attention(query[head], key[kv], value[kv])
        for head, kv in enumerate(which)
    ]
    return np.stack(found)


@st.composite
def inputs(choose):
    groups, size, n, width = (choose(st.integers(1, 3)) for _ in range(4))
    return {
        "query": choose(draw.floats((groups * size, n, width), -2, 2)),
        "key": choose(draw.floats((groups, n, width), -2, 2)),
        "value": choose(draw.floats((groups, n, width), -4, 4)),
    }


def shares(answer, query, key, value):
    """Query heads of one group that are equal give the same."""
    same = np.repeat(query[::1][:1], len(query) // len(key), axis=0)
    whole = np.concatenate([same, query[len(same) :]])
    found = answer(query=whole, key=key, value=value)[: len(same)]
    return found, np.repeat(found[:1], len(same), axis=0)


VALUE = np.array([[[1.0]], [[2.0]]])
# Scores of 1,024 in one row, and of −1,024 in the other.
LARGE = {
    "query": np.array([[[32.0], [-32.0]]]),
    "key": np.array([[[32.0], [32.0]]]),
    "value": np.array([[[1.0], [3.0]]]),
}

EXERCISE = Exercise(
    asks="Write grouped-query attention over heads that are split already.",
    question="DL0044",
    page="attention/multi-query",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def grouped_query_attention(query, key, value):
    """Return the heads' outputs (h, n, d_v).

    query: floats (h, n, d_k)
    key, value: floats (h_kv, m, d_k) and (h_kv, m, d_v); h_kv divides h
    Runs of h / h_kv neighboring query heads share a key-value head.
    """
    group = len(query) // len(key)
    key = np.repeat(key, group, axis=0)  # (h, m, d_k)
    value = np.repeat(value, group, axis=0)
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    return weights @ value
''',
    torch='''
import torch


def grouped_query_attention(query, key, value):
    """Return the heads' outputs (h, n, d_v).

    query: floats (h, n, d_k)
    key, value: floats (h_kv, m, d_k) and (h_kv, m, d_v); h_kv divides h
    Runs of h / h_kv neighboring query heads share a key-value head.
    """
    group = len(query) // len(key)
    key = key.repeat_interleave(group, dim=0)  # (h, m, d_k)
    value = value.repeat_interleave(group, dim=0)
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    return scores.softmax(dim=-1) @ value
''',
    reference=reference,
    against="head by head",
    inputs=inputs(),
    by_hand=(
        Case(
            {"query": np.zeros((4, 1, 1)), "key": np.zeros((2, 1, 1)), "value": VALUE},
            np.array([1.0, 1.0, 2.0, 2.0])[:, None, None],
        ),
    ),
    extremes=(
        Case(LARGE, np.array([[[2.0], [2.0]]]), "Subtract each row's own maximum first."),
    ),
    laws=(Law("a group shares its keys and values", shares),),
    gradient=("query", "key"),
    bugs=(
        Bug(
            "    key = np.repeat(key, group, axis=0)  # (h, m, d_k)\n"
            "    value = np.repeat(value, group, axis=0)\n",
            "    key = np.tile(key, (group, 1, 1))\n"
            "    value = np.tile(value, (group, 1, 1))\n",
            "This lays the heads out in turns (0 1 0 1), as repeat does in PyTorch. "
            "Neighbors share: 0 0 1 1, by repeat_interleave.",
        ),
        Bug(
            "    value = np.repeat(value, group, axis=0)\n",
            "    value = np.repeat(value[:1], len(query), axis=0)\n",
            "All query heads read the first value head: that is multi-query attention.",
        ),
        Bug(
            "/ np.sqrt(query.shape[-1])",
            "/ np.sqrt(query.shape[0])",
            "Divide by √d_k, the width of a head, not by the number of heads.",
        ),
        Bug(
            "scores.max(axis=-1, keepdims=True))\n    weights = weights / "
            "weights.sum(axis=-1, keepdims=True)",
            "scores.max(axis=-1, keepdims=True))\n    weights = weights / "
            "weights.sum(axis=-2, keepdims=True)",
            "The softmax runs over the keys, the last axis.",
        ),
    ),
    prints=(
        """
heads, kv_heads = 32, 8
print(13 * kv_heads // heads)
""",
    ),
)
