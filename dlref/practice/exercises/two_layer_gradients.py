"""The backward pass of two layers, by hand."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.gradients import linear_gradient
from dlref.numpy.losses import cross_entropy_gradient
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

SIZES = [(1, 1, 2), (2, 2, 2), (3, 3, 3), (2, 3, 4), (4, 3, 2)]  # d, h, K


def reference(x, targets, w1, b1, w2, b2):
    h = np.tanh(x @ w1.T + b1)
    grad = cross_entropy_gradient(h @ w2.T + b2, targets) / len(x)
    in_h, in_w2, in_b2 = linear_gradient(h, w2, grad)
    _, in_w1, in_b1 = linear_gradient(x, w1, in_h * (1 - h**2))
    return in_w1, in_b1, in_w2, in_b2


@st.composite
def inputs(choose):
    d, h, classes = choose(st.sampled_from(SIZES))
    batch = choose(st.integers(1, 3))
    return {
        "x": choose(draw.floats((batch, d), -2, 2)),
        "targets": choose(draw.classes((batch,), classes)),
        "w1": choose(draw.floats((h, d), -2, 2)),
        "b1": choose(draw.floats((h,), -2, 2)),
        "w2": choose(draw.floats((classes, h), -2, 2)),
        "b2": choose(draw.floats((classes,), -2, 2)),
    }


def sums_to_zero(answer, **given):
    """Over the classes: p and y both sum to 1."""
    return answer(**given)[3].sum(), np.zeros(())


def minds_no_copies(answer, x, targets, **layers):
    """A batch that is there twice has the same mean."""
    twice = answer(x=np.tile(x, (2, 1)), targets=np.tile(targets, 2), **layers)
    return twice, answer(x=x, targets=targets, **layers)


def network(**change):
    """One example, with the slope ¾ at both hidden units, and p = (½, ½)."""
    half = np.log(3) / 2  # tanh gives ½
    layers = {"w1": np.array([[half, 0.0], [0.0, half]]), "b1": np.zeros(2)}
    layers |= {"w2": np.array([[1.0, 2.0], [3.0, 0.0]]), "b2": np.zeros(2)}
    return {"x": np.ones((1, 2)), "targets": np.array([0])} | layers | change


EXERCISE = Exercise(
    asks="Write the backward pass of a two-layer network.",
    question="DL0060",
    page="gradients/backpropagation",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def two_layer_gradients(x, targets, w1, b1, w2, b2):
    """Return the gradients of the loss in w1, b1, w2 and b2, in this order.

    x: floats (B, d), targets: class indices (B,), from 0
    w1, b1: floats (h, d) and (h,)
    w2, b2: floats (K, h) and (K,)

    The logits are tanh(x @ w1.T + b1) @ w2.T + b2. The loss is the mean of
    their cross-entropy with the targets. Logits may be in the thousands.
    """
    h = np.tanh(x @ w1.T + b1)
    z = h @ w2.T + b2
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    y = np.eye(z.shape[1])[targets]
    g2 = (p - y) / len(x)
    g1 = (g2 @ w2) * (1 - h**2)
    return g1.T @ x, g1.sum(axis=0), g2.T @ h, g2.sum(axis=0)
''',
    torch='''
import torch
import torch.nn.functional as F


def two_layer_gradients(x, targets, w1, b1, w2, b2):
    """Return the gradients of the loss in w1, b1, w2 and b2, in this order.

    x: floats (B, d), targets: class indices (B,), from 0
    w1, b1: floats (h, d) and (h,)
    w2, b2: floats (K, h) and (K,)

    The logits are tanh(x @ w1.T + b1) @ w2.T + b2. The loss is the mean of
    their cross-entropy with the targets. Logits may be in the thousands.
    """
    h = (x @ w1.T + b1).tanh()
    z = h @ w2.T + b2
    g2 = (z.softmax(dim=1) - F.one_hot(targets, z.shape[1])) / len(x)
    g1 = (g2 @ w2) * (1 - h**2)
    return g1.T @ x, g1.sum(dim=0), g2.T @ h, g2.sum(dim=0)
''',
    reference=reference,
    inputs=inputs(),
    rtol=1e-3,
    atol=1e-5,
    by_hand=(
        Case(
            network(w2=np.array([[1.0, 0.0], [0.0, 1.0]])),
            (
                np.array([[-0.375, -0.375], [0.375, 0.375]]),
                np.array([-0.375, 0.375]),
                np.array([[-0.25, -0.25], [0.25, 0.25]]),
                np.array([-0.5, 0.5]),
            ),
        ),
    ),
    extremes=(
        Case(
            network(b2=np.array([0.0, 2000.0])),
            hint="Logits of thousands overflow: subtract each row's maximum first.",
        ),
        Case(network(b2=np.array([2000.0, 0.0]))),
        Case(
            network(w2=np.array([[2000.0, 0.0], [1900.0, 0.0]]))
            | {"x": np.array([[1.0, 1.0], [-1.0, -1.0]]), "targets": np.array([0, 0])},
            hint="Subtract each row's own maximum: that of another is too far off.",
        ),
    ),
    laws=(
        Law("the gradient in b2 sums to 0", sums_to_zero),
        Law("a batch that is there twice changes nothing", minds_no_copies),
    ),
    hint="p − y over B, then g.T @ input for the weights and g @ w for the input.",
    bugs=(
        Bug(
            "g2 @ w2)",
            "g2 @ w2.T)",
            "Back goes through w2, not its transpose: x @ w.T forward is g @ w backward. "
            "Where the layer is square, no shape tells.",
        ),
        Bug(
            "1 - h**2",
            "1 - np.tanh(h) ** 2",
            "The slope of tanh at z is 1 − tanh(z)², and tanh(z) is h: take h once.",
        ),
        Bug(
            "(g2 @ w2) * (1 - h**2)",
            "g2 @ w2",
            "The slope of tanh is missing: it multiplies what comes back, by entry.",
        ),
        Bug(
            "(p - y) / len(x)",
            "p - y",
            "The loss is a mean: divide by B, or the gradient grows with the batch.",
        ),
        Bug(
            "g2 = (p - y) / len(x)",
            "g2 = (p - y) * p * (1 - p) / len(x)",
            "With cross-entropy the slope of the softmax cancels: p − y is all.",
        ),
        Bug(
            "    g2 = (p - y) / len(x)\n",
            "    q = np.exp(p) / np.exp(p).sum(axis=1, keepdims=True)\n"
            "    g2 = p * (q - y - (p * (q - y)).sum(axis=1, keepdims=True)) / len(x)\n",
            "These are the gradients of a softmax of the softmax: cross-entropy takes "
            "logits.",
        ),
        Bug(
            "z - z.max(axis=1, keepdims=True)",
            "z",
            "Without its maximum a row of logits in the thousands overflows, and the "
            "gradients are nan.",
        ),
        Bug(
            "g1.T @ x, g1.sum(axis=0), g2.T @ h, g2.sum(axis=0)",
            "g1.T @ x, g1.mean(axis=0), g2.T @ h, g2.mean(axis=0)",
            "B is divided by already: the bias's gradients are sums over the batch.",
        ),
    ),
    prints=(
        """
batch, d, h, classes = 10, 100, 50, 10
forward = 2 * batch * (d * h + h * classes)
first = 2 * batch * d * h  # in the weights alone
second = 2 * 2 * batch * h * classes
print(round((first + second) / forward, 2))
""",
    ),
)
