"""What a softmax hands back to its logits, without the Jacobian."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.activations import softmax_gradient as reference
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    odds = choose(draw.floats(shape, 0.125, 4))
    return {
        "probabilities": odds / odds.sum(axis=-1, keepdims=True),
        "grad": choose(draw.floats(shape)),
    }


def sums_to_zero(answer, probabilities, grad):
    got = answer(probabilities=probabilities, grad=grad)
    return got.sum(axis=-1), np.zeros(grad.shape[:-1])


def is_linear_in_grad(answer, probabilities, grad):
    doubled = answer(probabilities=probabilities, grad=np.asarray(2 * grad))
    return doubled, 2 * answer(probabilities=probabilities, grad=grad)


def case(p, grad, right=None, hint=""):
    return Case({"probabilities": np.array(p), "grad": np.array(grad)}, right, hint)


EXERCISE = Exercise(
    asks="Write the backward pass of a softmax, without its Jacobian.",
    question="DL0066",
    page="activations/softmax",
    level="deep",
    minutes=8,
    numpy='''
import numpy as np


def softmax_gradient(probabilities, grad):
    """Return the gradient of the loss in the logits.

    probabilities: floats (..., classes), what the softmax gave
    grad: floats of that shape, the gradient of the loss in them
    """
    mean = (probabilities * grad).sum(axis=-1, keepdims=True)
    return probabilities * (grad - mean)
''',
    torch='''
import torch


def softmax_gradient(probabilities, grad):
    """Return the gradient of the loss in the logits.

    probabilities: floats (..., classes), what the softmax gave
    grad: floats of that shape, the gradient of the loss in them
    """
    mean = (probabilities * grad).sum(dim=-1, keepdim=True)
    return probabilities * (grad - mean)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case([0.5, 0.25, 0.25], [8.0, 4.0, 0.0], np.array([1.5, -0.25, -1.25])),
        case([[0.5, 0.5], [1.0, 0.0]], [[2.0, 0.0], [3.0, 5.0]]),
    ),
    laws=(
        Law("each row sums to 0", sums_to_zero),
        Law("twice the gradient is twice the result", is_linear_in_grad),
    ),
    bugs=(
        Bug(
            "return probabilities * (grad - mean)",
            "return grad * probabilities * (1 - probabilities)",
            "This is the Jacobian's diagonal, a sigmoid in each place. A logit moves the "
            "other probabilities, too.",
        ),
        Bug(
            "return probabilities * (grad - mean)",
            "return grad - mean",
            "Each row of the Jacobian has its own probability as a factor.",
        ),
        Bug(
            "(probabilities * grad).sum(axis=-1, keepdims=True)",
            "grad.mean(axis=-1, keepdims=True)",
            "The mean of the gradient is weighted by the probabilities.",
        ),
        Bug(
            "(probabilities * grad).sum(axis=-1, keepdims=True)",
            "(probabilities * grad).sum()",
            "Each row has a mean of its own: sum along the last axis alone.",
        ),
        Bug(
            "return probabilities * (grad - mean)",
            "return probabilities * (mean - grad)",
            "The sign is wrong: a class whose probability would raise the loss has a "
            "positive gradient.",
        ),
        Bug(
            "return probabilities * (grad - mean)",
            "return probabilities * grad",
            "The weighted mean is missing: what is added to all logits changes nothing, "
            "so each row sums to 0.",
        ),
        Bug(
            "return probabilities * (grad - mean)",
            "return probabilities - grad",
            "p − y is the gradient of softmax and cross-entropy together. Here the "
            "gradient in the probabilities is given.",
        ),
    ),
    prints=(
        """
p, v = (0.75, 0.25), (4.0, 0.0)
mean = sum(a * b for a, b in zip(p, v))
print(p[0] * (v[0] - mean))
""",
    ),
)
