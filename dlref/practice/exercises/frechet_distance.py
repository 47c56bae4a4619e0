"""The Fréchet distance of two sets of features, as in FID."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import generative
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ENTRIES = (
    "The root is that of the matrix C₁C₂, not of its entries: add up the roots of its "
    "eigenvalues."
)


def reference(a, b):
    moments = [(x.mean(axis=0), np.cov(x.T).reshape(x.shape[1], -1)) for x in (a, b)]
    return generative.frechet_distance(*moments[0], *moments[1])


@st.composite
def inputs(choose):
    features = choose(st.integers(1, 3))
    seeds = choose(st.integers(0, 10**6))
    rng = np.random.default_rng(seeds)
    sizes = [features + choose(st.integers(2, 4)) for _ in range(2)]
    return {
        name: rng.normal(size=(n, features)) @ rng.normal(size=(features, features))
        + choose(draw.floats((features,)))
        for name, n in zip("ab", sizes, strict=True)
    }


def is_symmetric(answer, a, b):
    return answer(a=a, b=b), answer(a=b, b=a)


def turns(answer, a, b):
    turn, _ = np.linalg.qr(
        np.arange(1.0, 1 + a.shape[1] ** 2).reshape(a.shape[1], -1) % 5
    )
    return answer(a=a @ turn, b=b @ turn), answer(a=a, b=b)


def is_0_on_itself(answer, a, b):
    return answer(a=a, b=a[::-1]), np.zeros(())


CROSS = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1], [2, 2], [-2, -2]])

EXERCISE = Exercise(
    asks="Write the Fréchet distance of two sets of features.",
    question="DL0082",
    page="generative/gan",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def frechet_distance(a, b):
    """Return ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2 (C₁C₂)^½), one number.

    a, b: floats (samples, features), more samples than features

    μ and C are means and unbiased covariances. SciPy is not at hand.
    """
    gap = a.mean(axis=0) - b.mean(axis=0)
    c1, c2 = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (a, b))
    values = np.linalg.eigvals(c1 @ c2).real
    roots = np.sqrt(values.clip(min=0)).sum()
    return gap @ gap + np.trace(c1) + np.trace(c2) - 2 * roots
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"a": np.array([[0.0], [2]]), "b": np.array([[0.0], [3], [6]])},
            4 + (2**0.5 - 3) ** 2,
        ),
        Case({"a": CROSS, "b": CROSS * [1.0, -1]}, hint=ENTRIES),
    ),
    extremes=(Case({"a": 1e3 * CROSS, "b": CROSS + 1e3}),),
    laws=(
        Law("both sets may swap", is_symmetric),
        Law("a rotation of the features changes nothing", turns),
        Law("a set is at 0 from itself", is_0_on_itself),
    ),
    rtol=1e-4,
    atol=1e-5,
    bugs=(
        Bug(
            "gap @ gap + ",
            "",
            "The distance of the means is missing.",
        ),
        Bug(
            "    values = np.linalg.eigvals(c1 @ c2).real\n"
            "    roots = np.sqrt(values.clip(min=0)).sum()\n",
            "    roots = np.trace(np.sqrt((c1 * c2).clip(min=0)))\n",
            ENTRIES,
        ),
        Bug(
            "return gap @ gap + np.trace(c1) + np.trace(c2) - 2 * roots",
            "return np.sqrt(abs(gap @ gap + np.trace(c1) + np.trace(c2) - 2 * roots))",
            "FID is the squared distance: its root is not what papers report.",
        ),
        Bug(
            "- 2 * roots",
            "- roots",
            "Twice the roots: on itself the distance must be 0.",
        ),
        Bug(
            "np.cov(x, rowvar=False)",
            "np.cov(x, rowvar=False, ddof=0)",
            "The covariance is the unbiased one: divide by n − 1.",
        ),
        Bug(
            "gap @ gap",
            "gap @ gap / len(gap)",
            "The squared differences of the means are added up, not averaged.",
        ),
    ),
    prints=(
        """
(m1, s1), (m2, s2) = (1, 2), (3, 3)  # means and deviations on a line
print((m1 - m2) ** 2 + (s1 - s2) ** 2)
""",
    ),
)
