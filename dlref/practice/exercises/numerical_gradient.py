"""A gradient by differences, to judge one that was derived."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

# Functions of an array, and their gradients.
FUNCTIONS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "sin": (lambda x: np.sin(3 * x).sum(), lambda x: 3 * np.cos(3 * x)),
    "exp": (lambda x: np.exp(x).sum(), np.exp),
    "square": (lambda x: x.sum() ** 2 / 8, lambda x: np.full(x.shape, x.sum() / 4)),
}


def reference(name, x):
    return FUNCTIONS[name][1](x)


def use(subject, name, x):
    """Differentiate one of the functions."""
    return subject(FUNCTIONS[name][0], x)


@st.composite
def inputs(choose):
    return {
        "name": choose(st.sampled_from([*FUNCTIONS])),
        "x": choose(draw.floats(choose(draw.shapes(least=1, most=2, side=3)), -2, 2)),
    }


def is_odd(answer, name, x):
    """The square is even, so its gradient is odd."""
    return answer(name="square", x=np.asarray(-x)), -answer(name="square", x=x)


def case(name, *x, right=None):
    return Case({"name": name, "x": np.array(x)}, None if right is None else right)


EXERCISE = Exercise(
    asks="Write a gradient check: the gradient of any function, by differences.",
    question="DL0060",
    page="gradients/backpropagation",
    level="whiteboard",
    minutes=6,
    numpy='''
import numpy as np


def numerical_gradient(function, x):
    """Return the gradient of function at x, by differences.

    function: takes an array like x and returns one number
    x: floats of any shape, about 1 in size; it must stay as it is

    The relative error must be below 1e-7: choose formula and step for that.
    """
    h = 6e-6
    gradient = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += h
        below[i] -= h
        gradient[i] = (function(above) - function(below)) / (2 * h)
    return gradient
''',
    reference=reference,
    against="calculus",
    use=use,
    inputs=inputs(),
    rtol=1e-7,
    atol=1e-7,
    by_hand=(
        case("square", 2.0, 6.0, right=np.array([2.0, 2.0])),
        case("sin", 0.0, right=np.array([3.0])),
    ),
    extremes=(case("exp", 2.0, -2.0), case("sin", 1.0, 2.0)),
    laws=(Law("the gradient of an even function is odd", is_odd),),
    hint="(f(x + h) − f(x − h)) / 2h for each entry, with h near the cube root of ε.",
    bugs=(
        Bug(
            "(function(above) - function(below)) / (2 * h)",
            "(function(above) - function(x)) / h",
            "A forward difference is off by h f''/2. Differences to both sides are off "
            "by h² only.",
        ),
        Bug(
            "(2 * h)",
            "h",
            "From x − h to x + h it is 2h.",
        ),
        Bug(
            "h = 6e-6",
            "h = 1e-15",
            "So small a step leaves few digits of the difference: rounding is divided by "
            "h, too. The best is near the cube root of ε, 6e-6.",
        ),
        Bug(
            "h = 6e-6",
            "h = 0.1",
            "So large a step is off by h² f'''/6. The best is near the cube root of ε, "
            "6e-6.",
        ),
        Bug(
            "above, below = x.copy(), x.copy()",
            'above, below = x.astype("float32"), x.astype("float32")',
            "In float32 the rounding alone is larger than what is asked: use float64.",
        ),
        Bug(
            "        above[i] += h\n        below[i] -= h\n",
            "        above += h\n        below -= h\n",
            "All entries moved at once: that is the sum of the slopes. Move one.",
        ),
    ),
    prints=(
        """
h = 1e-6
f = lambda x: max(x, 0.0)  # a ReLU, right at its bend
print((f(0 + h) - f(0 - h)) / (2 * h))
""",
    ),
)
