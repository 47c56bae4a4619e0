"""The causal mask, for as many keys as there are."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import causal_mask
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    queries = choose(st.integers(1, 6))
    return {"queries": queries, "keys": queries + choose(st.integers(0, 5))}


def sees_all_at_the_end(answer, queries, keys):
    return answer(queries=queries, keys=keys)[-1], np.ones(keys, dtype=bool)


EXERCISE = Exercise(
    asks="Write the causal mask of queries and keys, for prefill and decode.",
    question="DL0040",
    page="attention/masks",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def causal_mask(queries, keys):
    """Return bools (queries, keys): may this query attend to this key?

    queries, keys: how many there are; keys >= queries
    The last query stands at the last key, as with a cache.
    """
    query = np.arange(queries)[:, None] + keys - queries
    return np.arange(keys) <= query
''',
    torch='''
import torch


def causal_mask(queries, keys):
    """Return bools (queries, keys): may this query attend to this key?

    queries, keys: how many there are; keys >= queries
    The last query stands at the last key, as with a cache.
    """
    query = torch.arange(queries)[:, None] + keys - queries
    return torch.arange(keys) <= query
''',
    reference=causal_mask,
    inputs=inputs(),
    by_hand=(
        Case({"queries": 3, "keys": 3}, np.tri(3, dtype=bool)),
        Case(
            {"queries": 2, "keys": 4}, np.array([[1, 1, 1, 0], [1, 1, 1, 1]], dtype=bool)
        ),
    ),
    extremes=(Case({"queries": 1, "keys": 5}, np.ones((1, 5), dtype=bool)),),
    laws=(Law("the last query sees all keys", sees_all_at_the_end),),
    bugs=(
        Bug(
            "[:, None] + keys - queries",
            "[:, None]",
            "The first query stands at the first key here. With a cache, the queries are "
            "the last positions: shift them by keys − queries.",
        ),
        Bug("<= query", "< query", "A position sees itself, too: ≤, not <."),
        Bug(
            "<= query",
            ">= query",
            "This lets each position see the future and not the past.",
        ),
        Bug(
            "return np.arange(keys) <= query",
            "return np.arange(keys) > query",
            "Here True is blocked. In this mask, and in PyTorch's kernel, True attends.",
        ),
    ),
    prints=(
        """
import numpy as np

print(np.tri(100, dtype=int).sum())
""",
    ),
)
