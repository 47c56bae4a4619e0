"""The loss of skip-gram with negative sampling, for one pair."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import skip_gram_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(v, u_o, u):
    return skip_gram_loss(v, u_o, u)


@st.composite
def inputs(choose):
    d, k = choose(st.integers(1, 4)), choose(st.integers(1, 5))
    return {
        "v": choose(draw.floats((d,), -2, 2)),
        "u_o": choose(draw.floats((d,), -2, 2)),
        "u": choose(draw.floats((k, d), -2, 2)),
    }


def guesses_at_zero(answer, v, u_o, u):
    return answer(v=0 * v, u_o=u_o, u=u), np.array((len(u) + 1) * np.log(2))


OVERFLOW = (
    "σ(−1000) rounds to 0, and its logarithm is −∞. In terms of the product s, −log "
    "σ(s) is log(1 + e^−s): np.logaddexp(0, −s), or F.logsigmoid."
)
HAND = {
    "v": np.array([1.0, 0.0]),
    "u_o": np.array([2.0, 1.0]),
    "u": np.array([[0.0, 1.0], [-1.0, 0.0]]),
}

EXERCISE = Exercise(
    asks="Write the loss of skip-gram with negative sampling.",
    question="DL0071",
    page="layers/embeddings",
    level="whiteboard",
    minutes=6,
    numpy='''
import numpy as np


def skip_gram_loss(v, u_o, u):
    """Return the loss of one pair of words, summed over its k + 1 answers.

    v: floats (d,), the vector of the center word
    u_o: floats (d,), that of the true neighbor
    u: floats (k, d), those of the negatives; products reach ±1000
    """
    true = u_o @ v
    noise = u @ v
    return np.logaddexp(0, -true) + np.logaddexp(0, noise).sum()
''',
    torch='''
import torch.nn.functional as F


def skip_gram_loss(v, u_o, u):
    """Return the loss of one pair of words, summed over its k + 1 answers.

    v: floats (d,), the vector of the center word
    u_o: floats (d,), that of the true neighbor
    u: floats (k, d), those of the negatives; products reach ±1000
    """
    true = u_o @ v
    noise = u @ v
    return -F.logsigmoid(true) - F.logsigmoid(-noise).sum()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(HAND, np.array(0.12692801 + 0.69314718 + 0.31326169)),
        Case({**HAND, "v": np.zeros(2)}, np.array(3 * np.log(2))),
    ),
    extremes=(
        Case(
            {**HAND, "v": np.array([-500.0, 0.0])}, np.array(2000.0 - 500.0 + 0.69314718)
        ),
        Case({**HAND, "v": np.array([500.0, 0.0])}, np.array(0.69314718), OVERFLOW),
    ),
    laws=(Law("a vector of zeros guesses k + 1 times", guesses_at_zero),),
    gradient=("v", "u_o", "u"),
    bugs=(
        Bug(
            "np.logaddexp(0, -true) + np.logaddexp(0, noise).sum()",
            "-np.log(1 / (1 + np.exp(-true))) - np.log(1 / (1 + np.exp(noise))).sum()",
            OVERFLOW,
        ),
        Bug(
            "np.logaddexp(0, noise).sum()",
            "np.logaddexp(0, noise).mean()",
            "The negatives are averaged. They are summed: k weighs noise against "
            "truth, and shifts what is learned by log k.",
        ),
        Bug(
            "np.logaddexp(0, noise)",
            "np.logaddexp(0, -noise)",
            "The negatives are charged as if they were neighbors: the sign of their "
            "product is wrong, and all vectors collapse to one.",
        ),
        Bug(
            "np.logaddexp(0, -true)",
            "np.logaddexp(0, true)",
            "The true neighbor is charged for being near. Its answer is yes: −log σ(v "
            "· u).",
        ),
        Bug(
            "np.logaddexp(0, -true) + np.logaddexp(0, noise).sum()",
            "np.logaddexp.reduce([*noise, true]) - true",
            "This is a softmax over the k + 1 words, another loss. Skip-gram asks k + 1 "
            "separate yes/no questions.",
        ),
        Bug(
            "np.logaddexp(0, -true) + np.logaddexp",
            "np.logaddexp",
            "The true neighbor is missing: with negatives alone, the best is to push all "
            "words apart.",
        ),
    ),
    prints=(
        """
import numpy as np

k = 5
print(round((k + 1) * np.log(2), 2))
""",
    ),
)
