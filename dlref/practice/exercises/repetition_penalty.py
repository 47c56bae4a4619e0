"""A penalty for tokens that were there."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generation import repetition_penalty
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

SIGN = (
    "Divided by θ, a negative logit rises, and the repetition is rewarded: multiply it."
)
ONCE = "A token counts once, however often it was there: θ is not raised to its count."


@st.composite
def inputs(choose):
    vocab = choose(st.integers(1, 6))
    tokens = choose(draw.classes((choose(st.integers(0, 5)),), vocab))
    return {
        "logits": choose(draw.floats((vocab,))),
        "tokens": tokens,
        "theta": choose(st.sampled_from([1.0, 1.25, 1.5, 3.0])),
    }


def reference(logits, tokens, theta):
    return repetition_penalty(logits, tokens, theta)


def counts_once(answer, logits, tokens, theta):
    twice = np.concatenate([tokens, tokens])
    one = answer(logits=logits, tokens=tokens, theta=theta)
    return answer(logits=logits, tokens=twice, theta=theta), one


def case(logits, tokens, right, hint=""):
    given = {"logits": np.array(logits), "tokens": np.array(tokens), "theta": 1.5}
    return Case(given, np.array(right), hint)


EXERCISE = Exercise(
    asks="Penalize the tokens that were there, whatever the sign of their logits.",
    question="DL0074",
    page="generation/decoding",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def repetition_penalty(logits, tokens, theta):
    """Return the logits, with less for each token that was there.

    logits: floats (vocab,)
    tokens: ints (length,), what was written so far, maybe nothing
    theta: 1 or more, the factor by which a logit is moved, once per token
    """
    z, seen = logits.copy(), np.unique(tokens)
    old = z[seen]
    z[seen] = np.where(old > 0, old / theta, old * theta)
    return z
''',
    torch='''
import torch


def repetition_penalty(logits, tokens, theta):
    """Return the logits, with less for each token that was there.

    logits: floats (vocab,)
    tokens: ints (length,), what was written so far, maybe nothing
    theta: 1 or more, the factor by which a logit is moved, once per token
    """
    old = logits[tokens]
    new = torch.where(old > 0, old / theta, old * theta)
    return logits.scatter(0, tokens, new)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([3.0, -1.0, 2.0], [1, 0], [2.0, -1.5, 2.0], SIGN),
        case([3.0, -1.0, 2.0], [0, 0, 0], [2.0, -1.0, 2.0], ONCE),
    ),
    laws=(Law("what was there twice counts once", counts_once, ONCE),),
    bugs=(
        Bug("np.where(old > 0, old / theta, old * theta)", "old / theta", SIGN),
        Bug(
            "np.where(old > 0, old / theta, old * theta)",
            "np.where(old > 0, old * theta, old / theta)",
            "Both cases are swapped: what was there becomes more probable.",
        ),
        Bug(
            "np.where(old > 0, old / theta, old * theta)",
            "old - theta",
            "To subtract is the presence penalty. This one multiplies or divides.",
        ),
        Bug(
            "z, seen = logits.copy(), np.unique(tokens)",
            "z = logits.copy()\n"
            "    seen, counts = np.unique(tokens, return_counts=True)\n"
            "    theta = theta**counts",
            ONCE,
        ),
        Bug(
            "scatter(0, tokens, new)",
            "scatter_add(0, tokens, new - old)",
            "Repeated tokens add up here: each must count once.",
            language="torch",
        ),
    ),
    prints=(
        """
theta, logit = 2.0, -3.0
print(logit / theta if logit > 0 else logit * theta)
""",
    ),
)
