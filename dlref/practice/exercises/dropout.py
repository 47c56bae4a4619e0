"""Dropout, forward and backward, from uniform numbers."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, grad, uniforms, rate, training):
    """Multiply by one array of factors, twice."""
    kept = np.divide(uniforms >= rate, 1 - rate)
    factors = kept if training else np.ones_like(x)
    return x * factors, grad * factors


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    return {
        "x": choose(draw.floats(shape)),
        "grad": choose(draw.floats(shape)),
        "uniforms": choose(draw.floats(shape, 0, 0.984375)),
        "rate": choose(st.sampled_from([0.0, 0.25, 0.5, 0.75])),
        "training": choose(st.booleans()),
    }


def is_linear(answer, x, grad, **others):
    """What doubles the input and the gradient doubles both outputs."""
    y, dx = answer(x=x, grad=grad, **others)
    return answer(x=2 * x, grad=2 * grad, **others), (2 * y, 2 * dx)


X = np.array([1.0, -2.0, 3.0, 4.0])
GRAD = np.array([1.0, 10.0, 100.0, 1000.0])
HAND = {"x": X, "grad": GRAD, "uniforms": np.array([0.1, 0.5, 0.9, 0.4])}

EXERCISE = Exercise(
    asks="Write dropout, inverted, forward and backward.",
    question="DL0059",
    page="layers/dropout",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def dropout(x, grad, uniforms, rate, training):
    """Return the output of dropout, and the gradient of the loss in x.

    x: floats of any shape
    grad: gradient of the loss in the output, of the shape of x
    uniforms: numbers from [0, 1), of the shape of x; x is dropped where
        they are below rate
    rate: probability of dropping a number, below 1
    training: False at test time
    """
    if not training:
        return x, grad
    keep = uniforms >= rate
    y = x * keep / (1 - rate)
    dx = grad * keep / (1 - rate)
    return y, dx
''',
    torch='''
import torch


def dropout(x, grad, uniforms, rate, training):
    """Return the output of dropout, and the gradient of the loss in x.

    x: floats of any shape
    grad: gradient of the loss in the output, of the shape of x
    uniforms: numbers from [0, 1), of the shape of x; x is dropped where
        they are below rate
    rate: probability of dropping a number, below 1
    training: False at test time
    """
    if not training:
        return x, grad
    keep = (uniforms >= rate).to(x.dtype)
    y = x * keep / (1 - rate)
    dx = grad * keep / (1 - rate)
    return y, dx
''',
    reference=reference,
    against="a product with one array of factors",
    inputs=inputs(),
    by_hand=(
        Case(
            HAND | {"rate": 0.5, "training": True},
            (np.array([0.0, -4.0, 6.0, 0.0]), np.array([0.0, 20.0, 200.0, 0.0])),
        ),
        Case(
            HAND | {"rate": 0.2, "training": True},
            (np.array([0.0, -2.5, 3.75, 5.0]), np.array([0.0, 12.5, 125.0, 1250.0])),
        ),
        Case(HAND | {"rate": 0.5, "training": False}, (X, GRAD)),
    ),
    extremes=(Case(HAND | {"rate": 0.0, "training": True}, (X, GRAD)),),
    laws=(Law("twice the input is twice the output", is_linear),),
    hint="In training multiply by the mask and divide by 1 - rate; else change nothing.",
    bugs=(
        Bug(
            "y = x * keep / (1 - rate)",
            "y = x * keep",
            "The outputs that stay are not scaled: at a rate of 0.5 the next layer gets "
            "half of what it gets at test time.",
        ),
        Bug(
            "dx = grad * keep / (1 - rate)",
            "dx = grad * keep",
            "The gradient has the factor of the output: divide it by 1 - rate too.",
        ),
        Bug(
            "keep = uniforms >= rate",
            "keep = uniforms < rate",
            "Here rate is what stays. It is the probability of dropping: a 0.1 meant as "
            "dropout would leave a tenth.",
        ),
        Bug(
            "    if not training:\n        return x, grad\n",
            "",
            "Dropout is on at test time too, as F.dropout is without training=: the "
            "prediction is then one network at random.",
        ),
        Bug(
            "return x, grad\n",
            "return x * (1 - rate), grad\n",
            "The output is scaled in training and again at test time. One of them is "
            "enough: inverted dropout leaves test time alone.",
        ),
        Bug(
            "dx = grad * keep / (1 - rate)",
            "dx = grad * (uniforms[::-1] >= rate) / (1 - rate)",
            "The way back has another mask. A number that was dropped has no part in the "
            "loss, and one that stayed has: use the mask of the way forth.",
        ),
        Bug(
            "dx = grad * keep / (1 - rate)",
            "dx = grad / (1 - rate)",
            "The gradient passes where the output was dropped: there it must be 0.",
        ),
        Bug(
            "y = x * keep / (1 - rate)",
            "y = x * keep / rate",
            "Divide by the share that stays, 1 - rate, not by the share that goes: at "
            "0.1 the output would be nine times too large.",
        ),
    ),
    prints=(
        """
import numpy as np

x, p = 3.0, 0.25
outputs = np.array([0, x / (1 - p)])
chances = np.array([p, 1 - p])
mean = outputs @ chances
print((outputs - mean) ** 2 @ chances)
""",
    ),
)
