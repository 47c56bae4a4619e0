"""A softmax that no logit makes overflow, at a temperature."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.activations import softmax
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(logits, temperature):
    return softmax(logits, temperature=temperature)


@st.composite
def inputs(choose):
    return {
        "logits": choose(draw.floats(choose(draw.shapes(least=1)))),
        "temperature": choose(st.sampled_from([0.5, 1.0, 2.0])),
    }


def sums_to_one(answer, logits, temperature):
    got = answer(logits=logits, temperature=temperature)
    return got.sum(axis=-1), np.ones(logits.shape[:-1])


def ignores_what_all_share(answer, logits, temperature):
    more = answer(logits=logits + 4, temperature=temperature)
    return more, answer(logits=logits, temperature=temperature)


def case(logits, right=None, hint="", temperature=1.0):
    return Case({"logits": np.array(logits), "temperature": temperature}, right, hint)


OVERFLOW = "exp(1000) overflows: subtract the row's maximum first, which changes nothing."
UNDERFLOW = (
    "Far below 0 every exponential is 0, and so is the sum. With the row's maximum taken "
    "off, one exponential is 1."
)
BATCH = (
    "Each row has a maximum of its own: below that of another row, all of its "
    "exponentials may be 0. Take it along the last axis."
)

EXERCISE = Exercise(
    asks="Write a softmax that never overflows, with a temperature.",
    question="DL0066",
    page="activations/softmax",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def stable_softmax(logits, temperature):
    """Return probabilities that sum to 1 over the last axis.

    logits: floats (..., classes), up to 10,000 in size
    temperature: a float above 0; the larger, the flatter
    """
    z = logits / temperature
    z = z - z.max(axis=-1, keepdims=True)
    powers = np.exp(z)
    return powers / powers.sum(axis=-1, keepdims=True)
''',
    torch='''
import torch


def stable_softmax(logits, temperature):
    """Return probabilities that sum to 1 over the last axis.

    logits: floats (..., classes), up to 10,000 in size
    temperature: a float above 0; the larger, the flatter
    """
    z = logits / temperature
    z = z - z.amax(dim=-1, keepdim=True)
    powers = z.exp()
    return powers / powers.sum(dim=-1, keepdim=True)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.log([1.0, 2.0, 5.0]), np.array([1, 2, 5]) / 8),
        case(np.log([1.0, 2.0, 5.0]), np.array([1, 4, 25]) / 30, temperature=0.5),
    ),
    extremes=(
        case([[1000.0, 999.0, 0.0]], hint=OVERFLOW),
        case([[-1000.0, -1001.0]], hint=UNDERFLOW),
        case([1000.0] + [0.0] * 9),
        case([[0.0, 1.0], [1000.0, 1001.0]], hint=BATCH),
    ),
    laws=(
        Law("each row sums to 1", sums_to_one),
        Law("a number added to all logits changes nothing", ignores_what_all_share),
    ),
    gradient=("logits",),
    bugs=(
        Bug("z = z - z.max(axis=-1, keepdims=True)", "z = z", OVERFLOW),
        Bug(
            "    z = z - z.max(axis=-1, keepdims=True)\n    powers = np.exp(z)\n"
            "    return powers / powers.sum(axis=-1, keepdims=True)",
            "    powers = np.exp(np.minimum(z, 700))\n"
            "    return powers / (powers.sum(axis=-1, keepdims=True) + 1e-9)",
            "A small number below the fraction hides 0 / 0, but the row no longer sums "
            "to 1: subtract the maximum instead.",
        ),
        Bug("z.max(axis=-1, keepdims=True)", "z.max()", BATCH),
        Bug(
            "z.max(axis=-1, keepdims=True)",
            "z.mean(axis=-1, keepdims=True)",
            "Less the mean, one logit of 1000 among nine of 0 is still 900. Only less "
            "the maximum is every exponent at most 0.",
        ),
        Bug(
            "z.max(axis=-1, keepdims=True)",
            "abs(z).max(axis=-1, keepdims=True)",
            UNDERFLOW,
        ),
        Bug(
            "logits / temperature",
            "logits * temperature",
            "The temperature divides: the larger it is, the flatter the probabilities.",
        ),
        Bug(
            "powers.sum(axis=-1, keepdims=True)",
            "powers.sum(axis=0, keepdims=True)",
            "This sums over the rows of the batch. The classes are along the last axis.",
        ),
        Bug(
            "np.exp(z)",
            "z + 1",
            "To divide by the sum is not enough: exponentiate first, so that all are "
            "positive.",
        ),
    ),
    prints=(
        """
import math

a, b = 1000.0, 1000.0 + math.log(3)
print(round(1 / (1 + math.exp(a - b)), 2))  # the probability of b
""",
        """
import math

z = 2 * math.log(3), 0.0  # at a temperature of 2
print(round(math.exp(z[0] / 2) / (math.exp(z[0] / 2) + math.exp(z[1] / 2)), 2))
""",
    ),
)
