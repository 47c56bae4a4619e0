"""The KL penalty of a policy, estimated from its own tokens."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import kl_estimates
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

PADDED = "0 · ∞ is NaN: choose with the mask, before anything is computed."


def reference(log_probs, reference_log_probs, mask):
    kept = kl_estimates(log_probs[mask], reference_log_probs[mask])
    return np.asarray(kept.k3.mean())


@st.composite
def inputs(choose):
    shape = choose(st.integers(1, 4)), choose(st.integers(1, 4))
    mask = choose(draw.flags(shape))
    mask[0, 0] = True
    return {
        "log_probs": choose(draw.floats(shape, -4, 0)),
        "reference_log_probs": choose(draw.floats(shape, -4, 0)),
        "mask": mask,
    }


def padding_has_no_say(answer, log_probs, reference_log_probs, mask):
    given = {"reference_log_probs": reference_log_probs, "mask": mask}
    moved = np.where(mask, log_probs, log_probs - 1)
    return answer(log_probs=moved, **given), answer(log_probs=log_probs, **given)


def case(log_probs, reference, mask, right=None, hint=""):
    given = {"log_probs": np.array(log_probs), "reference_log_probs": np.array(reference)}
    return Case({**given, "mask": np.array(mask)}, right, hint)


EXERCISE = Exercise(
    asks="Write the KL penalty of a policy, from its tokens, with k3.",
    question="DL0068",
    page="losses/kl-divergence",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def kl_penalty(log_probs, reference_log_probs, mask):
    """Return the estimate k3 of KL(policy ‖ reference), the mean over tokens.

    log_probs: floats (batch, tokens), of tokens drawn from the policy
    reference_log_probs: floats of the same shape, of the same tokens
    mask: bools of the same shape, True = counts; at least one does

    What does not count, as padding, may be −∞. In a loss, k3 would be
    multiplied by the importance ratio: else its gradient is another.
    """
    log_r = reference_log_probs[mask] - log_probs[mask]
    k3 = np.exp(log_r) - 1 - log_r
    return k3.mean()
''',
    torch='''
import torch


def kl_penalty(log_probs, reference_log_probs, mask):
    """Return the estimate k3 of KL(policy ‖ reference), the mean over tokens.

    log_probs: floats (batch, tokens), of tokens drawn from the policy
    reference_log_probs: floats of the same shape, of the same tokens
    mask: bools of the same shape, True = counts; at least one does

    What does not count, as padding, may be −∞. In a loss, k3 would be
    multiplied by the importance ratio: else its gradient is another.
    """
    log_r = reference_log_probs[mask] - log_probs[mask]
    k3 = torch.exp(log_r) - 1 - log_r
    return k3.mean()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.log([[0.5]]), np.log([[0.25]]), [[True]], np.array(np.log(2) - 0.5)),
        case(np.log([[0.25]]), np.log([[0.5]]), [[True]], np.array(1 - np.log(2))),
        case([[0.0, 0.0]], [[-1.0, 0.0]], [[True, False]], np.array(np.exp(-1))),
    ),
    extremes=(
        case(
            [[0.0, -np.inf]],
            [[-1.0, 0.0]],
            [[True, False]],
            np.array(np.exp(-1)),
            hint=PADDED,
        ),
    ),
    laws=(Law("what the mask leaves out has no say", padding_has_no_say),),
    gradient=("log_probs",),
    bugs=(
        Bug(
            "reference_log_probs[mask] - log_probs[mask]",
            "log_probs[mask] - reference_log_probs[mask]",
            "The sign of log r is wrong: r is the reference over the policy, which gave "
            "the samples.",
        ),
        Bug(
            "k3 = np.exp(log_r) - 1 - log_r",
            "k3 = -log_r",
            "This is k1: its mean is right, but it is often below 0.",
        ),
        Bug(
            "k3 = np.exp(log_r) - 1 - log_r",
            "k3 = log_r**2 / 2",
            "This is k2: never below 0, but its mean is not the KL divergence.",
        ),
        Bug(
            "    log_r = reference_log_probs[mask] - log_probs[mask]\n",
            "    log_r = mask * (reference_log_probs - log_probs)\n",
            "Padding counts as tokens that agree: the mean is over all of them.",
        ),
        Bug(
            "return k3.mean()",
            "return k3.sum() / len(mask)",
            "The sum is divided by the sequences, not by the tokens: longer answers pay "
            "more.",
        ),
        Bug(
            "reference_log_probs[mask] - log_probs[mask]",
            "(reference_log_probs - log_probs).ravel()",
            "Padding and the prompt count like what the policy has written.",
        ),
    ),
    prints=(
        """
import math

log_r = math.log(2)  # the reference is twice as sure as the policy
print(round(2 - 1 - log_r, 2))
""",
    ),
)
