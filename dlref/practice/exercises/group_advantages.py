"""GRPO's advantages: each answer against its own group."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import group_advantages
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ALIKE = "Where all rewards are alike, 0 / 0 is NaN: add 1e-4 to the standard deviation."


@st.composite
def inputs(choose):
    shape = choose(st.integers(1, 3)), choose(st.integers(2, 5))
    rewards = choose(draw.floats(shape, -4, 4))
    # Quarters: else the mean of equal rewards is rounded in float32, and not their own.
    return {"rewards": np.round(4 * rewards) / 4}


def they_sum_to_0(answer, rewards):
    got = answer(rewards=rewards)
    return got.sum(axis=-1), np.zeros(len(rewards))


def a_bonus_for_a_prompt_changes_nothing(answer, rewards):
    bonus = np.arange(len(rewards))[:, None]
    return answer(rewards=rewards + bonus), answer(rewards=rewards)


def case(rewards, right=None, hint=""):
    return Case({"rewards": np.array(rewards)}, right, hint)


EXERCISE = Exercise(
    asks="Write GRPO's advantages of several groups of answers.",
    question="DL0076",
    page="losses/preferences",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def group_advantages(rewards):
    """Return the advantage of each answer in its group, as GRPO has it.

    rewards: floats (prompts, answers), at least 2 answers

    The standard deviation has answers − 1 below its root. 1e-4 is added
    to it, so that equal rewards give 0.
    """
    gaps = rewards - rewards.mean(axis=-1, keepdims=True)
    spread = rewards.std(axis=-1, keepdims=True, ddof=1)
    return gaps / (spread + 1e-4)
''',
    torch='''
import torch


def group_advantages(rewards):
    """Return the advantage of each answer in its group, as GRPO has it.

    rewards: floats (prompts, answers), at least 2 answers

    The standard deviation has answers − 1 below its root. 1e-4 is added
    to it, so that equal rewards give 0.
    """
    gaps = rewards - rewards.mean(dim=-1, keepdim=True)
    spread = rewards.std(dim=-1, keepdim=True)
    return gaps / (spread + 1e-4)
''',
    reference=group_advantages,
    inputs=inputs(),
    by_hand=(
        case([[1.0, 0.0, 0.0, 0.0]], np.array([[1.5, -0.5, -0.5, -0.5]]) / 1.0002),
        case(
            [[3.0, 1.0], [0.0, 4.0]],
            np.array([[1.0, -1.0], [-2.0, 2.0]]) / (np.sqrt([[2.0], [8.0]]) + 1e-4),
        ),
    ),
    extremes=(case([[1.0, 1.0, 1.0]], np.zeros((1, 3)), hint=ALIKE),),
    laws=(
        Law("the advantages of a group sum to 0", they_sum_to_0),
        Law(
            "a number for a prompt changes nothing", a_bonus_for_a_prompt_changes_nothing
        ),
    ),
    bugs=(
        Bug(
            "rewards.mean(axis=-1, keepdims=True)",
            "rewards.mean()",
            "This is one mean for all prompts: an easy prompt has good answers alone.",
        ),
        Bug(
            "rewards.mean(axis=-1, keepdims=True)\n"
            "    spread = rewards.std(axis=-1, keepdims=True, ddof=1)",
            "rewards.mean()\n    spread = rewards.std(ddof=1)",
            "Mean and standard deviation are those of the whole batch: all answers to an "
            "easy prompt are good, and all to a hard one bad.",
        ),
        Bug("(spread + 1e-4)", "spread", ALIKE),
        Bug(
            "keepdims=True, ddof=1)",
            "keepdims=True)",
            "NumPy divides by the number of answers. PyTorch takes one less, and so "
            "does TRL: `ddof=1`.",
        ),
        Bug(
            "gaps / (spread + 1e-4)",
            "gaps",
            "This is Dr. GRPO's advantage: GRPO divides by the standard deviation.",
        ),
        Bug(
            "rewards.std(axis=-1, keepdims=True, ddof=1)",
            "rewards.std(ddof=1)",
            "The standard deviation is that of the whole batch, not of the group.",
        ),
        Bug(
            "rewards.std(dim=-1, keepdim=True)",
            "rewards.var(dim=-1, keepdim=True)",
            "This divides by the variance: rare successes then weigh far too much.",
            language="torch",
        ),
    ),
    prints=(
        """
rewards = [1.0, 0.0, 0.0, 0.0]  # without a scale, as in Dr. GRPO
print(rewards[0] - sum(rewards) / 4)
""",
    ),
)
