"""A softmax over the keys that may be seen."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import masked_softmax
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    return {"scores": choose(draw.floats(shape)), "mask": choose(draw.flags(shape))}


def ignores_what_is_masked(answer, scores, mask):
    other = np.where(mask, scores, scores + 5)
    return answer(scores=other, mask=mask), answer(scores=scores, mask=mask)


def sums_to_one(answer, scores, mask):
    return answer(scores=scores, mask=mask).sum(-1), mask.any(-1).astype(float)


ROW = np.array([0.0, np.log(3.0), 50.0])
OVERFLOW = "exp(1000) overflows: subtract the row's maximum first, which changes nothing."

EXERCISE = Exercise(
    asks="Write a softmax over the keys that a mask allows.",
    question="DL0040",
    page="attention/masks",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def masked_softmax(scores, mask):
    """Return weights over the last axis that sum to 1 over the allowed keys.

    scores: floats (..., keys), up to 1000 in size
    mask: bools of the same shape, True = may attend
    A forbidden key has weight 0. A row in which no key is allowed is all 0.
    """
    scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    weights = np.exp(scores - top)
    total = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(total == 0, 1.0, total)
''',
    torch='''
import torch


def masked_softmax(scores, mask):
    """Return weights over the last axis that sum to 1 over the allowed keys.

    scores: floats (..., keys), up to 1000 in size
    mask: bools of the same shape, True = may attend
    A forbidden key has weight 0. A row in which no key is allowed is all 0.
    """
    seen = mask.any(dim=-1, keepdim=True)
    scores = scores.masked_fill(~mask & seen, float("-inf"))
    return scores.softmax(dim=-1).masked_fill(~seen, 0.0)
''',
    reference=masked_softmax,
    inputs=inputs(),
    by_hand=(
        Case(
            {"scores": ROW, "mask": np.array([True, True, False])},
            np.array([0.25, 0.75, 0.0]),
        ),
    ),
    extremes=(
        Case({"scores": np.zeros((1, 2)), "mask": np.zeros((1, 2), dtype=bool)}),
        Case({"scores": np.array([1000.0, 0.0]), "mask": np.array([True, True])}),
        Case({"scores": np.array([-1000.0, 0.0]), "mask": np.array([True, False])}),
        Case({"scores": np.array([[1e3], [0.0]]), "mask": np.ones((2, 1), dtype=bool)}),
    ),
    laws=(
        Law("a masked key has no influence", ignores_what_is_masked),
        Law("a row sums to 1, or to 0 if it is empty", sums_to_one),
    ),
    gradient=("scores",),
    bugs=(
        Bug(
            "    scores = np.where(mask, scores, -np.inf)\n",
            "",
            "The mask is not used: put −∞ where a key is forbidden, before the softmax.",
        ),
        Bug(
            "np.where(mask, scores, -np.inf)",
            "np.where(mask, -np.inf, scores)",
            "True means: may attend. It is the other keys that get −∞.",
        ),
        Bug("np.where(mask, scores, -np.inf)", "np.where(mask, scores, -9.0)",
            "A forbidden key still gets a little weight: use −∞."),
        Bug("np.where(mask, scores, -np.inf)", "scores * mask",
            "A score of 0 is not forbidden: e⁰ = 1. Put −∞ there."),
        Bug(
            "    top = np.where(np.isfinite(top), top, 0.0)\n",
            "",
            "A row without any key gives NaN: −∞ − (−∞), or 0 / 0. It is to be 0.",
        ),
        Bug("np.exp(scores - top)", "np.exp(scores)", OVERFLOW),
        Bug(
            "scores.softmax(dim=-1).masked_fill(~seen, 0.0)",
            "scores.softmax(dim=-1)",
            "A row without a key gets equal weights here; it is to be 0.",
            language="torch",
        ),
    ),
    prints=(
        """
import numpy as np

scores = np.array([0.0, 0.0, 0.0, -np.inf])
weights = np.exp(scores) / np.exp(scores).sum()
print(f"{weights[0]:.2f}")
""",
    ),
)  # fmt: skip
