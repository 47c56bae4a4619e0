"""An LSTM over a batch of sequences, with PyTorch's weights."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.recurrent import lstm
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

ORDER = (
    "PyTorch's rows are input, forget, cell, output. In another order the shapes fit too."
)


@st.composite
def inputs(choose):
    batch, tokens, d_in, d_h = (choose(st.integers(1, 3)) for _ in range(4))
    shapes = {
        "x": (batch, tokens, d_in),
        "h": (batch, d_h),
        "c": (batch, d_h),
        "w_ih": (4 * d_h, d_in),
        "w_hh": (4 * d_h, d_h),
        "b_ih": (4 * d_h,),
        "b_hh": (4 * d_h,),
    }
    return {name: choose(draw.floats(shape, -2, 2)) for name, shape in shapes.items()}


def reference(**given):
    outputs, (_, c) = lstm(**given)
    return outputs, c


def adds_both_biases(answer, b_ih, b_hh, **others):
    """Shared or not, what counts is their sum."""
    got = answer(b_ih=b_ih + b_hh, b_hh=0 * b_hh, **others)
    return got[0], answer(b_ih=b_ih, b_hh=b_hh, **others)[0]


def case(bias, c, right, hint=""):
    given = {
        "x": np.zeros((1, 1, 1)),
        "h": np.zeros((1, 1)),
        "c": np.array([[c]]),
        "w_ih": np.zeros((4, 1)),
        "w_hh": np.zeros((4, 1)),
        "b_ih": np.array(bias),
        "b_hh": np.zeros(4),
    }
    h, c = right
    return Case(given, (np.array([[[h]]]), np.array([[c]])), hint)


EXERCISE = Exercise(
    asks="Write an LSTM that takes PyTorch's weights.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the states after each token, and the last cell.

    x: floats (batch, tokens, d_in)
    h, c: the first state and the first cell, floats (batch, d_h)
    w_ih, w_hh: (4 · d_h, d_in) and (4 · d_h, d_h), in PyTorch's order
    b_ih, b_hh: floats (4 · d_h)
    """
    outputs = []
    for t in range(x.shape[1]):
        z = x[:, t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        i, f, g, o = np.split(z, 4, axis=-1)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, axis=1), c
''',
    torch='''
import torch


def lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """Return the states after each token, and the last cell.

    x: floats (batch, tokens, d_in)
    h, c: the first state and the first cell, floats (batch, d_h)
    w_ih, w_hh: (4 · d_h, d_in) and (4 · d_h, d_h), in PyTorch's order
    b_ih, b_hh: floats (4 · d_h)
    """
    outputs = []
    for token in x.unbind(1):
        z = token @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        i, f, g, o = z.chunk(4, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        h = o.sigmoid() * c.tanh()
        outputs.append(h)
    return torch.stack(outputs, dim=1), c
''',
    reference=reference,
    inputs=inputs(),
    examples=60,
    by_hand=(
        case([0.0, 0.0, 20.0, 20.0], 2.0, (np.tanh(1.5), 1.5)),
        case([-20.0, 20.0, 1.0, 0.0], 1.0, (np.tanh(1.0) / 2, 1.0), hint=ORDER),
    ),
    laws=(Law("the two biases are added", adds_both_biases),),
    gradient=("x", "w_hh"),
    bugs=(
        Bug("i, f, g, o = np.split", "i, f, o, g = np.split", ORDER),
        Bug(
            "h = o * np.tanh(c)",
            "h = o * c",
            "The state is the output gate times the tanh of the cell: it stays within 1.",
        ),
        Bug(
            "c = f * c + i * np.tanh(g)",
            "c = f * c + (1 - f) * np.tanh(g)",
            "An LSTM has an input gate of its own. One gate for both is a GRU's.",
        ),
        Bug(
            "+ b_hh\n",
            "\n",
            "PyTorch has two biases, and adds them.",
        ),
        Bug(
            "i, f, g, o = z.chunk",
            "f, i, g, o = z.chunk",
            "The input gate stands first, before the forget gate.",
            language="torch",
        ),
    ),
    prints=(
        """
import math

cell = 0.5 * 2 + 0.5 * 1  # forget gate, cell, input gate, candidate
print(cell)
""",
        """
import math

gate = 1 / (1 + math.exp(-1))  # a forget bias of 1
print(round(gate, 2))
""",
    ),
)
