"""One round of speculative decoding, with the uniform numbers given."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law

ABSOLUTE = (
    "|p − q| brings back the token that was just refused. Only what the target has "
    "*more* is left over."
)


def laws(choose, rows, size):
    """Draw distributions: zeros are likely, but not of each token."""
    weights = st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any)
    drawn = np.array([choose(weights) for _ in range(rows)], float).reshape(rows, size)
    return drawn / drawn.sum(axis=1, keepdims=True)


@st.composite
def inputs(choose):
    size, count = choose(st.integers(2, 4)), choose(st.integers(0, 3))
    q = laws(choose, count, size)
    drafts = [choose(st.sampled_from(list(row.nonzero()[0]))) for row in q]
    shares = st.integers(0, 996).map(lambda k: k / 997 + 0.00037)  # never exactly p/q
    return {
        "p": laws(choose, count + 1, size),
        "q": q,
        "drafts": np.array(drafts, int),
        "uniform": np.array([choose(shares) for _ in drafts], float),
        "last": choose(shares),
    }


def reference(p, q, drafts, uniform, last):
    """Use the numbers that are given in the place of those that are drawn."""
    from dlref.numpy.generation import speculative_step

    chance = Given(np.random.PCG64(0))
    chance.each, chance.last = uniform, last
    return speculative_step(p, q, drafts, chance)


class Given(np.random.Generator):
    """Hands out an array of uniform numbers, and then a single one."""

    each: np.ndarray
    last: float

    def random(self, size: Any = None) -> Any:  # type: ignore[override]
        """Return what was given before."""
        return self.last if size is None else self.each


def keeps_an_equal_draft(answer, p, q, drafts, uniform, last):
    likely = p[:-1].argmax(axis=1)
    kept = answer(p=p, q=p[:-1], drafts=likely, uniform=uniform, last=last)
    return np.asarray(kept)[:-1], likely


HALVES = np.array([[0.4, 0.3, 0.2, 0.1]] * 2)
DRAFT = np.array([[0.2, 0.2, 0.5, 0.1]])


def case(draft, uniform, last, right, hint=""):
    given = {"p": HALVES, "q": DRAFT, "drafts": np.array([draft])}
    given |= {"uniform": np.array([uniform]), "last": last}
    return Case(given, np.array(right), hint)


EXERCISE = Exercise(
    asks="Write a round of speculative decoding: keep, redraw, or add a bonus token.",
    question="DL0075",
    page="generation/speculative-decoding",
    level="whiteboard",
    minutes=12,
    numpy='''
import numpy as np


def verify_drafts(p, q, drafts, uniform, last):
    """Return the tokens that a round emits, an array of 1 to n + 1.

    p: the target's probabilities (n + 1, vocab)
    q: the draft's probabilities (n, vocab)
    drafts: the drafted tokens (n,)
    uniform: a uniform number for each draft (n,): keep it if that is small
    last: the uniform number that draws the last token: the first token at
        which the sum of the probabilities so far exceeds it
    """
    n = len(drafts)
    rows = np.arange(n)
    kept = uniform < p[rows, drafts] / q[rows, drafts]
    i = n if kept.all() else int(kept.argmin())
    law = p[i]
    if i < n:
        law = np.maximum(p[i] - q[i], 0)
        law = law / law.sum()
    token = (law.cumsum() <= last).sum()
    return np.append(drafts[:i], token)
''',
    torch='''
import torch


def verify_drafts(p, q, drafts, uniform, last):
    """Return the tokens that a round emits, a tensor of 1 to n + 1.

    p: the target's probabilities (n + 1, vocab)
    q: the draft's probabilities (n, vocab)
    drafts: the drafted tokens (n,)
    uniform: a uniform number for each draft (n,): keep it if that is small
    last: the uniform number that draws the last token: the first token at
        which the sum of the probabilities so far exceeds it
    """
    n = len(drafts)
    rows = torch.arange(n)
    kept = uniform < p[rows, drafts] / q[rows, drafts]
    i = int(kept.long().cumprod(0).sum())
    law = p[i]
    if i < n:
        law = (p[i] - q[i]).clamp(min=0)
        law = law / law.sum()
    token = (law.cumsum(0) <= last).sum()
    return torch.cat([drafts[:i], token[None]])
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(2, 0.39, 0.45, [2, 1], "0.39 is below 0.2/0.5: the draft is kept."),
        case(2, 0.41, 0.6, [0], "0.41 is above 0.2/0.5: redraw, of (2/3, 1/3, 0, 0)."),
        case(2, 0.41, 0.7, [1]),
        case(0, 0.99, 0.95, [0, 3], "The target has more of it: it is always kept."),
        case(2, 0.41, 0.35, [0], ABSOLUTE),
    ),
    extremes=(
        Case(
            {
                "p": HALVES[:1],
                "q": np.zeros((0, 4)),
                "drafts": np.zeros(0, int),
                "uniform": np.zeros(0),
                "last": 0.45,
            },
            np.array([1]),
            "Without a draft, a token is drawn from the target's only row.",
        ),
        Case(
            {
                "p": np.eye(3)[[0, 1, 2]],
                "q": np.full((2, 3), 1 / 3),
                "drafts": np.array([1, 1]),
                "uniform": np.array([0.5, 0.5]),
                "last": 0.5,
            },
            np.array([0]),
            "The first refusal ends the round, even if a later draft would be kept.",
        ),
    ),
    laws=(Law("a draft from the target itself is always kept", keeps_an_equal_draft),),
    bugs=(
        Bug(
            "law = np.maximum(p[i] - q[i], 0)",
            "law = p[i]",
            "After a refusal the token is drawn from the residual. From p, what both "
            "models like is counted twice.",
        ),
        Bug("np.maximum(p[i] - q[i], 0)", "np.abs(p[i] - q[i])", ABSOLUTE),
        Bug(
            "uniform < p[rows, drafts] / q[rows, drafts]",
            "uniform < p[rows, drafts]",
            "A draft is kept with the ratio p/q. With p alone, too few are, and the law "
            "is another one.",
        ),
        Bug(
            "uniform < p[rows, drafts] / q[rows, drafts]",
            "p[rows, drafts] >= q[rows, drafts]",
            "A draft of which the target has less is kept with probability p/q, not "
            "never.",
        ),
        Bug(
            "p[rows, drafts] / q[rows, drafts]",
            "q[rows, drafts] / p[rows, drafts].clip(1e-9)",
            "The ratio is upside down: target over draft.",
        ),
        Bug(
            "kept = uniform < p[rows, drafts] / q[rows, drafts]",
            "kept = uniform < p[rows + 1, drafts] / q[rows, drafts]",
            "Row i of p, from 0, is for draft i: the row behind it has already read that "
            "draft.",
        ),
        Bug(
            "    token =",
            "    if i == n and n:\n        return drafts\n    token =",
            "If all drafts are kept, the last row of the same pass gives one token more.",
        ),
        Bug(
            "int(kept.argmin())",
            "int(kept.sum())",
            "The first refusal ends the round: a draft behind it was written after "
            "another text.",
        ),
        Bug(
            "law / law.sum()",
            "law",
            "What is left over sums to 1 − α. Scale it, or the last token is drawn far "
            "too often.",
            language="torch",
        ),
        Bug(
            "(p[i] - q[i]).clamp(min=0)",
            "(q[i] - p[i]).clamp(min=0)",
            "The residual is what the *target* has more. What the draft has more was "
            "just refused.",
            language="torch",
        ),
    ),
    prints=(
        """
p, q = [0.4, 0.3, 0.2, 0.1], [0.2, 0.2, 0.5, 0.1]
print(round(sum(map(min, p, q)), 2))  # how often a draft is kept
""",
        """
alpha, drafts = 0.5, 2
print(sum(alpha**i for i in range(drafts + 1)))  # tokens for each pass
""",
    ),
)
