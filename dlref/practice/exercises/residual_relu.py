"""A residual connection around a ReLU: what goes by it must stay as it is."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import activations
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(grad, x, w):
    y = x + activations.relu(x) @ w.T
    return y, grad + (grad @ w) * activations.relu_gradient(x)


@st.composite
def inputs(choose):
    n, d = choose(st.integers(1, 4)), choose(st.integers(1, 4))
    return {
        "grad": choose(draw.floats((n, d), -4, 4)),
        "x": choose(draw.floats((n, d), -4, 4)),
        "w": choose(draw.floats((d, d), -2, 2)),
    }


def passes_by_without_weights(answer, grad, x, w):
    y, x_grad = answer(grad=grad, x=x, w=np.zeros_like(w))
    return np.stack([y, x_grad]), np.stack([x, grad])


EXERCISE = Exercise(
    asks="Write a residual connection around a ReLU, and its backward pass.",
    question="DL0058",
    page="activations/activation-functions",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def residual_relu(grad, x, w):
    """Return y = x + W ReLU(x), row by row, and the loss's gradient in x.

    grad: floats (n, d), the gradient of the loss in y
    x: floats (n, d); at an entry of 0, ReLU's slope is taken as 0
    w: floats (d, d)
    """
    hidden = np.maximum(x, 0)
    y = x + hidden @ w.T
    return y, grad + (grad @ w) * (x > 0)
''',
    torch='''
import torch


def residual_relu(grad, x, w):
    """Return y = x + W ReLU(x), row by row, and the loss's gradient in x.

    grad: floats (n, d), the gradient of the loss in y
    x: floats (n, d); at an entry of 0, ReLU's slope is taken as 0
    w: floats (d, d)
    """
    hidden = torch.relu(x)
    y = x + hidden @ w.T
    return y, grad + (grad @ w) * (x > 0)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        Case(
            {
                "grad": np.array([[1.0, 10.0]]),
                "x": np.array([[-2.0, 3.0]]),
                "w": np.array([[5.0, 7.0], [0.0, 2.0]]),
            },
            (np.array([[19.0, 9.0]]), np.array([[1.0, 37.0]])),
        ),
    ),
    extremes=(
        Case(
            {"grad": np.ones((1, 1)), "x": np.zeros((1, 1)), "w": np.ones((1, 1))},
            (np.zeros((1, 1)), np.ones((1, 1))),
            "At 0 the slope of a ReLU is taken as 0 here, as PyTorch does.",
        ),
    ),
    laws=(Law("without weights, all passes by", passes_by_without_weights),),
    bugs=(
        Bug(
            "hidden = np.maximum(x, 0)",
            "hidden = np.maximum(x, 0, out=x)",
            "A ReLU in place clips the stream too, before it is added.",
        ),
        Bug(
            "(x > 0)",
            "(x >= 0)",
            "At 0 the slope of a ReLU is taken as 0 here, as PyTorch does.",
        ),
        Bug(
            "(x > 0)",
            "(y > 0)",
            "What counts is the sign of what the ReLU got, not of the sum behind it.",
        ),
        Bug(
            "grad + (grad @ w) * (x > 0)",
            "(grad @ w) * (x > 0)",
            "The gradient that passes by the ReLU is missing: y holds x itself.",
        ),
        Bug(
            "grad @ w)",
            "grad @ w.T)",
            "Forward multiplies by Wᵀ from the right, so backward multiplies by W.",
        ),
        Bug(
            "(grad @ w) * (x > 0)",
            "(grad * (x > 0)) @ w",
            "The ReLU came first, so its mask comes last on the way back.",
        ),
    ),
)
