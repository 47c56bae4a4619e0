"""What a SiLU hands back, by hand."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import activations
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(grad, x):
    return grad * activations.silu_gradient(x)


@st.composite
def inputs(choose):
    shape = choose(draw.shapes())
    return {
        "grad": choose(draw.floats(shape, -4, 4)),
        "x": choose(draw.floats(shape, -20, 20)),
    }


def slopes_sum_to_one(answer, grad, x):
    """The gates of x and −x do, and so do the slopes."""
    return answer(grad=grad, x=x) + answer(grad=grad, x=np.asarray(-x)), grad


def is_linear_in_grad(answer, grad, x):
    return answer(grad=np.asarray(2 * grad), x=x), 2 * answer(grad=grad, x=x)


def case(x, right=None, hint=""):
    return Case({"grad": np.array([2.0]), "x": np.array([x])}, right, hint)


OVERFLOW = "exp(−x) overflows far below 0, and infinity times 0 is NaN: use exp(−|x|)."

EXERCISE = Exercise(
    asks="Write the backward pass of SiLU.",
    question="DL0058",
    page="activations/activation-functions",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def silu_gradient(grad, x):
    """Return the gradient of the loss in x, where y = x σ(x).

    grad: floats of any shape, the gradient of the loss in y
    x: floats of that shape, up to 1000 in size
    """
    small = np.exp(-abs(x))
    gate = np.where(x < 0, small, 1) / (1 + small)
    slope = gate + x * gate * (1 - gate)
    return grad * slope
''',
    torch='''
import torch


def silu_gradient(grad, x):
    """Return the gradient of the loss in x, where y = x σ(x).

    grad: floats of any shape, the gradient of the loss in y
    x: floats of that shape, up to 1000 in size
    """
    gate = torch.sigmoid(x)
    slope = gate + x * gate * (1 - gate)
    return grad * slope
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case(0.0, np.array([1.0])),
        case(np.log(3), np.array([1.5 + 0.375 * np.log(3)])),
    ),
    extremes=(
        case(-1000.0, np.array([0.0]), OVERFLOW),
        case(1000.0, np.array([2.0])),
    ),
    laws=(
        Law("the slopes at x and −x sum to 1", slopes_sum_to_one),
        Law("twice the gradient is twice the result", is_linear_in_grad),
    ),
    bugs=(
        Bug(
            "np.where(x < 0, small, 1) / (1 + small)",
            "np.where(x < 0, 1, small) / (1 + small)",
            "This gate closes as x grows: the sides are swapped, it is σ(−x).",
        ),
        Bug(
            "    slope = gate + x * gate * (1 - gate)\n",
            "    e = np.exp(-x)\n    slope = 1 / (1 + e) + x * e / (1 + e) ** 2\n",
            OVERFLOW,
        ),
        Bug(
            "slope = gate + x * gate * (1 - gate)",
            "slope = gate",
            "x stands in the product twice: the gate changes with it too.",
        ),
        Bug(
            "slope = gate + x * gate * (1 - gate)",
            "slope = x * gate * (1 - gate)",
            "The product rule has two terms: as long as the gate stays, the slope is the "
            "gate.",
        ),
        Bug(
            "slope = gate + x * gate * (1 - gate)",
            "slope = gate + gate * (1 - gate)",
            "The slope of the gate is multiplied by x, the other factor.",
        ),
        Bug(
            "slope = gate + x * gate * (1 - gate)",
            "slope = np.clip(gate + x * gate * (1 - gate), 0, 1)",
            "SiLU's slope leaves the range from 0 to 1: it comes to 1.0998, and to "
            "−0.0998.",
        ),
        Bug(
            "return grad * slope",
            "return slope",
            "The slope is that of SiLU alone. The chain rule multiplies by what comes "
            "back.",
        ),
    ),
    prints=(
        """
import numpy as np

z = np.array([[-1.0, 2.0, -3.0], [-2.0, -1.0, -1.0]])  # two examples, three units
print((z <= 0).all(axis=0).sum())  # of the three, so many get no gradient behind a ReLU
""",
    ),
)
