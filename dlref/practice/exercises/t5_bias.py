"""The relative bias of T5's decoder: a learned number for each bucket of distances."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.positions import relative_buckets
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(table, queries, keys):
    buckets = relative_buckets(
        queries, keys, num_buckets=len(table), max_distance=40, bidirectional=False
    )
    return np.moveaxis(table[buckets], -1, 0)


@st.composite
def inputs(choose):
    queries = choose(st.integers(1, 4))
    shape = choose(st.sampled_from([6, 8, 12])), choose(st.integers(1, 3))
    return {
        "table": choose(draw.floats(shape)),
        "queries": queries,
        "keys": queries + choose(st.integers(0, 60)),
    }


def is_the_end_of_the_whole(answer, table, queries, keys):
    """New queries have the last rows of the whole sequence."""
    whole = answer(table=table, queries=keys, keys=keys)
    return answer(table=table, queries=queries, keys=keys), whole[:, keys - queries :]


TABLE = np.array([[0.0, 10.0], [1.0, 11.0], [2.0, 12.0], [3.0, 13.0]])

EXERCISE = Exercise(
    asks="Write the relative bias of T5's decoder, from its table.",
    question="DL0052",
    page="positions/positional-encoding",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def t5_bias(table, queries, keys):
    """Return floats (h, queries, keys), to be added to the scores.

    table: floats (b, h), a number for each of b buckets and each head; b even
    queries, keys: how many there are; the last query stands at the last key
    A key r positions before its query is in bucket r if r < e, with e = b / 2.
    Then in e + floor((b - e) * log(r / e) / log(40 / e)), at most b - 1.
    Keys behind the query count as r = 0.
    """
    b = len(table)
    exact = b // 2
    query = np.arange(keys - queries, keys)[:, None]
    r = np.maximum(query - np.arange(keys), 0)
    share = np.log(np.maximum(r, exact) / exact) / np.log(40 / exact)
    wide = exact + ((b - exact) * share).astype(int)
    buckets = np.where(r < exact, r, np.minimum(wide, b - 1))
    return table[buckets].transpose(2, 0, 1)
''',
    torch='''
import math

import torch


def t5_bias(table, queries, keys):
    """Return floats (h, queries, keys), to be added to the scores.

    table: floats (b, h), a number for each of b buckets and each head; b even
    queries, keys: how many there are; the last query stands at the last key
    A key r positions before its query is in bucket r if r < e, with e = b / 2.
    Then in e + floor((b - e) * log(r / e) / log(40 / e)), at most b - 1.
    Keys behind the query count as r = 0.
    """
    b = len(table)
    exact = b // 2
    query = torch.arange(keys - queries, keys)[:, None]
    r = (query - torch.arange(keys)).clamp(min=0)
    share = torch.log(r.clamp(min=exact) / exact) / math.log(40 / exact)
    wide = exact + ((b - exact) * share).long()
    buckets = torch.where(r < exact, r, wide.clamp(max=b - 1))
    return table[buckets].permute(2, 0, 1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"table": TABLE, "queries": 1, "keys": 12},
            # r = 9 is above 2 · 20^(1/2) = 8.9, where the last bucket begins.
            np.array([3.0, 3, 3, 2, 2, 2, 2, 2, 2, 2, 1, 0])
            + np.array([0, 10])[:, None, None],
        ),
    ),
    extremes=(
        Case({"table": TABLE, "queries": 1, "keys": 1}, np.array([[[0.0]], [[10.0]]])),
        Case({"table": TABLE, "queries": 2, "keys": 200}),
    ),
    laws=(Law("new queries have the last rows of the whole", is_the_end_of_the_whole),),
    gradient=("table",),
    bugs=(
        Bug(
            "np.arange(keys - queries, keys)[:, None]",
            "np.arange(queries)[:, None]",
            "The first query stands at the first key here: with a cache, all distances "
            "are too small, and new keys are taken to be masked.",
        ),
        Bug(
            "query - np.arange(keys)",
            "np.arange(keys) - query",
            "This counts how far the key is behind the query: all earlier keys get "
            "bucket 0, and a decoder sees no others.",
        ),
        Bug(
            "np.minimum(wide, b - 1)",
            "wide",
            "From the largest distance on, the logarithm leaves the table: all of these "
            "share the last bucket.",
        ),
        Bug(
            "exact = b // 2",
            "exact = b // 4",
            "In a decoder half of all buckets hold one distance each. A quarter is for "
            "an encoder, which needs the other half for keys behind the query.",
        ),
        Bug(
            "((b - exact) * share).astype(int)",
            "np.rint((b - exact) * share).astype(int)",
            "The logarithm is rounded down, not to the nearest: all wide buckets would "
            "begin too early.",
        ),
    ),
)
