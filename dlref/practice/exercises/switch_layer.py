"""A layer of experts of which each token takes one, weighted by its probability."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import feed_forward, top_k_gates
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

NO_GRADIENT = (
    "The softmax of one logit is 1: the router would have no gradient. Take the softmax "
    "over all experts, and of it the probability of the chosen one."
)


def apart(choose, shape):
    """Draw rows of numbers of which no two are near each other."""
    *batch, count = shape
    rows = [choose(st.permutations(range(count))) for _ in np.ndindex(*batch)]
    order = np.reshape(np.array(rows, float), shape)
    return order + choose(draw.floats(shape, -0.25, 0.25)) + choose(st.integers(-4, 4))


@st.composite
def inputs(choose):
    tokens, experts, hidden, width = (choose(st.integers(1, 3)) for _ in range(4))
    return {
        "x": choose(draw.floats((tokens, width), -4, 4)),
        "logits": apart(choose, (tokens, experts)),
        "w1": choose(draw.floats((experts, hidden, width), -4, 4)),
        "w2": choose(draw.floats((experts, width, hidden), -4, 4)),
    }


def reference(x, logits, w1, w2):
    weights, indices = top_k_gates(logits, 1, normalize=False)
    y = np.empty_like(x)
    for t, (i,) in enumerate(indices):
        hidden, width = w1[i].shape
        zeros = np.zeros(hidden), np.zeros(width)
        y[t] = weights[t] * feed_forward(x[t], w1[i], zeros[0], w2[i], zeros[1])
    return y


def ignores_what_all_share(answer, x, logits, w1, w2):
    moved = answer(x=x, logits=logits + 3, w1=w1, w2=w2)
    return moved, answer(x=x, logits=logits, w1=w1, w2=w2)


def scales_with_x(answer, x, logits, w1, w2):
    twice = answer(x=2 * x, logits=logits, w1=w1, w2=w2)
    return twice, 2 * answer(x=x, logits=logits, w1=w1, w2=w2)


EYES = np.stack([np.eye(2), 3 * np.eye(2)])
BY_HAND = {
    "x": np.array([[1.0, 2.0], [4.0, 8.0]]),
    "logits": np.log([[1.0, 3.0], [3.0, 1.0]]),  # 3/4 for expert 1, then for expert 0
    "w1": EYES,
    "w2": np.stack([np.eye(2)] * 2),
}


EXERCISE = Exercise(
    asks="Write a Switch layer: each token takes its best expert.",
    question="DL0077",
    page="layers/mixture-of-experts",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def switch_layer(x, logits, w1, w2):
    """Return what its best expert makes of each token, times its probability.

    x: floats (tokens, d)
    logits: floats (tokens, experts) of the router, no two of a token equal
    w1: floats (experts, d_ff, d)
    w2: floats (experts, d, d_ff)

    Expert i is w2[i] @ relu(w1[i] @ token). Only the best one may run.
    """
    p = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    best = logits.argmax(axis=-1)
    y = np.zeros_like(x)
    for i in range(len(w1)):
        chosen = best == i
        hidden = np.maximum(x[chosen] @ w1[i].T, 0)
        y[chosen] = p[chosen, i, None] * (hidden @ w2[i].T)
    return y
''',
    torch='''
import torch


def switch_layer(x, logits, w1, w2):
    """Return what its best expert makes of each token, times its probability.

    x: floats (tokens, d)
    logits: floats (tokens, experts) of the router, no two of a token equal
    w1: floats (experts, d_ff, d)
    w2: floats (experts, d, d_ff)

    Expert i is w2[i] @ relu(w1[i] @ token). Only the best one may run.
    """
    top, best = logits.max(dim=-1)
    gate = (top - logits.logsumexp(dim=-1)).exp()
    y = torch.zeros_like(x)
    for i in range(len(w1)):
        t = (best == i).nonzero()[:, 0]
        hidden = (x[t] @ w1[i].T).relu()
        y = y.index_add(0, t, gate[t, None] * (hidden @ w2[i].T))
    return y
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(Case(BY_HAND, np.array([[2.25, 4.5], [3.0, 6.0]])),),
    extremes=(
        Case(
            BY_HAND | {"logits": np.array([[1e4, -1e4], [-1e4, 1e4]])},
            np.array([[1.0, 2.0], [12.0, 24.0]]),
            hint="Subtract the largest logit before the exponential: e^10000 is ∞.",
        ),
    ),
    laws=(
        Law("a number added to all logits changes nothing", ignores_what_all_share),
        Law("experts without biases scale with their input", scales_with_x),
    ),
    gradient=("x", "logits", "w1", "w2"),
    bugs=(
        Bug(
            "logits.argmax",
            "logits.argmin",
            "This takes the expert with the smallest logit, the worst one.",
        ),
        Bug(
            "p[chosen, i, None] * (",
            "logits[chosen, i, None] * (",
            "A logit is no weight: it may be negative, and of any size. Take the softmax "
            "of all logits first.",
        ),
        Bug(
            "p /= p.sum(axis=-1, keepdims=True)",
            "p /= p.sum(axis=0, keepdims=True)",
            "Probabilities sum to 1 over the experts of one token, not over the tokens.",
        ),
        Bug(
            "(top - logits.logsumexp(dim=-1)).exp()",
            "top[:, None].softmax(dim=-1)[:, 0]",
            NO_GRADIENT,
            language="torch",
        ),
        Bug(
            "(top - logits.logsumexp(dim=-1)).exp()",
            "(top - logits.logsumexp(dim=-1)).exp().detach()",
            "The choice has no gradient. If the weight has none either, the router "
            "never learns.",
            language="torch",
        ),
    ),
    prints=(
        """
tokens, experts, k = 1000, 8, 1
factor = 1.25
print(-int(-factor * k * tokens // experts))  # room of one expert
""",
    ),
)
