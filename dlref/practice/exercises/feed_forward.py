"""The feed-forward layer of a Transformer."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import feed_forward
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    hidden, width = choose(st.integers(1, 4)), shape[-1]
    return {
        "x": choose(draw.floats(shape, -4, 4)),
        "w1": choose(draw.floats((hidden, width), -2, 2)),
        "b1": choose(draw.floats((hidden,), -2, 2)),
        "w2": choose(draw.floats((width, hidden), -2, 2)),
        "b2": choose(draw.floats((width,), -2, 2)),
    }


def works_position_by_position(answer, x, **weights):
    return answer(x=x[..., None, :], **weights)[..., 0, :], answer(x=x, **weights)


ONE = {"w1": np.array([[1.0], [-1.0]]), "b1": np.zeros(2), "w2": np.ones((1, 2))}

EXERCISE = Exercise(
    asks="Write the feed-forward layer of a Transformer, with a ReLU.",
    question="DL0045",
    page="layers/feed-forward",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def feed_forward(x, w1, b1, w2, b2):
    """Widen each position, apply a ReLU, and project back.

    x: floats (..., d)
    w1, b1: floats (d_ff, d) and (d_ff,), as nn.Linear keeps them
    w2, b2: floats (d, d_ff) and (d,)
    """
    hidden = np.maximum(x @ w1.T + b1, 0.0)  # (..., d_ff)
    return hidden @ w2.T + b2
''',
    torch='''
import torch


def feed_forward(x, w1, b1, w2, b2):
    """Widen each position, apply a ReLU, and project back.

    x: floats (..., d)
    w1, b1: floats (d_ff, d) and (d_ff,), as nn.Linear keeps them
    w2, b2: floats (d, d_ff) and (d,)
    """
    hidden = torch.relu(x @ w1.T + b1)  # (..., d_ff)
    return hidden @ w2.T + b2
''',
    reference=feed_forward,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        Case({"x": np.array([3.0]), "b2": np.array([0.5]), **ONE}, np.array([3.5])),
        Case({"x": np.array([-3.0]), "b2": np.array([0.5]), **ONE}, np.array([3.5])),
    ),
    laws=(Law("each position is on its own", works_position_by_position),),
    gradient=("x", "w1"),
    bugs=(
        Bug(
            "np.maximum(x @ w1.T + b1, 0.0)",
            "x @ w1.T + b1",
            "Without the activation, two linear maps are one, of rank at most d.",
        ),
        Bug(
            "np.maximum(x @ w1.T + b1, 0.0)",
            "np.maximum(x @ w1.T, 0.0) + b1",
            "The bias belongs inside: it sets where each unit begins to be active.",
        ),
        Bug(
            "return hidden @ w2.T + b2",
            "return np.maximum(hidden @ w2.T + b2, 0.0)",
            "The output has no activation: the residual stream needs both signs.",
        ),
        Bug(
            "return hidden @ w2.T + b2",
            "return x + hidden @ w2.T + b2",
            "The residual is added by the block, around the layer, not by the layer.",
        ),
    ),
    prints=(
        """
d = 512
d_ff = 4 * d
print((d * d_ff + d_ff) + (d_ff * d + d) - (d_ff + d))
""",
    ),
)
