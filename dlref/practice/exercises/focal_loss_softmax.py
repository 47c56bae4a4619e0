"""The focal loss of a classifier with several classes."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import cross_entropy, focal_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ROUNDED = "A probability that is rounded to 0 has no logarithm: stay in logs throughout."


@st.composite
def inputs(choose):
    batch, count = choose(st.integers(1, 3)), choose(st.integers(2, 4))
    return {
        "logits": choose(draw.floats((batch, count))),
        "targets": choose(draw.classes((batch,), count)),
        "gamma": choose(st.sampled_from([2.0, 1.0, 0.5])),
    }


def is_cross_entropy(answer, logits, targets, **_):
    right = cross_entropy(logits, targets)
    return answer(logits=logits, targets=targets, gamma=0.0), right


def ignores_a_shift(answer, logits, **others):
    return answer(logits=logits + 3, **others), answer(logits=logits, **others)


def case(logits, targets, right=None, **gamma):
    given = {"logits": np.array(logits), "targets": np.array(targets), **gamma}
    return Case(given, right)


LOG_2 = np.log(2.0)

EXERCISE = Exercise(
    asks="Write the focal loss with a softmax, right at logits of ±1000.",
    question="DL0046",
    page="losses/focal",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def softmax_focal_loss(logits, targets, gamma=2.0):
    """Return −(1 − p_t)^γ ln p_t of each example (B,), in nats, not reduced.

    logits: floats (B, K), up to 1000 in size; K >= 2
    targets: integers (B,), the index of the true class
    gamma: the focusing exponent, ≥ 0

    p_t is the probability that a softmax gives to the true class.
    """
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    rows = np.arange(len(targets))
    log_p_t = log_p[rows, targets]
    log_p[rows, targets] = -np.inf  # only the others remain
    log_miss = np.logaddexp.reduce(log_p, axis=1)
    return -np.exp(gamma * log_miss) * log_p_t
''',
    torch='''
import torch


def softmax_focal_loss(logits, targets, gamma=2.0):
    """Return −(1 − p_t)^γ ln p_t of each example (B,), in nats, not reduced.

    logits: floats (B, K), up to 1000 in size; K >= 2
    targets: integers (B,), the index of the true class
    gamma: the focusing exponent, ≥ 0

    p_t is the probability that a softmax gives to the true class.
    """
    log_p = logits.log_softmax(dim=1)
    true = targets[:, None]
    log_p_t = log_p.gather(1, true)[:, 0]
    others = log_p.scatter(1, true, float("-inf"))
    log_miss = others.logsumexp(dim=1)
    return -torch.exp(gamma * log_miss) * log_p_t
''',
    reference=focal_loss,
    inputs=inputs(),
    by_hand=(
        case([[0.0, 0.0]], [1], np.array([LOG_2 / 4])),
        case([[0.0, 0.0, 0.0, 0.0]], [2], np.array([9 * LOG_2 / 8])),
        case([[LOG_2, 0.0, 0.0], [0.0, LOG_2, 0.0]], [0, 2]),
    ),
    extremes=(
        case([[1000.0, 0.0]], [1], np.array([1000.0])),
        case([[1000.0, 0.0]], [0], np.array([0.0]), gamma=0.5),
        case([[-1000.0, 0.0], [0.0, 1000.0]], [0, 1], np.array([1000.0, 0.0])),
        case([[1000.0, 1000.0], [-1000.0, -1000.0]], [0, 1]),
        case([[20.0, 0.0, 0.0]], [0], gamma=0.5),
    ),
    laws=(
        Law("γ = 0 is cross-entropy", is_cross_entropy),
        Law("3 added to all logits changes nothing", ignores_a_shift),
    ),
    gradient=("logits",),
    hint="Take ln p_t of a log-softmax, and ln(1 − p_t) as log-sum-exp of the others.",
    bugs=(
        Bug(
            "z = logits - logits.max(axis=1, keepdims=True)",
            "z = logits - 0",
            "exp(1000) overflows: subtract each row's largest logit first.",
        ),
        Bug(
            "logits.max(axis=1, keepdims=True)",
            "logits.max()",
            "Each row needs a maximum of its own: far below that of the batch, all of "
            "its exponentials are 0.",
        ),
        Bug(
            "log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))",
            "log_p = np.log(np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))",
            ROUNDED,
        ),
        Bug(
            "log_p_t = log_p[rows, targets]",
            "log_p_t = log_p[:, targets]",
            "`[:, targets]` takes every target's column in every row, (B, B). Index "
            "rows and columns in pairs.",
        ),
        Bug(
            "np.exp(gamma * log_miss)",
            "np.exp(gamma * log_p_t)",
            "p_t^γ mutes hard examples; (1 − p_t)^γ mutes easy ones.",
        ),
        Bug(
            "    z = logits - logits.max(axis=1, keepdims=True)\n"
            "    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))\n",
            "    log_p = -np.logaddexp(0, -logits)\n",
            "A sigmoid for each class does not make the classes compete: p_t is the true "
            "class's share of the softmax.",
        ),
        Bug(
            "return -torch.exp(gamma * log_miss) * log_p_t",
            "return -((1 - log_p_t.exp()) ** gamma) * log_p_t",
            "1 − p_t rounds to 0, where (1 − p_t)^γ has an infinite slope for γ < 1, and "
            "the gradient is NaN. Take ln(1 − p_t) from the other classes.",
            language="torch",
        ),
    ),
    prints=(
        """
import numpy as np

logits = np.zeros((1, 4))
p = np.exp(logits) / np.exp(logits).sum()
print(f"{(1 - p[0, 0]) ** 2:.4f}")
""",
    ),
)
