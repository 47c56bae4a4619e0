"""The average of several low-rank updates, which is not that of their factors."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.fine_tuning import low_rank_update
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(a, b, alpha):
    pairs = zip(a, b, strict=True)
    return np.mean([low_rank_update(*pair, alpha=alpha) for pair in pairs], axis=0)


@st.composite
def inputs(choose):
    count, d_in, d_out, rank = (choose(st.integers(1, 3)) for _ in range(4))
    return {
        "a": choose(draw.floats((count, rank, d_in), -4, 4)),
        "b": choose(draw.floats((count, d_out, rank), -4, 4)),
        "alpha": choose(st.sampled_from([1.0, 4.0, 16.0])),
    }


def opposite_factors_are_the_same(answer, a, b, alpha):
    sign = np.where(np.arange(len(a)) % 2, 1.0, -1.0)[:, None, None]
    return answer(a=sign * a, b=sign * b, alpha=alpha), answer(a=a, b=b, alpha=alpha)


def twice_the_same_is_the_same(answer, a, b, alpha):
    twice = {"a": np.concatenate([a, a]), "b": np.concatenate([b, b])}
    return answer(**twice, alpha=alpha), answer(a=a, b=b, alpha=alpha)


EXERCISE = Exercise(
    asks="Average several adapters of one weight into a single update.",
    question="DL0072",
    page="fine_tuning/lora",
    level="full",
    minutes=6,
    numpy='''
import numpy as np


def average_adapters(a, b, alpha):
    """Return the mean of all updates α/r · BA, as one matrix (out, in).

    a: floats (adapters, r, in), a factor A of each
    b: floats (adapters, out, r), a factor B of each
    alpha: the scale α that all of them have
    """
    scale = alpha / a.shape[1]
    return scale * (b @ a).mean(axis=0)
''',
    torch='''
import torch


def average_adapters(a, b, alpha):
    """Return the mean of all updates α/r · BA, as one matrix (out, in).

    a: floats (adapters, r, in), a factor A of each
    b: floats (adapters, out, r), a factor B of each
    alpha: the scale α that all of them have
    """
    scale = alpha / a.shape[1]
    return scale * (b @ a).mean(dim=0)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {
                "a": np.array([[[1.0, 0.0]], [[0.0, 1.0]]]),
                "b": np.array([[[2.0]], [[4.0]]]),
                "alpha": 3.0,
            },
            np.array([[3.0, 6.0]]),
        ),
        Case(
            {"a": np.ones((1, 4, 1)), "b": np.ones((1, 1, 4)), "alpha": 8.0},
            np.array([[8.0]]),
        ),
    ),
    laws=(
        Law("(−B)(−A) is BA", opposite_factors_are_the_same),
        Law("each of them twice is the same", twice_the_same_is_the_same),
    ),
    bugs=(
        Bug(
            "(b @ a).mean(axis=0)",
            "(b.mean(axis=0) @ a.mean(axis=0))",
            "The mean of products is not the product of means: this mixes one adapter's "
            "A with another one's B.",
        ),
        Bug(
            "(b @ a).mean(axis=0)",
            "(b @ a).sum(axis=0)",
            "This is the sum of the updates: all of them at full strength.",
        ),
        Bug(
            "scale = alpha / a.shape[1]",
            "scale = alpha",
            "α is divided by the rank.",
        ),
        Bug(
            "scale = alpha / a.shape[1]",
            "scale = 1.0",
            "The scale α/r of each update is missing.",
        ),
        Bug(
            "scale = alpha / a.shape[1]",
            "scale = alpha / a.shape[0]",
            "That divides by the number of adapters. The rank is the second axis of A.",
        ),
    ),
    prints=(
        """
a, b = [1.0, 3.0], [2.0, 4.0]  # two adapters of a single weight
mean = (a[0] * b[0] + a[1] * b[1]) / 2
print(mean - sum(a) / 2 * sum(b) / 2)  # off by
""",
    ),
)
