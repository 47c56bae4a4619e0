"""Cross-entropy with both knobs: a weight for positives, and a focus."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import binary_cross_entropy, binary_focal_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

SMALL = "The log of a probability that was rounded. Work with the signed logit."


def reference(logits, targets, pos_weight, gamma):
    loss = binary_focal_loss(logits, targets, gamma=gamma)
    return np.where(targets, pos_weight, 1.0) * loss


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    return {
        "logits": choose(draw.floats(shape)),
        "targets": choose(draw.flags(shape)),
        "pos_weight": choose(st.sampled_from([9.0, 2.0, 0.5])),
        "gamma": choose(st.sampled_from([2.0, 1.0, 0.5])),
    }


def is_weighted_cross_entropy(answer, logits, targets, pos_weight, **_):
    right = np.where(targets, pos_weight, 1.0) * binary_cross_entropy(logits, targets)
    given = {"logits": logits, "targets": targets, "pos_weight": pos_weight}
    return answer(gamma=0.0, **given), right


def weighs_positives_alone(answer, targets, pos_weight, **others):
    twice = answer(targets=targets, pos_weight=2 * pos_weight, **others)
    once = answer(targets=targets, pos_weight=pos_weight, **others)
    return twice, np.where(targets, 2, 1) * once


def case(logit, target, right=None, hint="", gamma=2.0):
    given = {"logits": np.array([logit]), "targets": np.array([target])}
    right = None if right is None else np.array([right])
    return Case({**given, "pos_weight": 9.0, "gamma": gamma}, right, hint)


EXERCISE = Exercise(
    asks="Write cross-entropy with both knobs: a weight and a focus.",
    question="DL0047",
    page="losses/focal-vs-weighted-cross-entropy",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def rescaled_loss(logits, targets, pos_weight, gamma):
    """Return −w (1 − p_t)^γ ln p_t of each example, in nats, not reduced.

    logits: floats of any shape, up to 1000 in size;
        σ(logit) is the probability of a positive
    targets: bools of the same shape
    pos_weight: the weight w of a positive, a number; a negative has 1
    gamma: the focusing exponent γ, ≥ 0

    p_t is the probability of the true class.
    """
    weight = np.where(targets, pos_weight, 1.0)
    signed = np.where(targets, logits, -logits)
    ce = np.logaddexp(0, -signed)
    focus = np.exp(-gamma * np.logaddexp(0, signed))
    return weight * focus * ce
''',
    torch='''
import torch
from torch.nn.functional import softplus


def rescaled_loss(logits, targets, pos_weight, gamma):
    """Return −w (1 − p_t)^γ ln p_t of each example, in nats, not reduced.

    logits: floats of any shape, up to 1000 in size;
        σ(logit) is the probability of a positive
    targets: bools of the same shape
    pos_weight: the weight w of a positive, a number; a negative has 1
    gamma: the focusing exponent γ, ≥ 0

    p_t is the probability of the true class.
    """
    weight = torch.where(targets, pos_weight, 1.0)
    signed = torch.where(targets, logits, -logits)
    ce = softplus(-signed)
    focus = torch.exp(-gamma * softplus(signed))
    return weight * focus * ce
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(0.0, True, 9 / 4 * np.log(2)),
        case(0.0, False, np.log(2) / 4),
        case(np.log(3), True, -9 / 4 * np.log(0.75), gamma=1.0),
    ),
    extremes=(
        case(-1000.0, True, 9000.0, hint=SMALL),
        case(1000.0, True, 0.0, hint=SMALL, gamma=0.5),
        case(1000.0, False, 1000.0, hint=SMALL, gamma=0.5),
    ),
    laws=(
        Law("γ = 0 is weighted cross-entropy", is_weighted_cross_entropy),
        Law("the weight is that of positives alone", weighs_positives_alone),
    ),
    gradient=("logits",),
    hint="The weight multiplies the loss from outside: p_t is that of the plain logit.",
    bugs=(
        Bug(
            "focus = np.exp(-gamma * np.logaddexp(0, signed))",
            "focus = (1 - np.exp(-weight * ce)) ** gamma",
            "exp(−loss) is p_t for plain cross-entropy alone: of the weighted loss it is "
            "p_t^w, and the focus of a positive far too large.",
        ),
        Bug(
            "weight = np.where(targets, pos_weight, 1.0)",
            "weight = pos_weight",
            "The weight is for positives alone: for both classes, it only scales the "
            "loss.",
        ),
        Bug(
            "np.where(targets, pos_weight, 1.0)",
            "np.where(targets, 1.0, pos_weight)",
            "It is the positives that have the weight: the negatives keep 1.",
        ),
        Bug(
            "    weight = np.where(targets, pos_weight, 1.0)\n",
            "    weight, logits = 1.0, logits + np.log(pos_weight)\n",
            "ln w on the logit is what the weight does to the prediction that is best. "
            "In the loss itself, the weight is a factor.",
        ),
        Bug(
            "np.logaddexp(0, signed))",
            "np.logaddexp(0, -signed))",
            "p_t^γ mutes hard examples; (1 − p_t)^γ mutes easy ones.",
        ),
        Bug(
            "ce = np.logaddexp(0, -signed)",
            "ce = -np.log(1 / (1 + np.exp(-signed)))",
            SMALL,
        ),
        Bug(
            "focus = torch.exp(-gamma * softplus(signed))",
            "focus = (1 - torch.exp(-ce)) ** gamma",
            "Where p_t rounds to 1, (1 − p_t)^γ has an infinite slope for γ < 1, and the "
            "gradient is NaN: take the power as exp(γ ln(1 − p_t)).",
            language="torch",
        ),
    ),
    prints=(
        """
eta, weight = 0.1, 9
odds = weight * eta / (1 - eta)
print(f"{odds / (1 + odds):.2f}")
""",
    ),
)
