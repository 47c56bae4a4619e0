"""The gated feed-forward layer of today's models."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import gated_feed_forward
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    hidden, width = choose(st.integers(1, 4)), shape[-1]
    return {
        "x": choose(draw.floats(shape, -4, 4)),
        "w_gate": choose(draw.floats((hidden, width), -2, 2)),
        "w_up": choose(draw.floats((hidden, width), -2, 2)),
        "w_down": choose(draw.floats((width, hidden), -2, 2)),
    }


def is_linear_in_w_up(answer, x, w_gate, w_up, w_down):
    given = {"x": x, "w_gate": w_gate, "w_down": w_down}
    return answer(w_up=2 * w_up, **given), 2 * answer(w_up=w_up, **given)


def one(x, right=None):
    weights = {"w_gate": np.eye(1), "w_up": 2 * np.eye(1), "w_down": np.eye(1)}
    return Case({"x": np.array([x]), **weights}, right)


EXERCISE = Exercise(
    asks="Write SwiGLU, the gated feed-forward layer.",
    question="DL0045",
    page="layers/feed-forward",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def swiglu(x, w_gate, w_up, w_down):
    """Gate one projection of each position by another, and project back.

    x: floats (..., d)
    w_gate, w_up: floats (d_ff, d), as nn.Linear keeps them; w_down: (d, d_ff)
    The gate goes through SiLU, z σ(z). There is no bias.
    """
    gate = x @ w_gate.T
    gate = gate * np.exp(-np.logaddexp(0, -gate))
    return (gate * (x @ w_up.T)) @ w_down.T
''',
    torch='''
import torch
from torch.nn import functional as F


def swiglu(x, w_gate, w_up, w_down):
    """Gate one projection of each position by another, and project back.

    x: floats (..., d)
    w_gate, w_up: floats (d_ff, d), as nn.Linear keeps them; w_down: (d, d_ff)
    The gate goes through SiLU, z σ(z). There is no bias.
    """
    return (F.silu(x @ w_gate.T) * (x @ w_up.T)) @ w_down.T
''',
    reference=gated_feed_forward,
    inputs=inputs(),
    atol=1e-3,
    by_hand=(one(1.0, np.array([2 / (1 + np.exp(-1))])), one(0.0, np.array([0.0]))),
    extremes=(one(-1000.0), one(1000.0)),
    laws=(Law("twice w_up is twice the output", is_linear_in_w_up),),
    gradient=("x", "w_gate"),
    bugs=(
        Bug(
            "    gate = gate * np.exp(-np.logaddexp(0, -gate))\n",
            "    gate = np.exp(-np.logaddexp(0, -gate))\n",
            "This gate is a bare sigmoid: that is GLU. SwiGLU's gate is z σ(z).",
        ),
        Bug(
            "return (gate * (x @ w_up.T)) @ w_down.T",
            "return (gate + x @ w_up.T) @ w_down.T",
            "The gate multiplies what it gates.",
        ),
        Bug(
            "    gate = x @ w_gate.T\n",
            "    gate, w_up = x @ w_up.T, w_gate\n",
            "The gate and what it gates are swapped: SiLU goes on w_gate's projection.",
        ),
        Bug(
            "return (gate * (x @ w_up.T)) @ w_down.T",
            "return gate @ w_down.T",
            "This is a plain layer with SiLU: the projection by w_up is left out.",
        ),
    ),
    prints=(
        """
d = 4096
d_ff = 2 * 4 * d / 3
print(f"{3 * d * d_ff / d**2:.0f}")
""",
    ),
)
