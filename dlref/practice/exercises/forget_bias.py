"""The forget gate opened, in both biases together."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    rows = 4 * choose(st.integers(1, 4))
    return {
        "b_ih": choose(draw.floats((rows,))),
        "b_hh": choose(draw.floats((rows,))),
        "value": choose(st.sampled_from([0.0, 1.0, 2.5])),
    }


def reference(b_ih, b_hh, value):
    """Set the second run of the sum: that is all that counts."""
    gates = (b_ih + b_hh).reshape(4, -1)
    gates[1] = value
    return gates.ravel()


def use(answer, b_ih, b_hh, value):
    first, second = answer(b_ih=b_ih.copy(), b_hh=b_hh.copy(), value=value)
    return first + second


def gives_the_value(answer, b_ih, b_hh, value):
    total = answer(b_ih=b_ih, b_hh=b_hh, value=value)
    quarter = len(b_ih) // 4
    return total[quarter : 2 * quarter], np.full(quarter, value)


def case(b_ih, b_hh, value, right):
    given = {"b_ih": np.array(b_ih), "b_hh": np.array(b_hh), "value": value}
    return Case(given, np.array(right))


EXERCISE = Exercise(
    asks="Start the forget gate of PyTorch's LSTM at a bias.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def forget_bias(b_ih, b_hh, value):
    """Return both biases of an LSTM, with a forget gate that starts at value.

    b_ih, b_hh: floats (4 · d_h), in PyTorch's order: i, f, g, o
    value: the bias that the forget gates are to have in all

    The other gates keep their biases.
    """
    b_ih, b_hh = b_ih.copy(), b_hh.copy()
    forget = slice(len(b_ih) // 4, len(b_ih) // 2)
    b_ih[forget] = value
    b_hh[forget] = 0
    return b_ih, b_hh
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    by_hand=(
        case([0.5, 0.5, 0.5, 0.5], [1.0, 2.0, 3.0, 4.0], 1.0, [1.5, 1.0, 3.5, 4.5]),
    ),
    laws=(Law("the forget gates have the value in all", gives_the_value),),
    bugs=(
        Bug(
            "b_hh[forget] = 0",
            "b_hh[forget] = value",
            "Both biases are added, so that the gate has twice the value.",
        ),
        Bug(
            "    b_hh[forget] = 0\n",
            "",
            "What the other bias had is still added.",
        ),
        Bug(
            "slice(len(b_ih) // 4, len(b_ih) // 2)",
            "slice(len(b_ih) // 2, 3 * len(b_ih) // 4)",
            "The rows are input, forget, cell, output. These are the cell's.",
        ),
        Bug(
            "slice(len(b_ih) // 4, len(b_ih) // 2)",
            "slice(None)",
            "The other gates are to keep their biases.",
        ),
    ),
    prints=(
        """
import math

print(round(math.log(0.5) / math.log(0.99)))  # half-life of a forget gate of 0.99
""",
    ),
)
