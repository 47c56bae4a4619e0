"""DPO's loss of pairs, from the log-probabilities of their tokens."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import dpo_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

PADDED = "Padding has a say: leave out what the mask leaves out, before you subtract."
OVERFLOW = (
    "A sigmoid that rounds to 0 has a logarithm of −∞. Take the softplus, or the "
    "library's log-sigmoid."
)


def reference_loss(policy, reference, mask, beta):
    kept = [np.where(mask, x, 0).sum(axis=-1) for x in (policy, reference)]
    return dpo_loss(*(x for side in kept for x in side), beta=beta)


@st.composite
def inputs(choose):
    shape = 2, choose(st.integers(1, 3)), choose(st.integers(1, 4))
    mask = choose(draw.flags(shape))
    mask[..., 0] = True
    return {
        "policy": choose(draw.floats(shape, -4, 0)),
        "reference": choose(draw.floats(shape, -4, 0)),
        "mask": mask,
        "beta": choose(st.sampled_from([0.1, 0.5, 1.0])),
    }


def it_starts_at_log_2(answer, policy, reference, mask, beta):
    got = answer(policy=policy, reference=policy, mask=mask, beta=beta)
    return got, np.full(policy.shape[1], np.log(2))


def what_both_share_cancels(answer, policy, reference, mask, beta):
    given = {"mask": mask, "beta": beta}
    moved = answer(policy=policy - 1, reference=reference - 1, **given)
    return moved, answer(policy=policy, reference=reference, **given)


def case(policy, reference, mask, beta, right=None, hint=""):
    given = {
        "policy": np.array(policy),
        "reference": np.array(reference),
        "mask": np.array(mask, bool),
        "beta": beta,
    }
    return Case(given, right, hint)


TWO = [[[-1.0, -1.0]], [[-3.0, -5.0]]], [[[-2.0, -2.0]], [[-2.0, -4.0]]]

EXERCISE = Exercise(
    asks="Write DPO's loss of pairs, from the log-probabilities of their tokens.",
    question="DL0076",
    page="losses/preferences",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def dpo_loss(policy, reference, mask, beta):
    """Return DPO's loss of each pair, not reduced.

    policy: floats (2, pairs, tokens), the log-probability of each token;
        first the chosen answers, then the rejected ones
    reference: floats of the same shape, under the reference
    mask: bools of the same shape, True = a token of the answer
    beta: a float, the price of KL

    What does not count may be −∞. Be right at gaps of ±1000.
    """
    policy = np.where(mask, policy, 0).sum(axis=-1)
    reference = np.where(mask, reference, 0).sum(axis=-1)
    chosen, rejected = beta * (policy - reference)
    return np.logaddexp(0, rejected - chosen)
''',
    torch='''
import torch
from torch.nn import functional as F


def dpo_loss(policy, reference, mask, beta):
    """Return DPO's loss of each pair, not reduced.

    policy: floats (2, pairs, tokens), the log-probability of each token;
        first the chosen answers, then the rejected ones
    reference: floats of the same shape, under the reference
    mask: bools of the same shape, True = a token of the answer
    beta: a float, the price of KL

    What does not count may be −∞. Be right at gaps of ±1000.
    """
    policy = policy.masked_fill(~mask, 0).sum(dim=-1)
    reference = reference.masked_fill(~mask, 0).sum(dim=-1)
    chosen, rejected = beta * (policy - reference)
    return -F.logsigmoid(chosen - rejected)
''',
    reference=reference_loss,
    inputs=inputs(),
    by_hand=(
        case(*TWO, np.ones((2, 1, 2)), 0.1, np.log1p(np.exp([-0.4]))),
        case(*TWO, [[[1, 0]], [[1, 1]]], 1.0, np.log1p(np.exp([-3.0]))),
    ),
    extremes=(
        case(
            [[[-1.0, -np.inf]], [[-1.0, -2.0]]],
            [[[-1.0, -np.inf]], [[-1.0, -3.0]]],
            [[[1, 0]], [[1, 1]]],
            1.0,
            np.log1p(np.exp([1.0])),
            hint=PADDED,
        ),
        case(
            [[[-2000.0]], [[0.0]]],
            [[[0.0]], [[0.0]]],
            [[[1]], [[1]]],
            1.0,
            np.array([2000.0]),
            hint=OVERFLOW,
        ),
    ),
    laws=(
        Law("a policy that is the reference pays log 2", it_starts_at_log_2),
        Law("what policy and reference share cancels", what_both_share_cancels),
    ),
    gradient=("policy",),
    bugs=(
        Bug(
            "beta * (policy - reference)",
            "beta * (policy - reference) / mask.sum(axis=-1)",
            "These are means per token. The log-probability of an answer is the sum over "
            "its tokens.",
        ),
        Bug(
            "beta * (policy - reference)",
            "beta * policy",
            "The reference is missing: without it, nothing holds the policy near it.",
        ),
        Bug(
            "np.logaddexp(0, rejected - chosen)",
            "np.logaddexp(0, chosen - rejected)",
            "The sign is wrong: this makes the rejected answer win.",
        ),
        Bug(
            "np.where(mask, policy, 0).sum(axis=-1)",
            "policy.sum(axis=-1)",
            "Under the policy, padding and the prompt count like the answer.",
        ),
        Bug(
            "chosen, rejected = beta * (policy - reference)\n"
            "    return np.logaddexp(0, rejected - chosen)",
            "chosen, rejected = policy - reference\n"
            "    return beta * np.logaddexp(0, rejected - chosen)",
            "β scales the margin, within the sigmoid. In front of the loss it is a "
            "learning rate.",
        ),
        Bug(
            "-F.logsigmoid(chosen - rejected)",
            "-torch.log(torch.sigmoid(chosen - rejected))",
            OVERFLOW,
            language="torch",
        ),
    ),
    prints=(
        """
import math

beta, chosen, rejected = 0.5, 2.0, 2.0  # gaps to the reference, in nats
margin = beta * (chosen - rejected)
print(round(math.log(1 + math.exp(-margin)), 2))
""",
    ),
)
