"""The gradient that reaches the first of several residual blocks."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(weights, x, grad):
    """Step along the imaginary axis, entry by entry, which gives exact slopes."""
    slopes = np.zeros_like(x)
    for i, row in enumerate(1e-20j * np.eye(x.shape[1])):
        h = x + row
        for weight in weights:
            h = h + np.tanh(h) @ weight.T
        slopes[:, i] = (grad * h.imag * 1e20).sum(axis=1)
    return slopes


@st.composite
def inputs(choose):
    batch, width, depth = (choose(st.integers(1, 3)) for _ in range(3))
    return {
        "weights": [choose(draw.floats((width, width), -2, 2)) for _ in range(depth)],
        "x": choose(draw.floats((batch, width), -2, 2)),
        "grad": choose(draw.floats((batch, width), -2, 2)),
    }


def passes_blocks_that_add_nothing(answer, weights, x, grad):
    return answer(weights=[0 * weight for weight in weights], x=x, grad=grad), grad


def is_linear_in_the_gradient(answer, weights, x, grad):
    twice = answer(weights=weights, x=x, grad=2 * grad)
    return twice, 2 * answer(weights=weights, x=x, grad=grad)


def case(weights, x, grad, right=None):
    arrays = [np.array(weight) for weight in weights]
    given = {"weights": arrays, "x": np.array(x), "grad": np.array(grad)}
    return Case(given, None if right is None else np.array(right))


EXERCISE = Exercise(
    asks="Send a gradient back through residual blocks.",
    question="DL0061",
    page="gradients/vanishing-gradients",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def residual_gradient(weights, x, grad):
    """Return the gradient in x, floats (B, d).

    weights: a list of arrays W (d, d), one for each block, from first to last;
        a block is h = x + W tanh(x), for each example
    x: floats (B, d), the input of the first block, an example per row
    grad: floats (B, d), the gradient of a loss in the last block's output
    """
    inputs = []
    for weight in weights:
        inputs.append(x)
        x = x + np.tanh(x) @ weight.T
    for weight, x in zip(weights[::-1], inputs[::-1]):
        grad = grad + (grad @ weight) * (1 - np.tanh(x) ** 2)
    return grad
''',
    reference=reference,
    against="steps along the imaginary axis",
    inputs=inputs(),
    examples=100,
    atol=1e-5,
    by_hand=(
        case([[[3.0]]], [[0.0]], [[1.0]], [[4.0]]),
        case([[[-1.0]]], [[0.0]], [[5.0]], [[0.0]]),
        case([[[1.0]], [[1.0]]], [[0.0]], [[1.0]], [[4.0]]),
        case([[[0.0, 2.0], [0.0, 0.0]]], [[0.0, 0.0]], [[1.0, 10.0]], [[1.0, 12.0]]),
    ),
    extremes=(
        case([[[1.0]]], [[50.0]], [[3.0]], [[3.0]]),
        case([[[0.0]]] * 5, [[1.0]], [[7.0]], [[7.0]]),
    ),
    laws=(
        Law("blocks that add nothing change nothing", passes_blocks_that_add_nothing),
        Law("twice the gradient gives twice as much", is_linear_in_the_gradient),
    ),
    hint="Per block the identity gives grad; the branch adds Wᵀ grad times the slope.",
    bugs=(
        Bug(
            "grad = grad + (grad @ weight)",
            "grad = (grad @ weight)",
            "The identity is left out: this is the gradient of a plain network, which "
            "vanishes where a unit saturates.",
        ),
        Bug(
            "grad = grad + (grad @ weight) * (1 - np.tanh(x) ** 2)",
            "grad = grad + (grad * (1 - np.tanh(x) ** 2)) @ weight",
            "The slope stands on the wrong side of the weights: the branch applies tanh "
            "first, so on the way back its slope comes last.",
        ),
        Bug(
            "(grad @ weight)",
            "(grad @ weight.T)",
            "Back goes the transpose: with an example per row that is grad @ W.",
        ),
        Bug(
            "zip(weights[::-1], inputs[::-1])",
            "zip(weights, inputs)",
            "The way back begins with the last block.",
        ),
        Bug(
            "zip(weights[::-1], inputs[::-1])",
            "zip(weights[::-1], inputs)",
            "On the way back each block meets its own input: turn both lists.",
        ),
        Bug(
            "grad = grad + (grad @ weight) * (1 - np.tanh(x) ** 2)",
            "grad = grad + (1 - np.tanh(x) ** 2)",
            "The branch passes the gradient through its weights, too.",
        ),
        Bug(
            "(1 - np.tanh(x) ** 2)",
            "(1 - x**2)",
            "x is the input of tanh, not its output: the slope is 1 − tanh(x)².",
        ),
    ),
    prints=(
        """
gradient = 1.0
for _ in range(10):  # residual blocks that add -x / 2
    gradient = gradient * (1 - 0.5)
print(f"{1 / gradient:.0f}")
""",
    ),
)
