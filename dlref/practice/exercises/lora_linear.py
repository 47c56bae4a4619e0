"""A linear layer with a low-rank update beside its frozen weight."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.fine_tuning import lora_linear
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    d_in, d_out, rank = (choose(st.integers(1, 4)) for _ in range(3))
    batch = choose(draw.shapes(most=2))
    return {
        "x": choose(draw.floats((*batch, d_in), -2, 2)),
        "weight": choose(draw.floats((d_out, d_in), -2, 2)),
        "a": choose(draw.floats((rank, d_in), -2, 2)),
        "b": choose(draw.floats((d_out, rank), -2, 2)),
        "alpha": choose(st.sampled_from([1.0, 4.0, 16.0])),
    }


def starts_as_the_frozen_layer(answer, x, weight, b, **others):
    return answer(x=x, weight=weight, b=0 * b, **others), x @ weight.T


def twice_alpha_is_twice_the_update(answer, x, weight, alpha, **others):
    frozen = x @ weight.T
    twice = answer(x=x, weight=weight, alpha=2 * alpha, **others)
    once = answer(x=x, weight=weight, alpha=alpha, **others)
    return twice - frozen, 2 * (once - frozen)


BY_HAND = {
    "x": np.array([1.0, 1.0]),
    "weight": np.eye(2),
    "a": np.array([[1.0, 2.0]]),
    "b": np.array([[0.5], [0.0]]),
    "alpha": 2.0,
}
RANK_4 = {
    "x": np.array([[1.0]]),
    "weight": np.array([[3.0]]),
    "a": np.ones((4, 1)),
    "b": np.ones((1, 4)),
    "alpha": 8.0,
}

EXERCISE = Exercise(
    asks="Write the outputs of a frozen linear layer with LoRA.",
    question="DL0072",
    page="fine_tuning/lora",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def lora_linear(x, weight, a, b, alpha):
    """Return W'x for each x, where W' = W + α/r · BA.

    x: floats (..., in)
    weight: floats (out, in), the frozen W
    a, b: floats (r, in) and (out, r), the factors A and B
    alpha: the scale α

    Do not form BA, which is as large as W.
    """
    scale = alpha / a.shape[0]
    return x @ weight.T + scale * (x @ a.T @ b.T)
''',
    torch='''
import torch.nn.functional as F


def lora_linear(x, weight, a, b, alpha):
    """Return W'x for each x, where W' = W + α/r · BA.

    x: floats (..., in)
    weight: floats (out, in), the frozen W
    a, b: floats (r, in) and (out, r), the factors A and B
    alpha: the scale α

    Do not form BA, which is as large as W.
    """
    scale = alpha / a.shape[0]
    return F.linear(x, weight) + scale * F.linear(F.linear(x, a), b)
''',
    reference=lambda x, weight, a, b, alpha: lora_linear(x, weight, a, b, alpha=alpha),
    inputs=inputs(),
    by_hand=(
        Case(BY_HAND, np.array([4.0, 1.0])),
        Case(RANK_4, np.array([[11.0]])),
    ),
    laws=(
        Law("with B = 0 it is the frozen layer", starts_as_the_frozen_layer),
        Law("twice α is twice the update", twice_alpha_is_twice_the_update),
    ),
    gradient=("a", "b"),
    bugs=(
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = alpha",
            "α is divided by the rank.",
        ),
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = 1.0",
            "The scale α/r of the update is missing.",
        ),
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = alpha / np.sqrt(a.shape[0])",
            "α over the root of the rank is rank-stabilized LoRA.",
        ),
        Bug(
            "scale = alpha / a.shape[0]",
            "scale = alpha / a.shape[1]",
            "The rank is the number of rows of A. Its columns are the inputs.",
        ),
        Bug(
            "x @ weight.T + scale * (x @ a.T @ b.T)",
            "scale * (x @ a.T @ b.T)",
            "The frozen weight still computes: the update is added to its outputs.",
        ),
        Bug(
            "x @ weight.T + scale * (x @ a.T @ b.T)",
            "scale * (x @ weight.T + x @ a.T @ b.T)",
            "The scale is that of the update alone. With B = 0 the outputs must be those "
            "of the frozen layer.",
        ),
    ),
    prints=(
        """
d_in, d_out, r = 4096, 1024, 16
print(r * (d_in + d_out))  # what is trained
""",
    ),
)
