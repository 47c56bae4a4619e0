"""Softplus and its slope, which must not overflow."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import activations
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x):
    return activations.softplus(x), activations.softplus_gradient(x)


@st.composite
def inputs(choose):
    return {"x": choose(draw.floats(choose(draw.shapes()), -30, 30))}


def values_differ_by_x(answer, x):
    return answer(x=x)[0] - answer(x=np.asarray(-x))[0], x


def slopes_sum_to_one(answer, x):
    return answer(x=x)[1] + answer(x=np.asarray(-x))[1], np.ones_like(x)


OVERFLOW = (
    "exp(1000) overflows: take the exponential of −|x|, which is at most 1, and put the "
    "rest outside the logarithm."
)

EXERCISE = Exercise(
    asks="Write softplus and its slope so that nothing overflows.",
    question="DL0058",
    page="activations/activation-functions",
    level="whiteboard",
    minutes=6,
    numpy='''
import numpy as np


def softplus_and_slope(x):
    """Return log(1 + exp(x)), and how fast it changes with x, two arrays.

    x: floats of any shape, up to 1000 in size
    """
    small = np.exp(-abs(x))
    value = np.maximum(x, 0) + np.log1p(small)
    slope = np.where(x < 0, small, 1) / (1 + small)
    return value, slope
''',
    torch='''
import torch


def softplus_and_slope(x):
    """Return log(1 + exp(x)), and how fast it changes with x, two tensors.

    x: floats of any shape, up to 1000 in size
    """
    return torch.logaddexp(x, torch.zeros_like(x)), torch.sigmoid(x)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case({"x": np.array([0.0])}, (np.log([2.0]), np.array([0.5]))),
        Case({"x": np.log([3.0])}, (np.log([4.0]), np.array([0.75]))),
    ),
    extremes=(
        Case({"x": np.array([1000.0])}, hint=OVERFLOW),
        Case({"x": np.array([-1000.0])}, (np.zeros(1), np.zeros(1)), OVERFLOW),
    ),
    laws=(
        Law("the values at x and −x differ by x", values_differ_by_x),
        Law("the slopes at x and −x sum to 1", slopes_sum_to_one),
    ),
    bugs=(
        Bug(
            "np.maximum(x, 0) + np.log1p(small)",
            "np.log(1 + np.exp(x))",
            OVERFLOW,
        ),
        Bug(
            "np.maximum(x, 0) + np.log1p(small)",
            "np.log1p(small)",
            "log(1 + exp(−|x|)) is softplus of −|x|. Above 0 softplus is larger by x.",
        ),
        Bug(
            "np.where(x < 0, small, 1) / (1 + small)",
            "1 / (1 + small)",
            "That is the sigmoid of |x|: below 0 the slope is below one half.",
        ),
        Bug(
            "np.where(x < 0, small, 1) / (1 + small)",
            "small / (1 + small) ** 2",
            "That is the slope of the sigmoid. The sigmoid itself is softplus's slope.",
        ),
        Bug(
            "np.where(x < 0, small, 1) / (1 + small)",
            "(x > 0) + 0.0",
            "That is the slope of a ReLU, whose corner softplus rounds off.",
        ),
    ),
    prints=(
        """
slope = 0.25  # the largest that a sigmoid has
print((4 * slope) ** 20)  # twenty layers with weight 4
""",
    ),
)
