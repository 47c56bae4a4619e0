"""Fewer key-value heads, made of many."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(weight, num_heads, num_groups):
    """Average the rows of the heads of a group, one row at a time."""
    head_dim = len(weight) // num_heads
    pooled = np.zeros((num_groups * head_dim, weight.shape[1]))
    for head in range(num_heads):
        for row in range(head_dim):
            group = head * num_groups // num_heads
            pooled[group * head_dim + row] += weight[head * head_dim + row]
    return pooled * num_groups / num_heads


@st.composite
def inputs(choose):
    groups, size, head_dim, width = (choose(st.integers(1, 3)) for _ in range(4))
    rows = groups * size * head_dim
    return {
        "weight": choose(draw.floats((rows, width))),
        "num_heads": groups * size,
        "num_groups": groups,
    }


def keeps_the_mean(answer, weight, num_heads, num_groups):
    given = {"num_heads": num_heads, "num_groups": num_groups}
    return answer(weight=weight, **given).mean(axis=0), weight.mean(axis=0)


WEIGHT = np.array([[1.0], [2.0], [3.0], [4.0]])

EXERCISE = Exercise(
    asks="Pool the key heads of a trained model into fewer, to begin GQA.",
    question="DL0044",
    page="attention/multi-query",
    level="deep",
    minutes=10,
    numpy='''
import numpy as np


def pool_heads(weight, num_heads, num_groups):
    """Return the projection (num_groups * d_k, d) of the mean heads.

    weight: floats (num_heads * d_k, d), as nn.Linear keeps it
    Runs of num_heads / num_groups neighboring heads become their mean.
    """
    size, width = num_heads // num_groups, weight.shape[1]
    heads = weight.reshape(num_groups, size, -1, width)
    return heads.mean(axis=1).reshape(-1, width)
''',
    torch='''
import torch


def pool_heads(weight, num_heads, num_groups):
    """Return the projection (num_groups * d_k, d) of the mean heads.

    weight: floats (num_heads * d_k, d), as nn.Linear keeps it
    Runs of num_heads / num_groups neighboring heads become their mean.
    """
    size, width = num_heads // num_groups, weight.shape[1]
    heads = weight.reshape(num_groups, size, -1, width)
    return heads.mean(dim=1).reshape(-1, width)
''',
    reference=reference,
    against="row by row",
    inputs=inputs(),
    by_hand=(
        Case(
            {"weight": WEIGHT, "num_heads": 4, "num_groups": 2}, np.array([[1.5], [3.5]])
        ),
        Case(
            {"weight": WEIGHT, "num_heads": 2, "num_groups": 1}, np.array([[2.0], [3.0]])
        ),
    ),
    laws=(Law("the mean of all rows stays", keeps_the_mean),),
    bugs=(
        Bug(
            "reshape(num_groups, size, -1,",
            "reshape(size, num_groups, -1,",
            "The heads of a group are neighbors: the group is the slower axis.",
        ),
        Bug(
            "heads.mean(axis=1)",
            "heads[:, 0]",
            "One head of each group is kept; GQA's uptraining begins at the mean.",
        ),
        Bug(
            "heads.mean(axis=1)",
            "heads.sum(axis=1)",
            "The sum is as many times too large as a group has heads.",
        ),
        Bug(
            "heads.mean(axis=1)",
            "heads.mean(axis=2)",
            "The mean runs over the heads of a group, not over the rows of a head.",
        ),
    ),
)
