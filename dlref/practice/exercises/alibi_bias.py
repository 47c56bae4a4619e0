"""Attention with linear biases: the distance, times a slope for each head."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.positions import alibi_bias
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    queries = choose(st.integers(1, 5))
    return {
        "num_heads": choose(st.integers(1, 13)),
        "queries": queries,
        "keys": queries + choose(st.integers(0, 4)),
    }


def costs_nothing_to_see_itself(answer, num_heads, queries, keys):
    bias = answer(num_heads=num_heads, queries=queries, keys=keys)
    return bias.diagonal(keys - queries, 1, 2), np.zeros((num_heads, queries))


EXERCISE = Exercise(
    asks="Write the bias of ALiBi, for any number of heads, with a cache.",
    question="DL0052",
    page="positions/positional-encoding",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def alibi_bias(num_heads, queries, keys):
    """Return floats (num_heads, queries, keys), to be added to the scores.

    queries, keys: how many there are; the last query stands at the last key
    The slopes of p heads, a power of two, are 2^(-8/p), 2^(-16/p), … 2^(-8).
    Otherwise: those of the next lower power p, then the first, the third, …
    of the slopes of 2 p heads.
    A distance counts to both sides; a key at distance 0 gets 0.
    """
    p = 2 ** int(np.log2(num_heads))
    slopes = 2.0 ** (-8 * np.arange(1, p + 1) / p)
    between = 2.0 ** (-8 * np.arange(1, 2 * p, 2) / (2 * p))
    slopes = np.concatenate([slopes, between[: num_heads - p]])
    query = np.arange(keys - queries, keys)[:, None]
    distance = np.abs(query - np.arange(keys))
    return -slopes[:, None, None] * distance
''',
    torch='''
import math

import torch


def alibi_bias(num_heads, queries, keys):
    """Return floats (num_heads, queries, keys), to be added to the scores.

    queries, keys: how many there are; the last query stands at the last key
    The slopes of p heads, a power of two, are 2^(-8/p), 2^(-16/p), … 2^(-8).
    Otherwise: those of the next lower power p, then the first, the third, …
    of the slopes of 2 p heads.
    A distance counts to both sides; a key at distance 0 gets 0.
    """
    p = 2 ** int(math.log2(num_heads))
    slopes = 2.0 ** (-8 * torch.arange(1, p + 1) / p)
    between = 2.0 ** (-8 * torch.arange(1, 2 * p, 2) / (2 * p))
    slopes = torch.cat([slopes, between[: num_heads - p]])
    query = torch.arange(keys - queries, keys)[:, None]
    distance = (query - torch.arange(keys)).abs()
    return -slopes[:, None, None] * distance
''',
    reference=alibi_bias,
    inputs=inputs(),
    by_hand=(
        Case(
            {"num_heads": 2, "queries": 1, "keys": 4},
            np.array(
                [[[-3 / 16, -2 / 16, -1 / 16, 0]], [[-3 / 256, -2 / 256, -1 / 256, 0]]]
            ),
        ),
        Case(
            {"num_heads": 3, "queries": 2, "keys": 2},
            -np.array([1 / 16, 1 / 256, 1 / 4])[:, None, None]
            * np.array([[0, 1], [1, 0]]),
        ),
    ),
    extremes=(Case({"num_heads": 1, "queries": 1, "keys": 1}, np.zeros((1, 1, 1))),),
    laws=(
        Law(
            "a query that meets itself gets 0",
            costs_nothing_to_see_itself,
            "The last query is the last key: there the distance is 0.",
        ),
    ),
    bugs=(
        Bug(
            "return -slopes",
            "return slopes",
            "With this sign the farthest key is preferred, and no error says so.",
        ),
        Bug(
            "np.arange(keys - queries, keys)[:, None]",
            "np.arange(queries)[:, None]",
            "The first query stands at the first key here. With a cache, queries are the "
            "last positions, and the oldest key would look nearest.",
        ),
        Bug(
            "np.abs(query - np.arange(keys))",
            "query - np.arange(keys)",
            "Keys behind the query would get a bonus. A causal mask hides that, but an "
            "encoder does not: take the distance to both sides.",
        ),
        Bug(
            "-8 * np.arange(1, p + 1) / p",
            "-8 * np.arange(p) / p",
            "The first head has the slope 2^(-8/p). Counted from 0 it has 1, and no head "
            "has 2^(-8).",
        ),
        Bug(
            "np.arange(1, 2 * p, 2)",
            "np.arange(1, 2 * p)",
            "Take every second slope of 2 p heads: the others are those of p heads, and "
            "two heads would be alike.",
        ),
        Bug(
            "slopes = 2.0 ** (-8 * np.arange(1, p + 1) / p)\n"
            "    between = 2.0 ** (-8 * np.arange(1, 2 * p, 2) / (2 * p))\n"
            "    slopes = np.concatenate([slopes, between[: num_heads - p]])",
            "slopes = 2.0 ** (-8 * np.arange(1, num_heads + 1) / num_heads)",
            "Where the number of heads is no power of two, the authors' code takes the "
            "slopes of the next lower power first: this is another model.",
        ),
    ),
    prints=(
        """
import numpy as np

slopes = 2.0 ** -np.arange(1, 9)
print(int(1 / slopes[-1]))
""",
    ),
)
