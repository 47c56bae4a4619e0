"""The gradient of the binary focal loss, by hand."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import binary_focal_loss, binary_focal_loss_gradient
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ROUNDED = "0 times the log of a probability that rounds to 0 is NaN: use ln σ(m) itself."


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    return {
        "logits": choose(draw.floats(shape, -8, 8)),
        "targets": choose(draw.flags(shape)),
        "gamma": choose(st.sampled_from([2.0, 1.0, 0.5])),
    }


def is_the_slope(answer, logits, targets, gamma):
    h = 1e-4
    up, down = (
        binary_focal_loss(np.asarray(logits + x), targets, gamma=gamma) for x in (h, -h)
    )
    slope = (up - down) / (2 * h)
    return answer(logits=logits, targets=targets, gamma=gamma), slope


def is_p_minus_y(answer, logits, targets, **_):
    found = answer(logits=logits, targets=targets, gamma=0.0)
    return found, 1 / (1 + np.exp(-logits)) - targets


def case(logit, target, right, **gamma):
    given = {"logits": np.array([logit]), "targets": np.array([target]), **gamma}
    return Case(given, np.array([right]))


EXERCISE = Exercise(
    asks="Write the gradient of the binary focal loss in its logits, by hand.",
    question="DL0046",
    page="losses/focal",
    level="deep",
    minutes=20,
    numpy='''
import numpy as np


def binary_focal_loss_gradient(logits, targets, gamma=2.0):
    """Return the derivative of each example's focal loss in its logit.

    logits: floats of any shape; σ(logit) is the probability of a positive
    targets: bools of the same shape
    gamma: the focusing exponent, ≥ 0

    The loss is −(1 − p_t)^γ ln p_t, where p_t is the probability of the true
    class. Be right at logits of ±1000.
    """
    signed = np.where(targets, logits, -logits)
    log_p_t = -np.logaddexp(0, -signed)
    log_miss = -np.logaddexp(0, signed)
    p_t, miss = np.exp(log_p_t), np.exp(log_miss)
    focus = np.exp(gamma * log_miss)
    slope = focus * (gamma * p_t * log_p_t - miss)
    return np.where(targets, slope, -slope)
''',
    reference=binary_focal_loss_gradient,
    inputs=inputs(),
    by_hand=(
        case(0.0, True, -(np.log(2) + 0.5) / 4),
        case(-np.log(9), True, 0.81 * (0.2 * np.log(0.1) - 0.9)),
        case(-np.log(9), False, -0.01 * (1.8 * np.log(0.9) - 0.1)),
    ),
    extremes=(
        case(-1000.0, True, -1.0, gamma=0.5),
        case(1000.0, True, 0.0, gamma=0.5),
        case(1000.0, False, 1.0),
    ),
    laws=(
        Law("γ = 0 is σ(z) − y", is_p_minus_y),
        Law("it is the slope of the loss", is_the_slope),
    ),
    hint="With the signed logit m, p_t = σ(m) and dp_t/dm = p_t (1 − p_t). Both factors "
    "of the loss depend on p_t.",
    bugs=(
        Bug(
            "(gamma * p_t * log_p_t - miss)",
            "(-miss)",
            "(1 − p_t)^γ depends on the logit, too: the product rule has a second term, "
            "with γ and ln p_t.",
        ),
        Bug(
            "slope = focus * (gamma * p_t * log_p_t - miss)",
            "slope = focus * (gamma * log_p_t / miss - 1 / p_t)",
            "This is the slope in p_t. In the logit it is p_t (1 − p_t) times that.",
        ),
        Bug(
            "return np.where(targets, slope, -slope)",
            "return slope",
            "For a negative, the signed logit is −z: the chain rule turns the sign.",
        ),
        Bug(
            "(gamma * p_t * log_p_t - miss)",
            "(-gamma * p_t * log_p_t - miss)",
            "The derivative of (1 − p_t)^γ is negative, and so is the loss's own sign: "
            "the term with γ is +γ p_t ln p_t.",
        ),
        Bug(
            "(gamma * p_t * log_p_t - miss)",
            "(gamma * log_p_t - miss)",
            "The term with γ lacks a factor p_t: dp_t/dm is p_t (1 − p_t).",
        ),
        Bug(
            "log_p_t = -np.logaddexp(0, -signed)",
            "log_p_t = np.log(1 / (1 + np.exp(-signed)))",
            ROUNDED,
        ),
    ),
    prints=(
        """
from math import log

p_t, gamma = 0.999999, 2
of_loss = (1 - p_t) ** gamma
of_slope = (1 - p_t) ** (gamma - 1) * (1 - p_t - gamma * p_t * log(p_t))
print(f"{of_slope / of_loss:.2f}")
""",
    ),
)
