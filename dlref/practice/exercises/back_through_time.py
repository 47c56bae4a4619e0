"""Backpropagation through time: the gradient in the weights that all tokens share."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.recurrent import rnn_gradients
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    tokens, d_h = choose(st.integers(1, 4)), choose(st.integers(1, 3))
    shapes = {"z": (tokens, d_h), "h": (d_h,), "u": (d_h, d_h), "grad": (tokens, d_h)}
    return {name: choose(draw.floats(shape, -1, 1)) for name, shape in shapes.items()}


def reference(z, h, u, grad):
    zero, one = np.zeros(len(h)), np.eye(len(h))
    found = rnn_gradients(z, h, one, u, zero, zero, grad)
    return found.w_hh, found.h


def doubles_with_the_loss(answer, grad, **others):
    once, _ = answer(grad=grad, **others)
    return answer(grad=2 * grad, **others)[0], 2 * once


def case(z, h, u, grad, right=None, hint=""):
    given = {"z": z, "h": h, "u": u, "grad": grad}
    return Case({name: np.array(x) for name, x in given.items()}, right, hint)


UNIT = 1 - np.tanh(0.5) ** 2

EXERCISE = Exercise(
    asks="Write the gradient in U: back through time.",
    question="DL0079",
    page="recurrent/recurrent-networks",
    level="full",
    minutes=15,
    numpy='''
import numpy as np


def back_through_time(z, h, u, grad):
    """Return the gradients of a loss in u and in h, for h = tanh(z_t + u h).

    z: what each token adds, floats (tokens, d_h)
    h: the first state, floats (d_h)
    u: weights of the states, floats (d_h, d_h)
    grad: gradient of the loss in each output, floats (tokens, d_h)
    """
    states = [h]
    for token in z:
        states.append(np.tanh(token + u @ states[-1]))
    in_u, in_h = np.zeros_like(u), np.zeros_like(h)
    for t in reversed(range(len(z))):
        in_z = (1 - states[t + 1] ** 2) * (grad[t] + in_h)
        in_u = in_u + np.outer(in_z, states[t])
        in_h = u.T @ in_z
    return in_u, in_h
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(
            [[0.0]], [1.0], [[0.5]], [[1.0]], (np.array([[UNIT]]), np.array([UNIT / 2]))
        ),
        case(
            [[0.0, 0.0], [0.5, 0.0]],
            [1.0, -0.5],
            [[0.5, 1.0], [0.0, 0.25]],
            [[1.0, 2.0]] * 2,
        ),
    ),
    laws=(Law("twice the loss has twice the gradient", doubles_with_the_loss),),
    bugs=(
        Bug(
            "states[t])",
            "states[t + 1])",
            "U multiplies the state before: the gradient has h of t − 1, not of t.",
        ),
        Bug(
            "in_h = u.T @ in_z",
            "in_h = u @ in_z",
            "Back, U is transposed. With a symmetric U nobody would see it.",
        ),
        Bug(
            "(1 - states[t + 1] ** 2) * (",
            "(",
            "Each token multiplies by the slope of tanh, 1 − h².",
        ),
        Bug(
            "(grad[t] + in_h)",
            "grad[t]",
            "Without what comes from later tokens, no gradient goes through time.",
        ),
        Bug(
            "in_u = in_u + np.outer",
            "in_u = np.outer",
            "All tokens share U: its gradient is the sum over them.",
        ),
    ),
    prints=(
        """
factor = 0.9  # of each of 100 tokens, back through time
print(f"{factor**100:.0e}")
""",
        """
factor = 1.1
print(round(factor**100, -2))
""",
    ),
)
