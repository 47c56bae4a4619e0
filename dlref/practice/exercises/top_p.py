"""The fewest tokens that hold a mass: top-p, or nucleus sampling."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generation import top_p
from dlref.practice.exercise import Bug, Case, Exercise, Law

CROSSES = (
    "The token with which the sum crosses p stays: compare the mass before it. Else less "
    "than p is kept, or nothing, which is NaN in the softmax."
)


@st.composite
def inputs(choose):
    n = choose(st.integers(1, 6))
    row = st.lists(st.integers(-40, 40), min_size=n, max_size=n, unique=True)
    rows = choose(st.lists(row, min_size=1, max_size=3))
    return {"logits": np.array(rows) / 8.0, "p": choose(st.floats(0.05, 0.95))}


def ignores_what_all_share(answer, logits, p):
    moved = answer(logits=logits + 1, p=p)
    return np.isfinite(moved), np.isfinite(answer(logits=logits, p=p))


def case(probabilities, p, kept, hint=""):
    z = np.log(probabilities)
    return Case({"logits": z, "p": p}, np.where(kept, z, -np.inf), hint)


EXERCISE = Exercise(
    asks="Keep the fewest tokens that hold a mass: top-p.",
    question="DL0074",
    page="generation/decoding",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def top_p(logits, p):
    """Return the logits, −∞ where a token is cut.

    logits: floats (..., vocab), no two of a row equal
    p: mass to keep, between 0 and 1

    Keep the fewest tokens whose probabilities sum to p or more.
    """
    order = np.argsort(-logits, axis=-1)
    ranked = np.take_along_axis(logits, order, axis=-1)
    powers = np.exp(ranked - ranked[..., :1])
    q = powers / powers.sum(axis=-1, keepdims=True)
    keep = q.cumsum(axis=-1) - q < p
    ranked = np.where(keep, ranked, -np.inf)
    back = np.argsort(order, axis=-1)
    return np.take_along_axis(ranked, back, axis=-1)
''',
    torch='''
import torch


def top_p(logits, p):
    """Return the logits, −∞ where a token is cut.

    logits: floats (..., vocab), no two of a row equal
    p: mass to keep, between 0 and 1

    Keep the fewest tokens whose probabilities sum to p or more.
    """
    ranked, order = logits.sort(dim=-1, descending=True)
    q = ranked.softmax(dim=-1)
    keep = q.cumsum(dim=-1) - q < p
    ranked = ranked.masked_fill(~keep, -torch.inf)
    return torch.empty_like(logits).scatter(-1, order, ranked)
''',
    reference=top_p,
    inputs=inputs(),
    by_hand=(
        case(
            [0.05, 0.5, 0.03, 0.3, 0.02, 0.1],
            0.85,
            [False, True, False, True, False, True],
            CROSSES,
        ),
        case([0.3, 0.6, 0.1], 0.4, [False, True, False], CROSSES),
    ),
    extremes=(
        Case(
            {"logits": np.array([[1000.0, 999.0, -1000.0]]), "p": 0.9},
            np.array([[1000.0, 999.0, -np.inf]]),
            "Subtract the largest logit first: the exponential of 1000 overflows.",
        ),
    ),
    laws=(Law("a number added to all logits cuts the same", ignores_what_all_share),),
    bugs=(
        Bug("q.cumsum(axis=-1) - q < p", "q.cumsum(axis=-1) < p", CROSSES),
        Bug(
            "np.argsort(-logits, axis=-1)",
            "np.argsort(logits, axis=-1)",
            "Sort from the most probable on. From the other end, the best may be cut.",
        ),
        Bug(
            "back = np.argsort(order, axis=-1)",
            "back = order",
            "To go back, take the inverse of the order, `np.argsort(order)`: the order "
            "itself is another permutation.",
        ),
        Bug(
            "return np.take_along_axis(ranked, back, axis=-1)",
            "return ranked",
            "The logits come back sorted: token 0 is no longer token 0.",
        ),
        Bug(
            "np.exp(ranked - ranked[..., :1])",
            "np.exp(ranked)",
            "Subtract the largest logit first: the exponential of 1000 overflows.",
        ),
        Bug(
            "np.where(keep, ranked, -np.inf)",
            "np.where(keep, ranked, 0.0)",
            "A logit of 0 is no probability of 0. What is cut must be −∞.",
        ),
        Bug(
            "masked_fill(~keep, -torch.inf)",
            "masked_fill(keep, -torch.inf)",
            "`masked_fill` fills where the mask is True: this cuts what should stay.",
            language="torch",
        ),
    ),
    prints=(
        """
p = [0.5, 0.25, 0.125, 0.125]  # top-p of 0.7
kept, total = 0, 0.0
for share in p:
    if total < 0.7:
        kept, total = kept + 1, total + share
print(kept)
""",
    ),
)
