"""The KL divergence of two softmaxes."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import kl_divergence, soft_cross_entropy
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

EXCLUDED = "0 · log 0 is NaN here. A class that p excludes costs nothing: its term is 0."
UNDERFLOW = (
    "The log of a probability that rounds to 0 is −∞. Take the log-softmax of the logits."
)


@st.composite
def inputs(choose):
    shape = (*choose(draw.shapes(most=1)), choose(st.integers(2, 5)))
    return {
        "p_logits": choose(draw.floats(shape)),
        "q_logits": choose(draw.floats(shape)),
    }


def completes_the_entropy(answer, p_logits, q_logits):
    p = np.exp(p_logits - np.logaddexp.reduce(p_logits, axis=-1, keepdims=True))
    entropy = soft_cross_entropy(p_logits, p)
    cross = soft_cross_entropy(q_logits, p)
    return entropy + answer(p_logits=p_logits, q_logits=q_logits), cross


def ignores_what_all_share(answer, p_logits, q_logits):
    moved = answer(p_logits=p_logits + 1, q_logits=q_logits - 1)
    return moved, answer(p_logits=p_logits, q_logits=q_logits)


def case(p, q, right=None, hint=""):
    given = {"p_logits": np.array([p]), "q_logits": np.array([q])}
    return Case(given, None if right is None else np.array([right]), hint)


EXERCISE = Exercise(
    asks="Write the KL divergence of two softmaxes, from their logits.",
    question="DL0068",
    page="losses/kl-divergence",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def kl_divergence(p_logits, q_logits):
    """Return KL(p ‖ q) of each row, in nats, not reduced.

    p_logits: floats (..., classes); −∞ is a class that p excludes
    q_logits: floats of the same shape, finite

    p and q are their softmaxes. Be right at logits of ±1000.
    """
    log_p, log_q = (
        z - np.logaddexp.reduce(z, axis=-1, keepdims=True)
        for z in (p_logits, q_logits)
    )
    log_ratio = np.where(p_logits > -np.inf, log_p - log_q, 0)
    return (np.exp(log_p) * log_ratio).sum(axis=-1)
''',
    torch='''
import torch
from torch.nn import functional as F


def kl_divergence(p_logits, q_logits):
    """Return KL(p ‖ q) of each row, in nats, not reduced.

    p_logits: floats (..., classes); −∞ is a class that p excludes
    q_logits: floats of the same shape, finite

    p and q are their softmaxes. Be right at logits of ±1000.
    """
    p = p_logits.softmax(dim=-1)
    log_q = q_logits.log_softmax(dim=-1)
    return F.kl_div(log_q, p, reduction="none").sum(dim=-1)
''',
    reference=kl_divergence,
    inputs=inputs(),
    by_hand=(
        case(np.log([0.9, 0.1]), [0.0, 0.0], 0.9 * np.log(1.8) + 0.1 * np.log(0.2)),
        case([0.0, 0.0], np.log([0.9, 0.1]), -0.5 * np.log(4 * 0.9 * 0.1)),
    ),
    extremes=(
        case([0.0, -np.inf], [0.0, 0.0], np.log(2), hint=EXCLUDED),
        case([1000.0, -1000.0], [-1000.0, 1000.0], 2000.0, hint=UNDERFLOW),
    ),
    laws=(
        Law("cross-entropy = entropy + KL", completes_the_entropy),
        Law("a number added to all logits changes nothing", ignores_what_all_share),
    ),
    gradient=("q_logits",),
    bugs=(
        Bug(
            "(np.exp(log_p) * log_ratio)",
            "(np.exp(log_q) * -log_ratio)",
            "This is KL(q ‖ p), the reverse. The average is over p, the first.",
        ),
        Bug(
            "np.where(p_logits > -np.inf, log_p - log_q, 0)",
            "log_p - log_q",
            EXCLUDED,
        ),
        Bug(
            ".sum(axis=-1)",
            ".mean(axis=-1)",
            "The terms are added up over the classes. Their mean is K times too small.",
        ),
        Bug(
            "F.kl_div(log_q, p, ",
            "F.kl_div(q_logits.softmax(dim=-1), p, ",
            "`F.kl_div` takes the model's log-probabilities. With probabilities it gives "
            "a negative number.",
            language="torch",
        ),
        Bug(
            "F.kl_div(log_q, p, ",
            "F.kl_div(p_logits.log_softmax(dim=-1), log_q.exp(), ",
            "`F.kl_div` has the model first and the target second, so that this is "
            "KL(q ‖ p).",
            language="torch",
        ),
        Bug(
            "log_q, p, reduction",
            "log_q, p_logits.log_softmax(dim=-1), reduction",
            "A target in logarithms needs `log_target=True`. Without it, the logarithm "
            "of a negative number is NaN.",
            language="torch",
        ),
    ),
    prints=(
        """
import math

p, q = [0.5, 0.5], [0.25, 0.75]  # in nats
print(round(sum(x * math.log(x / y) for x, y in zip(p, q)), 2))
""",
        """
import math

p, q = [1.0, 0.0], [0.0, 1.0]  # Jensen-Shannon, in nats
m = [0.5, 0.5]
print(round(0.5 * math.log(1 / 0.5) + 0.5 * math.log(1 / 0.5), 2))
""",
    ),
)
