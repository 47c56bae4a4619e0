"""One step of PyTorch's GRU, whose two biases are not one."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.recurrent import gru
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

INSIDE = "The second bias of n stands within the reset gate: r · (U h + v)."


@st.composite
def inputs(choose):
    batch, d_in, d_h = (choose(st.integers(1, 3)) for _ in range(3))
    shapes = {
        "x": (batch, d_in),
        "h": (batch, d_h),
        "w_ih": (3 * d_h, d_in),
        "w_hh": (3 * d_h, d_h),
        "b_ih": (3 * d_h,),
        "b_hh": (3 * d_h,),
    }
    return {name: choose(draw.floats(shape, -2, 2)) for name, shape in shapes.items()}


def reference(x, **given):
    return gru(x[:, None], **given)[1]


def keeps_the_state_if_told(answer, h, b_ih, **others):
    """With an update gate of 1, nothing changes."""
    kept = b_ih.copy()
    kept[h.shape[-1] : 2 * h.shape[-1]] += 200
    return answer(h=h, b_ih=kept, **others), h


def case(h, b_ih, b_hh, right, hint=""):
    given = {
        "x": np.zeros((1, 1)),
        "h": np.array([[h]]),
        "w_ih": np.zeros((3, 1)),
        "w_hh": np.zeros((3, 1)),
        "b_ih": np.array(b_ih),
        "b_hh": np.array(b_hh),
    }
    return Case(given, np.array([[right]]), hint)


EXERCISE = Exercise(
    asks="Write a step of PyTorch's GRU.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    """Return the next state of a GRU, as PyTorch computes it.

    x, h: a token and the state of each sequence, (batch, d_in), (batch, d_h)
    w_ih, w_hh: (3 · d_h, d_in) and (3 · d_h, d_h): rows of r, z and n
    b_ih, b_hh: floats (3 · d_h)
    """
    w_r, w_z, w_n = np.split(x @ w_ih.T + b_ih, 3, axis=-1)
    u_r, u_z, u_n = np.split(h @ w_hh.T + b_hh, 3, axis=-1)
    r = 1 / (1 + np.exp(-w_r - u_r))
    z = 1 / (1 + np.exp(-w_z - u_z))
    n = np.tanh(w_n + r * u_n)
    return (1 - z) * n + z * h
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(0.8, [0.0, 0.0, 20.0], [0.0, 0.0, 0.0], 0.9),
        case(0.8, [0.0, 0.0, 0.5], [0.0, 0.0, 1.0], 0.4 + np.tanh(1.0) / 2, hint=INSIDE),
    ),
    laws=(Law("an update gate of 1 keeps the state", keeps_the_state_if_told),),
    bugs=(
        Bug(
            "(1 - z) * n + z * h",
            "z * n + (1 - z) * h",
            "In PyTorch z is the share that stays. Some papers have it the other way.",
        ),
        Bug(
            "b_ih, 3, axis=-1)\n    u_r, u_z, u_n = np.split(h @ w_hh.T + b_hh,",
            "b_ih + b_hh, 3, axis=-1)\n    u_r, u_z, u_n = np.split(h @ w_hh.T,",
            INSIDE,
        ),
        Bug(
            "n = np.tanh(w_n + r * u_n)",
            "v_n = b_hh[-h.shape[-1] :]\n"
            "    n = np.tanh(w_n + (r * h) @ w_hh[-h.shape[-1] :].T + v_n)",
            "This resets before the product, as the paper's last version does. PyTorch "
            "resets after it: another function, for the same weights.",
        ),
        Bug(
            "w_r, w_z, w_n = np.split(x @ w_ih.T + b_ih, 3, axis=-1)\n"
            "    u_r, u_z, u_n = np",
            "w_z, w_r, w_n = np.split(x @ w_ih.T + b_ih, 3, axis=-1)\n"
            "    u_z, u_r, u_n = np",
            "PyTorch's rows are reset, update, new.",
        ),
    ),
    prints=(
        """
z, n, h = 0.75, 1.0, -1.0  # PyTorch's GRU: the next state
print((1 - z) * n + z * h)
""",
        """
d_in, d_h = 10, 20  # parameters of nn.GRU
print(3 * (d_h * (d_in + d_h) + 2 * d_h))
""",
    ),
)
