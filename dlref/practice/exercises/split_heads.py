"""Splitting a projection into heads."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, num_heads):
    """Cut each token's numbers into runs, and stack the runs of each head."""
    return np.stack(np.split(x, num_heads, axis=-1), axis=1)


@st.composite
def inputs(choose):
    batch, n, heads, width = (choose(st.integers(1, 3)) for _ in range(4))
    return {"x": choose(draw.floats((batch, n, heads * width))), "num_heads": heads}


def keeps_the_tokens(answer, x, num_heads):
    """The first token of each head comes from the first token of x."""
    first = answer(x=x[:, :1], num_heads=num_heads)
    return answer(x=x, num_heads=num_heads)[:, :, :1], first


X = np.array([[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]])
SPLIT = np.array([[[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]])

EXERCISE = Exercise(
    asks="Split a projection into heads, so that each head is a batch.",
    question="DL0051",
    page="attention/multi-head",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def split_heads(x, num_heads):
    """Return the heads (B, h, n, d_k) of floats x (B, n, h * d_k).

    num_heads: h
    Head i takes the i-th run of d_k numbers of each token.
    """
    batch, n, _ = x.shape
    heads = x.reshape(batch, n, num_heads, -1)
    return heads.swapaxes(1, 2)
''',
    torch='''
import torch


def split_heads(x, num_heads):
    """Return the heads (B, h, n, d_k) of floats x (B, n, h * d_k).

    num_heads: h
    Head i takes the i-th run of d_k numbers of each token.
    """
    batch, n, _ = x.shape
    heads = x.view(batch, n, num_heads, -1)
    return heads.transpose(1, 2)
''',
    reference=reference,
    against="NumPy's split",
    inputs=inputs(),
    by_hand=(Case({"x": X, "num_heads": 2}, SPLIT),),
    extremes=(
        Case({"x": X, "num_heads": 1}, X[:, None]),
        Case({"x": X, "num_heads": 4}, np.swapaxes(X[..., None], 1, 2)),
    ),
    laws=(Law("a token stays a token", keeps_the_tokens),),
    gradient=("x",),
    bugs=(
        Bug(
            "heads = x.reshape(batch, n, num_heads, -1)\n    return heads.swapaxes(1, 2)",
            "heads = x.reshape(batch, num_heads, n, -1)\n    return heads",
            "A reshape to (B, h, n, d_k) at once reads the numbers in their order, so a "
            "head gets numbers of several tokens. Split the last axis first, then swap.",
        ),
        Bug(
            "return heads.swapaxes(1, 2)",
            "return heads",
            "The heads still stand behind the tokens: a product of matrices would then "
            "let the heads of one token attend to each other, and no token to another.",
        ),
        Bug(
            "x.reshape(batch, n, num_heads, -1)\n    return heads.swapaxes(1, 2)",
            "x.reshape(batch, n, -1, num_heads)\n    return heads.transpose(0, 3, 1, 2)",
            "Head i takes a run of neighbors, not every h-th number: with weights of "
            "another model, all heads would be mixed.",
        ),
    ),
    prints=(
        """
import numpy as np

x = np.arange(24).reshape(2, 12)  # 2 tokens, 3 heads of 4
heads = x.reshape(2, 3, 4).swapaxes(0, 1)  # (h, n, d_k)
print(heads[2, 0, 0])
""",
    ),
)
