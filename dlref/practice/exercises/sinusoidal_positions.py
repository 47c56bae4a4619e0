"""The positions of the Transformer paper: pairs of a sine and a cosine."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.positions import sinusoidal_positions
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(n, d):
    return sinusoidal_positions(n, d)


@st.composite
def inputs(choose):
    return {"n": choose(st.integers(1, 12)), "d": 2 * choose(st.integers(1, 5))}


def has_one_length(answer, n, d):
    return (answer(n=n, d=d) ** 2).sum(axis=-1), np.full(n, d / 2)


S1, C1, S2, C2 = 0.841471, 0.540302, 0.909297, -0.416147  # of 1 and 2 radians
HAND = np.array(
    [[0.0, 1.0, 0.0, 1.0], [S1, C1, 0.00999983, 0.99995], [S2, C2, 0.0199987, 0.9998]]
)

EXERCISE = Exercise(
    asks="Write the sinusoidal positions of the Transformer.",
    question="DL0052",
    page="positions/positional-encoding",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def sinusoidal_positions(n, d):
    """Return floats (n, d): a vector for each position from 0 to n - 1.

    d: even
    Entry 2i is a sine, entry 2i + 1 a cosine, of the position times a rate.
    The rate of pair i is 10,000^(-2i / d).
    """
    t = np.arange(n)[:, None]  # (n, 1)
    rates = 10_000.0 ** (-np.arange(0, d, 2) / d)
    positions = np.empty((n, d))
    positions[:, 0::2] = np.sin(t * rates)
    positions[:, 1::2] = np.cos(t * rates)
    return positions
''',
    torch='''
import torch


def sinusoidal_positions(n, d):
    """Return floats (n, d): a vector for each position from 0 to n - 1.

    d: even
    Entry 2i is a sine, entry 2i + 1 a cosine, of the position times a rate.
    The rate of pair i is 10,000^(-2i / d).
    """
    t = torch.arange(n)[:, None]  # (n, 1)
    rates = 10_000.0 ** (-torch.arange(0, d, 2) / d)
    pairs = torch.stack([(t * rates).sin(), (t * rates).cos()], dim=-1)
    return pairs.flatten(1)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(Case({"n": 3, "d": 4}, HAND),),
    extremes=(
        Case({"n": 1, "d": 2}, np.array([[0.0, 1.0]])),
        Case({"n": 600, "d": 6}),
    ),
    laws=(
        Law(
            "all positions have the length √(d/2)",
            has_one_length,
            "Sine and cosine of a pair must have the same angle.",
        ),
    ),
    bugs=(
        Bug(
            "rates = 10_000.0 ** (-np.arange(0, d, 2) / d)\n"
            "    positions = np.empty((n, d))\n"
            "    positions[:, 0::2] = np.sin(t * rates)\n"
            "    positions[:, 1::2] = np.cos(t * rates)",
            "angles = t * 10_000.0 ** (-2 * np.arange(d) / d)\n"
            "    odd = np.arange(d) % 2\n"
            "    positions = np.where(odd, np.cos(angles), np.sin(angles))",
            "2i / d is the exponent of pair i. Taken for entry i, sine and cosine of a "
            "pair differ in speed, and half of the entries hardly move.",
        ),
        Bug(
            "np.arange(0, d, 2) / d",
            "2 * np.arange(0, d, 2) / d",
            "np.arange(0, d, 2) is 2i already: with one more factor of 2 the slow pairs "
            "stand still.",
        ),
        Bug(
            "np.cos(t * rates)",
            "np.cos(t / 10_000.0 ** (np.arange(1, d, 2) / d))",
            "The cosine has the rate of its pair, not one of its own: otherwise no "
            "matrix makes a step.",
        ),
        Bug(
            "positions[:, 0::2] = np.sin(t * rates)\n    positions[:, 1::2]",
            "positions[:, : d // 2] = np.sin(t * rates)\n    positions[:, d // 2 :]",
            "All sines before all cosines is the same encoding in another order. Here "
            "sine and cosine of a pair stand side by side, as in the paper.",
        ),
        Bug(
            "np.arange(n)[:, None]",
            "np.arange(1, n + 1)[:, None]",
            "Positions are counted from 0: the first vector is 0 and 1 in turn.",
        ),
        Bug(
            "10_000.0 **",
            "1_000.0 **",
            "The base is 10,000: with less, far positions look alike sooner.",
        ),
    ),
    prints=(
        """
import numpy as np

p = np.empty((100, 64))
angles = np.arange(100)[:, None] * 10_000.0 ** (-np.arange(0, 64, 2) / 64)
p[:, 0::2], p[:, 1::2] = np.sin(angles), np.cos(angles)
print(round((p[70] ** 2).sum()))
""",
    ),
)
