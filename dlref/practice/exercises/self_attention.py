"""Self-attention in one head."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.attention import scaled_dot_product_attention
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, w_q, w_k, w_v):
    return scaled_dot_product_attention(x @ w_q.T, x @ w_k.T, x @ w_v.T)


@st.composite
def inputs(choose):
    n, d, d_k, d_v = (choose(st.integers(1, 4)) for _ in range(4))
    weights = {
        name: choose(draw.floats((width, d), -1, 1))
        for name, width in (("w_q", d_k), ("w_k", d_k), ("w_v", d_v))
    }
    return {"x": choose(draw.floats((n, d), -2, 2)), **weights}


def knows_no_order(answer, x, **weights):
    """Tokens in reverse get their outputs in reverse."""
    return answer(x=x[::-1].copy(), **weights), answer(x=x, **weights)[::-1]


# Queries (2, 0, 0, 0) and 0, keys that score log 3 and 0 after a root of 4.
HAND = {
    "x": np.eye(2),
    "w_q": np.array([[2.0, 0.0], [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]),
    "w_k": np.array([[np.log(3), 0.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]),
    "w_v": np.array([[20.0, 4.0]]),
}
SCORES = """    scores = q @ k.T / np.sqrt(q.shape[-1])
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
"""
LATE = """    scores = q @ k.T
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True) / np.sqrt(q.shape[-1])
"""

EXERCISE = Exercise(
    asks="Write self-attention in one head.",
    question="DL0050",
    page="attention/self-attention",
    level="whiteboard",
    minutes=8,
    numpy=f'''
import numpy as np


def self_attention(x, w_q, w_k, w_v):
    """Return the outputs (n, d_v) of tokens x (n, d) that all see each other.

    w_q, w_k: floats (d_k, d), (out, in)
    w_v: floats (d_v, d)
    Scores may be in the thousands.
    """
    q = x @ w_q.T
    k = x @ w_k.T
    v = x @ w_v.T
{SCORES}    return weights @ v
''',
    torch='''
import torch


def self_attention(x, w_q, w_k, w_v):
    """Return the outputs (n, d_v) of tokens x (n, d) that all see each other.

    w_q, w_k: floats (d_k, d), (out, in)
    w_v: floats (d_v, d)
    Scores may be in the thousands.
    """
    q = x @ w_q.T
    k = x @ w_k.T
    v = x @ w_v.T
    scores = q @ k.T / q.shape[-1] ** 0.5
    return scores.softmax(dim=-1) @ v
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(Case(HAND, np.array([[16.0], [12.0]])),),
    extremes=(
        Case(
            HAND | {"x": np.array([[1000.0, 0.0], [0.0, 0.0]])},
            hint="Scores of thousands overflow: subtract each row's maximum first.",
        ),
    ),
    laws=(Law("it knows no order", knows_no_order),),
    gradient=("x", "w_q"),
    bugs=(
        Bug(
            "q @ k.T / np.sqrt(q.shape[-1])",
            "q @ k.T",
            "The root of d_k is missing: scores grow with the width, and the softmax "
            "becomes one-hot.",
        ),
        Bug(
            SCORES,
            LATE,
            "The root belongs before the softmax. Behind it, it only makes the outputs "
            "smaller, and the weights sum to less than 1.",
        ),
        Bug(
            "np.sqrt(q.shape[-1])",
            "q.shape[-1]",
            "This divides by d_k, as does a root that is applied twice: the weights come "
            "out too even.",
        ),
        Bug(
            "np.sqrt(q.shape[-1])",
            "np.sqrt(x.shape[-1])",
            "Divide by the root of d_k, the width of a query, not of d.",
        ),
        Bug(
            "weights.sum(axis=-1, keepdims=True)",
            "weights.sum(axis=0, keepdims=True)",
            "The weights of each query sum to 1, over the keys, which stand along a row: "
            "axis -1.",
        ),
        Bug(
            "k = x @ w_k.T",
            "k = x @ w_q.T",
            "Keys have a map of their own. With that of the queries, scores would be "
            "symmetric.",
        ),
        Bug(
            "q @ k.T",
            "k @ q.T",
            "Row i has the scores of query i. Transposed, each token is scored as it "
            "should score others.",
        ),
        Bug(
            "np.exp(scores - scores.max(axis=-1, keepdims=True))",
            "np.exp(scores)",
            "Without its maximum a row of scores in the thousands overflows, and the "
            "weights are nan.",
        ),
    ),
    prints=(
        """
import numpy as np

d_k = 256
scores = np.full(4, 1.0) * d_k / np.sqrt(d_k)
print(scores[0])
""",
    ),
)
