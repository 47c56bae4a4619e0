"""A linear recurrence as an associative scan."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.recurrent import linear_scan
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(st.integers(1, 9)), choose(st.integers(1, 3))
    return {
        "a": choose(draw.floats(shape, -1, 1)),
        "b": choose(draw.floats(shape)),
    }


def adds_up_where_nothing_fades(answer, a, b):
    return answer(a=np.ones_like(a), b=b), b.cumsum(axis=0)


def case(a, b, right=None, hint=""):
    a, b = np.array(a)[:, None], np.array(b)[:, None]
    return Case(
        {"a": a, "b": b}, None if right is None else np.array(right)[:, None], hint
    )


EXERCISE = Exercise(
    asks="Compute a linear recurrence in log₂ n rounds.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def scan_states(a, b):
    """Return all states of h_t = a_t h_{t-1} + b_t, from a state of zero.

    a, b: floats (tokens, d_h), a within ±1

    Join each token with the one 1, 2, 4, … before it.
    """
    step = 1
    while step < len(a):
        joined = a[step:] * b[:-step] + b[step:]
        b = np.concatenate([b[:step], joined])
        a = np.concatenate([a[:step], a[step:] * a[:-step]])
        step *= 2
    return b
''',
    reference=linear_scan,
    inputs=inputs(),
    by_hand=(
        case([0.5, 0.5, 0.25, 1.0], [8.0, 2.0, 3.0, 4.0], [8.0, 6.0, 4.5, 8.5]),
        case([0.5], [3.0], [3.0]),
        case([0.5, -0.5, 1.0, 0.25, 0.5], [1.0, 2.0, 3.0, 4.0, 5.0]),
    ),
    laws=(Law("factors of one make a running sum", adds_up_where_nothing_fades),),
    bugs=(
        Bug(
            "        a = np.concatenate([a[:step], a[step:] * a[:-step]])\n",
            "",
            "A token that stands for two has the product of their factors.",
        ),
        Bug(
            "a[step:] * b[:-step] + b[step:]",
            "a[:-step] * b[:-step] + b[step:]",
            "The later token's factor multiplies the earlier state.",
        ),
        Bug(
            "step *= 2",
            "step += 2",
            "After a round each token stands for twice as many, so the steps double.",
        ),
        Bug(
            "a[step:] * b[:-step] + b[step:]",
            "a[step:] * (b[:-step] + b[step:])",
            "The factor fades the old state, and not what the token adds.",
        ),
    ),
    prints=(
        """
import math

print(math.ceil(math.log2(1000)))  # rounds of a scan over 1000 tokens
""",
        """
h = 0.0
for a, b in (0.5, 4.0), (0.5, 1.0), (0.0, 2.0):
    h = a * h + b
print(h)
""",
    ),
)
