"""The pooling of a hierarchical attention network."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import attention_pooling
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    segments, words, width, answers = (choose(st.integers(1, 4)) for _ in range(4))
    return {
        "hidden": choose(draw.floats((segments, words, width), -2, 2)),
        "weight": choose(draw.floats((answers, width), -2, 2)),
        "bias": choose(draw.floats((answers,), -2, 2)),
        "context": choose(draw.floats((answers,), -2, 2)),
        "mask": choose(draw.flags((segments, words))),
    }


def reference(hidden, weight, bias, context, mask):
    return attention_pooling(hidden, weight, bias, context, mask)[0]


def padding_has_no_influence(answer, hidden, mask, **others):
    other = np.where(mask[..., None], hidden, 1.0)
    return answer(hidden=other, mask=mask, **others), answer(
        hidden=hidden, mask=mask, **others
    )


def case(mask, right=None, hint=""):
    hidden = np.array([[[1.0], [3.0]]])
    weights = {"weight": np.eye(1), "bias": np.zeros(1), "context": np.zeros(1)}
    given = {"hidden": hidden, **weights, "mask": np.array([mask])}
    return Case(given, right, hint)


EXERCISE = Exercise(
    asks="Write the attention pooling of words into a sentence, with padding.",
    question="DL0041",
    page="attention/hierarchical",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def attention_pooling(hidden, weight, bias, context, mask):
    """Average the words of each segment, weighted by a learned question.

    hidden: floats (segments, words, d)
    weight, bias: floats (d_a, d) and (d_a,); context: floats (d_a,)
    mask: bools (segments, words), False = padding
    Word t scores context · tanh(weight h_t + bias); a softmax over the
    words that count gives its part in the mean (segments, d).
    A segment without any word is 0.
    """
    answers = np.tanh(hidden @ weight.T + bias)  # (segments, words, d_a)
    scores = np.where(mask, answers @ context, -np.inf)
    top = scores.max(axis=-1, keepdims=True)
    parts = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = parts.sum(axis=-1, keepdims=True)
    parts = parts / np.where(total == 0, 1.0, total)
    return (parts[..., None] * hidden).sum(axis=-2)
''',
    torch='''
import torch


def attention_pooling(hidden, weight, bias, context, mask):
    """Average the words of each segment, weighted by a learned question.

    hidden: floats (segments, words, d)
    weight, bias: floats (d_a, d) and (d_a,); context: floats (d_a,)
    mask: bools (segments, words), False = padding
    Word t scores context · tanh(weight h_t + bias); a softmax over the
    words that count gives its part in the mean (segments, d).
    A segment without any word is 0.
    """
    answers = torch.tanh(hidden @ weight.T + bias)  # (segments, words, d_a)
    some = mask.any(dim=-1, keepdim=True)
    scores = (answers @ context).masked_fill(~mask & some, float("-inf"))
    parts = scores.softmax(dim=-1) * some
    return (parts[..., None] * hidden).sum(dim=-2)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([True, True], np.array([[2.0]])),
        case([True, False], np.array([[1.0]])),
    ),
    extremes=(
        case([False, False], np.array([[0.0]])),
        Case(
            {
                "hidden": np.array([[[1.0]], [[-1.0]]]),
                "weight": 9 * np.eye(1),
                "bias": np.zeros(1),
                "context": np.array([1000.0]),
                "mask": np.ones((2, 1), dtype=bool),
            },
            np.array([[1.0], [-1.0]]),
            "Subtract each segment's own maximum before the exponential.",
        ),
    ),
    laws=(Law("padding has no influence", padding_has_no_influence),),
    gradient=("hidden", "context"),
    bugs=(
        Bug(
            "parts = parts / np.where(total == 0, 1.0, total)",
            "parts = parts / total",
            "A segment that is all padding divides 0 by 0. It is to be 0.",
        ),
        Bug(
            "np.where(mask, answers @ context, -np.inf)",
            "answers @ context",
            "Padding takes part in the softmax: put −∞ there.",
        ),
        Bug(
            "np.where(mask, answers @ context, -np.inf)",
            "(answers @ context) * mask",
            "A score of 0 still gets weight e⁰ = 1: padding needs −∞.",
        ),
        Bug(
            "np.tanh(hidden @ weight.T + bias)",
            "hidden @ weight.T + bias",
            "The tanh is left out: without it the score is linear in the word.",
        ),
        Bug(
            "return (parts[..., None] * hidden).sum(axis=-2)",
            "return (parts[..., None] * hidden).mean(axis=-2)",
            "The weights sum to 1 already: add, and do not divide again.",
        ),
    ),
    prints=(
        """
import numpy as np

words = np.array([4.0, 8.0, 100.0])  # the last is padding
scores = np.array([0.0, np.log(3), -np.inf])
weights = np.exp(scores) / np.exp(scores).sum()
print(f"{weights @ words:.1f}")
""",
    ),
)
