"""The focal loss of a binary classifier."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import binary_cross_entropy, binary_focal_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

SMALL = "The log of a probability that was rounded. Work with the signed logit."


@st.composite
def inputs(choose):
    shape = choose(draw.shapes())
    return {
        "logits": choose(draw.floats(shape, -30, 30)),
        "targets": choose(draw.flags(shape)),
        "gamma": choose(st.sampled_from([2.0, 1.0, 0.5, 5.0])),
    }


def is_cross_entropy(answer, logits, targets, **_):
    right = binary_cross_entropy(logits, targets)
    return answer(logits=logits, targets=targets, gamma=0.0), right


def case(logit, target, right=None, hint="", **gamma):
    given = {"logits": np.array([logit]), "targets": np.array([target]), **gamma}
    return Case(given, None if right is None else np.array([right]), hint)


EXERCISE = Exercise(
    asks="Write the focal loss of a binary classifier, from its logits.",
    question="DL0046",
    page="losses/focal",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def binary_focal_loss(logits, targets, gamma=2.0):
    """Return −(1 − p_t)^γ ln p_t of each example, in nats, not reduced.

    logits: floats of any shape; σ(logit) is the probability of a positive
    targets: bools of the same shape
    gamma: the focusing exponent, ≥ 0

    p_t is the probability of the true class. Be right at logits of ±1000.
    """
    signed = np.where(targets, logits, -logits)
    log_p_t = -np.logaddexp(0, -signed)
    log_miss = -np.logaddexp(0, signed)
    return -np.exp(gamma * log_miss) * log_p_t
''',
    torch='''
import torch
from torch.nn.functional import logsigmoid


def binary_focal_loss(logits, targets, gamma=2.0):
    """Return −(1 − p_t)^γ ln p_t of each example, in nats, not reduced.

    logits: floats of any shape; σ(logit) is the probability of a positive
    targets: bools of the same shape
    gamma: the focusing exponent, ≥ 0

    p_t is the probability of the true class. Be right at logits of ±1000.
    """
    signed = torch.where(targets, logits, -logits)
    log_p_t, log_miss = logsigmoid(signed), logsigmoid(-signed)
    return -torch.exp(gamma * log_miss) * log_p_t
''',
    reference=binary_focal_loss,
    inputs=inputs(),
    by_hand=(
        case(0.0, True, 0.25 * np.log(2)),
        case(np.log(9), True, -0.01 * np.log(0.9)),
        case(np.log(9), False, -0.9 * np.log(0.1), gamma=1.0),
    ),
    extremes=(
        case(-1000.0, True, hint=SMALL, gamma=0.5),
        case(1000.0, True, hint=SMALL, gamma=0.5),
        case(1000.0, False, hint=SMALL, gamma=0.5),
        case(20.0, True, hint=SMALL, gamma=0.5),
    ),
    laws=(Law("γ = 0 is cross-entropy", is_cross_entropy),),
    gradient=("logits",),
    prints=(
        """
import math

p_t, gamma = 0.9, 2
print(f"{-math.log(p_t) / (-((1 - p_t) ** gamma) * math.log(p_t)):.0f}")
""",
    ),
    bugs=(
        Bug(
            "return -np.exp(gamma * log_miss) * log_p_t",
            "return -np.exp(gamma * log_p_t) * log_p_t",
            "p_t^γ mutes hard examples; (1 − p_t)^γ mutes easy ones.",
        ),
        Bug(
            "signed = np.where(targets, logits, -logits)",
            "signed = logits",
            "For a negative, p_t is 1 − σ(z): the probability of its own class.",
        ),
        Bug(
            "log_p_t = -np.logaddexp(0, -signed)",
            "log_p_t = np.log(1 / (1 + np.exp(-signed)))",
            SMALL,
        ),
        Bug(
            "return -torch.exp(gamma * log_miss) * log_p_t",
            "return -((1 - log_p_t.exp()) ** gamma) * log_p_t",
            "1 − p_t rounds to 0, where (1 − p_t)^γ has an infinite slope for γ < 1. "
            "Take the power as exp(γ ln(1 − p_t)), where ln(1 − p_t) = ln σ(−m) and m is "
            "the signed logit.",
            language="torch",
        ),
    ),
)
