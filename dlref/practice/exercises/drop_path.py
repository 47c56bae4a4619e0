"""A residual connection whose branch is dropped for whole examples."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, branch, uniforms, rate):
    """Go through the examples one by one."""
    y = np.array(x, float)
    for i, u in enumerate(uniforms):
        if u >= rate:
            y[i] += branch[i] / (1 - rate)
    return y


@st.composite
def inputs(choose):
    batch, features = choose(st.integers(1, 4)), choose(draw.shapes(least=0, most=2))
    return {
        "x": choose(draw.floats((batch, *features))),
        "branch": choose(draw.floats((batch, *features))),
        "uniforms": choose(draw.floats((batch,), 0, 0.984375)),
        "rate": choose(st.sampled_from([0.0, 0.25, 0.5, 0.75])),
    }


def keeps_the_stream(answer, x, **others):
    """What is added to the input is added to the output."""
    return answer(x=x + 1, **others), answer(x=x, **others) + 1


X = np.array([[1.0, 2.0], [3.0, 4.0]])
BRANCH = np.array([[10.0, 20.0], [30.0, 40.0]])
HAND = {"x": X, "branch": BRANCH, "uniforms": np.array([0.3, 0.7]), "rate": 0.5}

EXERCISE = Exercise(
    asks="Add a residual branch with stochastic depth (DropPath).",
    question="DL0059",
    page="layers/dropout",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def drop_path(x, branch, uniforms, rate):
    """Return x plus its branch, as in training with stochastic depth.

    x, branch: floats (B, ...), of one shape
    uniforms: numbers (B,) from [0, 1); an example's branch is dropped where
        its number is below rate
    rate: probability of dropping a branch, below 1

    The mean over all draws is x + branch.
    """
    keep = uniforms >= rate
    keep = keep.reshape(-1, *[1] * (x.ndim - 1))  # (B, 1, ...)
    return x + branch * keep / (1 - rate)
''',
    torch='''
import torch


def drop_path(x, branch, uniforms, rate):
    """Return x plus its branch, as in training with stochastic depth.

    x, branch: floats (B, ...), of one shape
    uniforms: numbers (B,) from [0, 1); an example's branch is dropped where
        its number is below rate
    rate: probability of dropping a branch, below 1

    The mean over all draws is x + branch.
    """
    keep = uniforms >= rate
    keep = keep.view(-1, *[1] * (x.ndim - 1))  # (B, 1, ...)
    return x + branch * keep / (1 - rate)
''',
    reference=reference,
    against="a loop over the examples",
    inputs=inputs(),
    by_hand=(
        Case(HAND, np.array([[1.0, 2.0], [63.0, 84.0]])),
        Case(HAND | {"rate": 0.2}, np.array([[1.0, 2.0], [3.0, 4.0]]) + BRANCH / 0.8),
    ),
    extremes=(
        Case(HAND | {"rate": 0.0}, X + BRANCH),
        Case(
            {
                "x": np.array([1.0, 2.0]),
                "branch": np.array([3.0, 4.0]),
                "uniforms": np.array([0.1, 0.9]),
                "rate": 0.5,
            },
            np.array([1.0, 10.0]),
        ),
    ),
    laws=(Law("what comes in passes by", keeps_the_stream),),
    gradient=("x", "branch"),
    bugs=(
        Bug(
            "return x + branch * keep / (1 - rate)",
            "return (x + branch) * keep / (1 - rate)",
            "The input is dropped with the branch, and the example is lost for all "
            "layers behind. Drop the branch alone: the residual stream passes by.",
        ),
        Bug(
            "return x + branch * keep / (1 - rate)",
            "return x + branch * keep",
            "The branches that stay are not scaled: their mean is 1 - rate of what test "
            "time adds.",
        ),
        Bug(
            "keep = uniforms >= rate",
            "keep = uniforms < rate",
            "Here rate is the probability of being kept, as a docstring in circulation "
            "says. It is the probability of being dropped.",
        ),
        Bug(
            "keep.reshape(-1, *[1] * (x.ndim - 1))  # (B, 1, ...)",
            "keep.reshape(-1, *[1] * (x.ndim - 1)).all()",
            "One draw for the whole batch drops all or none. Each example has a draw of "
            "its own.",
        ),
        Bug(
            "return x + branch * keep / (1 - rate)",
            "return x + branch / (1 - rate)",
            "Nothing is dropped, and all is scaled: multiply by the mask.",
        ),
    ),
    prints=(
        """
L, last = 54, 0.5
rates = [last * layer / L for layer in range(1, L + 1)]
print(f"{sum(1 - rate for rate in rates):.2f}")
""",
    ),
)
