"""The score of a noisy mixture of Gaussians: what an ideal network would know."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.diffusion import mixture_score
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

FAR = (
    "Far from all parts every density rounds to 0, and 0/0 is NaN: subtract the largest."
)


@st.composite
def inputs(choose):
    parts = choose(st.integers(1, 3))
    weights = choose(draw.floats((parts,), 0.125, 1))
    return {
        "x": choose(draw.floats(choose(draw.shapes(most=2)))),
        "left": choose(st.floats(0, 1, width=32)),
        "weights": weights / weights.sum(),
        "means": choose(draw.floats((parts,), -3, 3)),
        "stds": choose(draw.floats((parts,), 0.25, 2)),
    }


def reference(x, left, weights, means, stds):
    return mixture_score(np.asarray(x), np.array(left), weights, means, stds)


def pulls_to_zero_where_all_is_noise(answer, x, left, **others):
    return answer(x=x, left=0.0, **others), -x


def case(x, left, right=None, hint=""):
    given = {"x": np.array(x), "left": left, "weights": np.array([0.5, 0.5])}
    given |= {"means": np.array([-2.0, 2.0]), "stds": np.array([1.0, 1.0])}
    return Case(given, None if right is None else np.array(right), hint)


EXERCISE = Exercise(
    asks="Compute the score of a mixture of Gaussians with noise on it.",
    question="DL0083",
    page="diffusion/diffusion",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def mixture_score(x, left, weights, means, stds):
    """Return the slope of log p at each number x.

    x: floats of any shape
    left: the share ᾱ of the data's variance that is left, from 0 to 1
    weights, means, stds: of each part of the mixture, without noise

    p is the density of √ᾱ · data + √(1 − ᾱ) · noise. Be right at ±1000.
    """
    variance = left * stds**2 + 1 - left
    gap = np.sqrt(left) * means - x[..., None]
    logs = np.log(weights) - np.log(variance) / 2 - gap**2 / variance / 2
    shares = np.exp(logs - logs.max(axis=-1, keepdims=True))
    shares = shares / shares.sum(axis=-1, keepdims=True)
    return (shares * gap / variance).sum(axis=-1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([0.0, 3.0], 0.0, [0.0, -3.0]),
        case([1.0], 1.0, [(1 - 3 * np.exp(-4)) / (1 + np.exp(-4))]),
        Case(
            {
                "x": np.array([1.0]),
                "left": 0.36,
                "weights": np.array([1.0]),
                "means": np.array([5.0]),
                "stds": np.array([2.0]),
            },
            np.array([2 / 2.08]),
        ),
    ),
    extremes=(case([1000.0, -1000.0], 0.5, hint=FAR),),
    laws=(Law("pure noise pulls to 0", pulls_to_zero_where_all_is_noise),),
    bugs=(
        Bug(
            "left * stds**2 + 1 - left",
            "stds**2 + 1 - left",
            "The parts shrink, too: of their variance σ², the share ᾱ is left.",
        ),
        Bug(
            "np.sqrt(left) * means",
            "left * means",
            "The data has the amplitude √ᾱ, and so have the means.",
        ),
        Bug(
            " - np.log(variance) / 2",
            "",
            "A wide part is lower: divide by its deviation.",
        ),
        Bug(
            "np.exp(logs - logs.max(axis=-1, keepdims=True))",
            "np.exp(logs)",
            FAR,
        ),
        Bug(
            "(shares * gap / variance).sum(axis=-1)",
            "(shares * gap).sum(axis=-1) / variance.mean()",
            "Each part pulls with its own variance.",
        ),
        Bug(
            "x[..., None]\n    logs",
            "x[..., None]\n    gap = -gap\n    logs",
            "The score points to the parts: mean minus x, not x minus mean.",
        ),
    ),
)
