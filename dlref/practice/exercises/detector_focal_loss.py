"""The focal loss of all anchors of an image, as a detector is trained with it."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import binary_focal_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ROUNDED = (
    "exp(-αₜ CE) is p_t to the power of αₜ: take p_t from the loss without a weight."
)


def reference(logits, targets, gamma=2.0, alpha=0.25):
    loss = binary_focal_loss(logits, targets, gamma=gamma, alpha=alpha)
    return loss.sum() / max(1, targets.sum())


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1, most=2))
    return {
        "logits": choose(draw.floats(shape)),
        "targets": choose(draw.flags(shape)),
        "gamma": choose(st.sampled_from([2.0, 1.0, 0.5])),
        "alpha": choose(st.sampled_from([0.25, 0.75])),
    }


def ignores_sure_background(answer, logits, targets, **others):
    more = np.append(logits, [-1000.0, -1000.0]), np.append(targets, [False, False])
    padded = answer(logits=more[0], targets=more[1], **others)
    return padded, answer(logits=logits, targets=targets, **others)


def case(logits, targets, right=None, **settings):
    given = {"logits": np.array(logits), "targets": np.array(targets)}
    return Case({**given, **settings}, right)


EXERCISE = Exercise(
    asks="Write a detector's focal loss: α-balanced, and divided as in the paper.",
    question="DL0046",
    page="losses/focal",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def detector_focal_loss(logits, targets, gamma=2.0, alpha=0.25):
    """Return the α-balanced focal loss of one image, per object: a number.

    logits: floats of any shape, one for each anchor, up to 1000 in size;
        σ(logit) is the probability of an object
    targets: bools of the same shape, True = the anchor has an object
    gamma: the focusing exponent
    alpha: the weight of an anchor with an object; others have 1 − alpha

    The losses −αₜ (1 − p_t)^γ ln p_t of all anchors are added, and divided
    by the number of anchors with an object; if there is none, by 1.
    """
    alpha_t = np.where(targets, alpha, 1 - alpha)
    signed = np.where(targets, logits, -logits)
    ce = np.logaddexp(0, -signed)
    log_miss = -np.logaddexp(0, signed)
    loss = alpha_t * np.exp(gamma * log_miss) * ce
    return loss.sum() / max(1, targets.sum())
''',
    torch='''
import torch
from torch.nn.functional import logsigmoid


def detector_focal_loss(logits, targets, gamma=2.0, alpha=0.25):
    """Return the α-balanced focal loss of one image, per object: a number.

    logits: floats of any shape, one for each anchor, up to 1000 in size;
        σ(logit) is the probability of an object
    targets: bools of the same shape, True = the anchor has an object
    gamma: the focusing exponent
    alpha: the weight of an anchor with an object; others have 1 − alpha

    The losses −αₜ (1 − p_t)^γ ln p_t of all anchors are added, and divided
    by the number of anchors with an object; if there is none, by 1.
    """
    alpha_t = torch.where(targets, alpha, 1 - alpha)
    signed = torch.where(targets, logits, -logits)
    ce = -logsigmoid(signed)
    log_miss = logsigmoid(-signed)
    loss = alpha_t * torch.exp(gamma * log_miss) * ce
    return loss.sum() / targets.sum().clamp(min=1)
''',
    reference=reference,
    inputs=inputs(),
    examples=100,
    by_hand=(
        case([0.0], [True], np.array(np.log(2) / 16)),
        case([0.0, 0.0], [True, False], np.array(np.log(2) / 4)),
        case([0.0, 0.0, 0.0], [True, True, False], np.array(5 * np.log(2) / 32)),
    ),
    extremes=(
        case([0.0, 0.0], [False, False], np.array(3 * np.log(2) / 8)),
        case([-1000.0, 0.0], [True, False]),
        case([1000.0, 1000.0], [True, False], gamma=0.5),
    ),
    laws=(Law("anchors that are surely empty add nothing", ignores_sure_background),),
    gradient=("logits",),
    hint="Work with the signed logit m: ln p_t = ln σ(m), and ln(1 − p_t) = ln σ(−m).",
    bugs=(
        Bug(
            "np.where(targets, alpha, 1 - alpha)",
            "np.where(targets, 1 - alpha, alpha)",
            "α and 1 − α are swapped: α is the weight of an anchor with an object.",
        ),
        Bug(
            "alpha_t = np.where(targets, alpha, 1 - alpha)",
            "alpha_t = alpha",
            "A single factor for both classes scales the loss, and balances nothing: "
            "anchors without an object weigh 1 − α.",
        ),
        Bug(
            "loss.sum() / max(1, targets.sum())",
            "loss.mean()",
            "The mean divides by all anchors, of which nearly all are easy: with 50 "
            "objects among 100,000 it is 2,000 times too small. Divide by the objects.",
        ),
        Bug(
            "max(1, targets.sum())",
            "targets.sum()",
            "An image without any object divides by 0: take at least 1.",
        ),
        Bug(
            "loss.sum() / max(1, targets.sum())",
            "loss[targets].sum() / max(1, targets.sum())",
            "The anchors without an object are left out of the sum: all anchors are in "
            "it, and only the divisor counts objects.",
        ),
        Bug(
            "    log_miss = -np.logaddexp(0, signed)\n",
            "    log_miss = np.log(-np.expm1(-alpha_t * ce))\n",
            ROUNDED,
        ),
        Bug(
            "loss = alpha_t * torch.exp(gamma * log_miss) * ce",
            "loss = alpha_t * (1 - torch.exp(-ce)) ** gamma * ce",
            "Where p_t rounds to 1, (1 − p_t)^γ has an infinite slope for γ < 1, and the "
            "gradient is NaN: take the power as exp(γ ln(1 − p_t)).",
            language="torch",
        ),
    ),
    prints=(
        """
import numpy as np

targets = np.arange(100_000) < 50
loss = np.full(targets.shape, 0.001)
print(f"{loss.sum() / targets.sum() / loss.mean():.0f}")
""",
    ),
)
