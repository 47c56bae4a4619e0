"""The way back through layer norm."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import layer_norm_gradient
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(grad, x, gamma, eps):
    return layer_norm_gradient(grad, x, gamma, eps=eps)[0]


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    whole = arrays(float, shape, elements=st.integers(-8, 8).map(float))
    return {
        "grad": choose(whole),
        "x": choose(whole),
        "gamma": choose(draw.floats(shape[-1:], 0.5, 2)),
        "eps": choose(st.sampled_from([0.01, 0.5])),
    }


def sums_to_zero(answer, **given):
    total = answer(**given).sum(axis=-1)
    return total, np.zeros_like(total)


def is_linear(answer, grad, **others):
    return answer(grad=2 * grad, **others), 2 * answer(grad=grad, **others)


def last_of_four(eps):
    x, grad = np.array([1.0, 2.0, 3.0, 6.0]), np.array([0.0, 0.0, 0.0, 1.0])
    return {"grad": grad, "x": x, "gamma": np.ones(4), "eps": eps}


EXERCISE = Exercise(
    asks="Write the backward pass of layer norm, in its input.",
    question="DL0056",
    page="layers/layer-norm",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def layer_norm_gradient(grad, x, gamma, eps):
    """Return the gradient in x, (..., d), of layer norm over the last axis.

    grad: floats (..., d), the gradient in gamma * x_hat + beta
    x: floats (..., d), what was normed
    gamma: floats (d,)
    eps: what was added to the variance, within the root
    """
    s = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / s
    g = grad * gamma
    shift = g.mean(axis=-1, keepdims=True)
    stretch = (g * x_hat).mean(axis=-1, keepdims=True)
    return (g - shift - x_hat * stretch) / s
''',
    torch='''
import torch


def layer_norm_gradient(grad, x, gamma, eps):
    """Return the gradient in x, (..., d), of layer norm over the last axis.

    grad: floats (..., d), the gradient in gamma * x_hat + beta
    x: floats (..., d), what was normed
    gamma: floats (d,)
    eps: what was added to the variance, within the root
    """
    s = torch.sqrt(x.var(dim=-1, keepdim=True, correction=0) + eps)
    x_hat = (x - x.mean(dim=-1, keepdim=True)) / s
    g = grad * gamma
    shift = g.mean(dim=-1, keepdim=True)
    stretch = (g * x_hat).mean(dim=-1, keepdim=True)
    return (g - shift - x_hat * stretch) / s
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        # s = 2 and x_hat = (-1, -1/2, 0, 3/2), so stretch is 3/8
        Case(last_of_four(0.5), np.array([0.125, -0.0625, -0.25, 0.1875]) / 2),
    ),
    extremes=(
        Case(last_of_four(0.5) | {"x": np.full(4, 3.0)}),
        Case(
            {name: np.ones((2, 1)) for name in ("grad", "x")}
            | {"gamma": np.ones(1), "eps": 0.5},
            np.zeros((2, 1)),
        ),
    ),
    laws=(
        Law("the gradient of a token sums to 0", sums_to_zero),
        Law("twice the gradient gives twice the gradient", is_linear),
    ),
    bugs=(
        Bug(
            "(g - shift - x_hat * stretch) / s",
            "g / s",
            "Mean and deviation depend on x: as constants they leave in what the norm "
            "forgets, a shift and a stretch.",
        ),
        Bug(
            "g - shift - x_hat * stretch",
            "g - x_hat * stretch",
            "Without the mean of g the gradient does not sum to 0: that is RMSNorm's way "
            "back.",
        ),
        Bug(
            "g - shift - x_hat * stretch",
            "g - shift",
            "The deviation depends on x, too: the part along x_hat must go.",
        ),
        Bug(
            "g = grad * gamma",
            "g = grad",
            "The gain is missing: it multiplies on the way there, and on the way back.",
        ),
        Bug(
            "    g = grad * gamma\n",
            "    g, s = grad, s / gamma\n",
            "The gain multiplies the gradient before the means are taken, not after.",
        ),
        Bug(
            "- x_hat * stretch",
            "+ x_hat * stretch",
            "The part along x_hat is taken away, not added.",
        ),
        Bug(
            "- x_hat * stretch) / s",
            "- x_hat * stretch)",
            "Divide by s at the end: a token twice as large has half the gradient.",
        ),
    ),
    prints=(
        """
import torch

x = torch.tensor([1.0, 2.0, 3.0, 6.0], requires_grad=True)
y = torch.nn.functional.layer_norm(x, (4,))
y.sum().backward()
print(round(abs(x.grad).max().item(), 3))
""",
    ),
)
