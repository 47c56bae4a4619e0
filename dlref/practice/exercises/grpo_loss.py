"""The clipped loss of a group of answers, averaged over their tokens."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import clipped_policy_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

PADDED = "Padding has a say: choose with the mask, before anything is computed."


def reference(log_probs, old_log_probs, advantages, mask, clip):
    each = np.broadcast_to(advantages[:, None], mask.shape)
    kept = (x[mask] for x in (log_probs, old_log_probs, each))
    return np.asarray(clipped_policy_loss(*kept, clip=clip).mean())


@st.composite
def inputs(choose):
    shape = choose(st.integers(1, 3)), choose(st.integers(1, 4))
    mask = choose(draw.flags(shape))
    mask[0, 0] = True
    return {
        "log_probs": choose(draw.floats(shape, -2, 0)),
        "old_log_probs": choose(draw.floats(shape, -2, 0)),
        "advantages": choose(draw.floats(shape[:1], -2, 2)),
        "mask": mask,
        "clip": choose(st.sampled_from([0.125, 0.25])),
    }


def on_policy_it_is_minus_the_advantage(answer, log_probs, advantages, mask, **others):
    others["old_log_probs"] = log_probs
    got = answer(log_probs=log_probs, advantages=advantages, mask=mask, **others)
    return got, -(advantages * mask.sum(axis=1)).sum() / mask.sum()


def case(log_probs, old, advantages, mask, right=None, hint=""):
    given = {
        "log_probs": np.array(log_probs),
        "old_log_probs": np.array(old),
        "advantages": np.array(advantages),
        "mask": np.array(mask, bool),
        "clip": 0.25,
    }
    return Case(given, right, hint)


EXERCISE = Exercise(
    asks="Write the clipped loss of answers, with one mean over all tokens.",
    question="DL0076",
    page="losses/preferences",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def grpo_loss(log_probs, old_log_probs, advantages, mask, clip):
    """Return PPO's clipped loss of answers, the mean over all tokens.

    log_probs: floats (answers, tokens), under the policy that learns
    old_log_probs: floats of the same shape, under the one that wrote
    advantages: floats (answers,)
    mask: bools (answers, tokens), True = counts; at least one does
    clip: a float, how far the ratio may go from 1

    A long answer has more tokens, and so more weight. What does not
    count may be −∞.
    """
    A = np.broadcast_to(advantages[:, None], mask.shape)[mask]
    ratio = np.exp(log_probs[mask] - old_log_probs[mask])
    near = np.clip(ratio, 1 - clip, 1 + clip)
    return -np.minimum(ratio * A, near * A).mean()
''',
    torch='''
import torch


def grpo_loss(log_probs, old_log_probs, advantages, mask, clip):
    """Return PPO's clipped loss of answers, the mean over all tokens.

    log_probs: floats (answers, tokens), under the policy that learns
    old_log_probs: floats of the same shape, under the one that wrote
    advantages: floats (answers,)
    mask: bools (answers, tokens), True = counts; at least one does
    clip: a float, how far the ratio may go from 1

    A long answer has more tokens, and so more weight. What does not
    count may be −∞.
    """
    A = advantages[:, None].expand(mask.shape)[mask]
    ratio = torch.exp(log_probs[mask] - old_log_probs[mask])
    near = ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(ratio * A, near * A).mean()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.log([[1.0, 0.5]]), np.log([[0.5, 0.5]]), [-1.0], [[1, 1]], np.array(1.5)),
        case(
            np.log([[1.0, 0.2]]), np.log([[0.5, 0.4]]), [2.0], [[1, 1]], np.array(-1.75)
        ),
        case(
            [[0.0, 0.0], [0.0, 0.0]],
            [[0.0, 0.0], [0.0, 0.0]],
            [3.0, 0.0],
            [[1, 0], [1, 1]],
            np.array(-1.0),
        ),
    ),
    extremes=(
        case(
            [[0.0, -np.inf]],
            [[0.0, -np.inf]],
            [1.0],
            [[1, 0]],
            np.array(-1.0),
            hint=PADDED,
        ),
    ),
    laws=(Law("on-policy, it is the mean of −A", on_policy_it_is_minus_the_advantage),),
    gradient=("log_probs",),
    bugs=(
        Bug(
            "np.minimum(ratio * A, near * A).mean()",
            "(near * A).mean()",
            "The clip alone has no gradient on either side: where the policy went the "
            "wrong way, nothing brings it back. Take the smaller of both.",
        ),
        Bug(
            "np.minimum(ratio * A, near * A)",
            "np.maximum(ratio * A, near * A)",
            "This is the larger of both: it ends the push back, and not the push on.",
        ),
        Bug(
            "    return -np.minimum(ratio * A, near * A).mean()",
            "    count = mask.sum(axis=1)\n"
            "    loss = -np.minimum(ratio * A, near * A) / count.repeat(count)\n"
            "    return loss.sum() / len(mask)",
            "This is a mean for each answer, then over answers: a token of a long answer "
            "weighs less.",
        ),
        Bug(
            "np.exp(log_probs[mask] - old_log_probs[mask])",
            "np.exp(old_log_probs[mask] - log_probs[mask])",
            "The ratio is upside down: it is the new probability over the old one.",
        ),
        Bug(
            "    return -np.minimum(ratio * A, near * A).mean()",
            "    return -np.minimum(ratio * A, near * A).sum() / mask.size",
            "The sum is divided by all positions, padding too.",
        ),
        Bug(
            "torch.exp(log_probs[mask] - old_log_probs[mask])",
            "1 + log_probs[mask] - old_log_probs[mask]",
            "A ratio is the exponential of the difference; 1 plus it holds only near 0.",
            language="torch",
        ),
    ),
    prints=(
        """
ratio, advantage, clip = 1.5, -2.0, 0.2
near = min(max(ratio, 1 - clip), 1 + clip)
print(-min(ratio * advantage, near * advantage))
""",
    ),
)
