import numpy as np
import pytest
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

NUMPY = '''
import numpy as np


def mean_square(values, scale):
    """Return the mean of the squares over the last axis, times scale."""
    squares = values**2
    return scale * squares.mean(axis=-1)
'''
TORCH = NUMPY.replace("import numpy as np", "import torch").replace("axis", "dim")


@st.composite
def inputs(choose):
    values = choose(draw.floats(choose(draw.shapes(least=1))))
    return {"values": values, "scale": choose(st.sampled_from([1.0, 2.0, 3.0]))}


def is_linear(answer, values, scale):
    return answer(values=values, scale=2 * scale), 2 * answer(values=values, scale=scale)


def case(values, right=None, hint=""):
    return Case({"values": np.array(values), "scale": 1.0}, right, hint)


@pytest.fixture
def exercise():
    """A small exercise of no question, so that what is tested here is the judge."""
    return Exercise(
        key="mean-square",
        asks="Write the mean of squares.",
        question="DL0000",
        page="nowhere",
        level="whiteboard",
        minutes=1,
        numpy=NUMPY,
        torch=TORCH,
        reference=lambda values, scale: scale * (values**2).mean(axis=-1),
        inputs=inputs(),
        by_hand=(case([1.0, 3.0], np.array(5.0)),),
        extremes=(case([1e18], hint="Beyond float32, squares are infinite."),),
        laws=(Law("twice the scale is twice the mean", is_linear, "Scale last."),),
        gradient=("values",),
        hint="Look at the last axis.",
        bugs=(
            Bug("values**2", "values", "Square first."),
            Bug("axis=-1", "axis=0", "The mean runs over the last axis."),
            Bug("scale * squares", "squares", "The scale is left out.", "torch"),
        ),
    )
