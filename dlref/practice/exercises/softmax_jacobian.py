"""The derivative of a softmax."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.activations import softmax_jacobian
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(z):
    return softmax_jacobian(z)


@st.composite
def inputs(choose):
    return {"z": choose(draw.floats((choose(st.integers(1, 5)),)))}


def rows_sum_to_zero(answer, z):
    return answer(z=z).sum(axis=-1), np.zeros(len(z))


def ignores_what_all_share(answer, z):
    return answer(z=z + 1), answer(z=z)


TIE = np.array([[0.25, -0.25], [-0.25, 0.25]])
OVERFLOW = "exp(1000) overflows: subtract the maximum first, which changes nothing."

EXERCISE = Exercise(
    asks="Write the Jacobian of the softmax.",
    question="DL0050",
    page="attention/self-attention",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def softmax_jacobian(z):
    """Return how probability i changes with score j, as row i and column j.

    z: floats (n,), up to 1000 in size
    """
    powers = np.exp(z - z.max())
    p = powers / powers.sum()
    return np.diag(p) - np.outer(p, p)
''',
    torch='''
import torch


def softmax_jacobian(z):
    """Return how probability i changes with score j, as row i and column j.

    z: floats (n,), up to 1000 in size
    """
    p = z.softmax(dim=0)
    return torch.diag(p) - torch.outer(p, p)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case({"z": np.array([0.0, 0.0])}, TIE),
        Case({"z": np.array([0.0, np.log(3)])}, 0.75 * TIE),
    ),
    extremes=(
        # Two that are large: to clip both would make them equal.
        Case({"z": np.array([1000.0, 999.0, 0.0])}, hint=OVERFLOW),
        Case({"z": np.array([7.0])}, np.zeros((1, 1))),
    ),
    laws=(
        Law("each row sums to 0", rows_sum_to_zero),
        Law("a number added to all scores changes nothing", ignores_what_all_share),
    ),
    gradient=("z",),
    bugs=(
        Bug(
            "np.diag(p) - np.outer(p, p)",
            "np.diag(p * (1 - p))",
            "A score moves the other probabilities too: they share a sum. Off the "
            "diagonal stands -p_i p_j.",
        ),
        Bug(
            "np.diag(p) - np.outer(p, p)",
            "np.outer(p, p) - np.diag(p)",
            "The sign is wrong: a larger score makes its own probability larger.",
        ),
        Bug(
            "np.diag(p)",
            "np.eye(len(p))",
            "The delta has the factor p_i: the diagonal is p_i - p_i², not 1 - p_i².",
        ),
        Bug(
            "np.diag(p) - np.outer(p, p)",
            "np.outer(p, 1 - p)",
            "p_i (1 - p_j) is right on the diagonal only, where i = j. Elsewhere the 1 "
            "is a 0.",
        ),
        Bug(
            "p = powers / powers.sum()",
            "p = powers",
            "Divide by the sum: probabilities add up to 1.",
        ),
        Bug("np.exp(z - z.max())", "np.exp(z)", OVERFLOW),
    ),
    prints=(
        """
import numpy as np

p = np.array([0.5, 0.5, 0.0])
jacobian = np.diag(p) - np.outer(p, p)
print(jacobian[0, 1])
""",
    ),
)
