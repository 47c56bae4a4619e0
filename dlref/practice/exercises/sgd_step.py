"""One step of SGD with momentum, or with Nesterov's."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import MomentumState, momentum_step, nesterov_step
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(param, grads, rates, momentum, nesterov):
    step, state, path = nesterov_step if nesterov else momentum_step, MomentumState(), []
    for grad, rate in zip(grads, rates, strict=True):
        options = {"learning_rate": rate, "momentum": momentum}
        param, state = step(param, grad, state, **options)
        path.append(param)
    return tuple(path)


def use(step, param, grads, rates, momentum, nesterov):
    """Take a step for each gradient, from rest; return where each leads."""
    u, path = 0 * param, []
    for grad, rate in zip(grads, rates, strict=True):
        param, u = step(param, grad, u, rate, momentum, nesterov)
        path.append(param)
    return tuple(path)


@st.composite
def inputs(choose):
    shape, count = choose(draw.shapes(most=2)), choose(st.integers(1, 4))
    rates = st.lists(st.sampled_from([0.125, 1.0]), min_size=count, max_size=count)
    return {
        "param": choose(draw.floats(shape)),
        "grads": [choose(draw.floats(shape)) for _ in range(count)],
        "rates": choose(rates),
        "momentum": choose(st.sampled_from([0.0, 0.5, 0.875])),
        "nesterov": choose(st.booleans()),
    }


def follows_the_place(answer, param, **others):
    moved, still = answer(param=param + 1, **others), answer(param=param, **others)
    return moved, tuple(place + 1 for place in still)


def follows_the_scale(answer, param, grads, **others):
    larger = answer(param=2 * param, grads=[2 * grad for grad in grads], **others)
    path = answer(param=param, grads=grads, **others)
    return larger, tuple(2 * place for place in path)


def case(*path, grads=(1.0, 1.0), rates=(1.0, 1.0), nesterov=False, hint=""):
    inputs = {
        "param": np.array([0.0]),
        "grads": [np.array([grad]) for grad in grads],
        "rates": list(rates),
        "momentum": 0.5,
        "nesterov": nesterov,
    }
    return Case(inputs, tuple(np.array([place]) for place in path), hint)


INSIDE = (
    "The learning rate is inside of the velocity. Then old steps keep their old rate: "
    "when it falls by ten, the next step hardly changes. PyTorch's stands outside."
)
TWO_LINES = """    u = momentum * u + grad
    move = grad + momentum * u if nesterov else u
"""

EXERCISE = Exercise(
    asks="Write one step of SGD with momentum, or with Nesterov's, as in PyTorch.",
    question="DL0062",
    page="optimizers/sgd-momentum",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def sgd_step(param, grad, u, learning_rate, momentum, nesterov):
    """Return the parameter and the velocity after a step.

    param, grad, u: floats of one shape; u, the velocity, begins as zeros
    nesterov: whether the gradient is the one ahead, at PyTorch's parameter

    The learning rate may change from step to step.
    """
    u = momentum * u + grad
    move = grad + momentum * u if nesterov else u
    return param - learning_rate * move, u
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case(-1.0, -2.5),
        case(-1.5, -3.25, nesterov=True),
        case(-1.0, -0.5, grads=(1.0, -1.0)),
    ),
    extremes=(
        case(-1.0, -1.1875, rates=(1.0, 0.125), hint=INSIDE),
        case(0.0, 0.0, grads=(0.0, 0.0), nesterov=True),
    ),
    laws=(
        Law("from another place, all of it is shifted", follows_the_place),
        Law("with all of it twice as large, so is the path", follows_the_scale),
    ),
    bugs=(
        Bug(
            TWO_LINES + "    return param - learning_rate * move, u",
            "    u = momentum * u + learning_rate * grad\n"
            "    move = learning_rate * grad + momentum * u if nesterov else u\n"
            "    return param - move, u",
            INSIDE,
        ),
        Bug(
            "momentum * u + grad",
            "u + grad",
            "Nothing fades: that is a momentum of 1, as if gradients were never set to "
            "zero. It swings through a minimum for ever.",
        ),
        Bug(
            "momentum * u + grad",
            "momentum * u + (1 - momentum) * grad",
            "That is a running mean, and its steps are shorter by the factor 1 − μ. The "
            "velocity is a sum: each gradient enters whole.",
        ),
        Bug(
            TWO_LINES,
            "    move = grad + momentum * u\n    u = momentum * u + grad\n",
            "Nesterov's move takes the new velocity. With the old one it is that of "
            "plain momentum.",
        ),
        Bug(
            "grad + momentum * u if nesterov else u",
            "u + momentum * u if nesterov else u",
            "Nesterov's move is g + μu: the velocity enters once, and the gradient "
            "beside it.",
        ),
        Bug(
            "param - learning_rate * move",
            "param + learning_rate * move",
            "A step leads against the gradient: down.",
        ),
    ),
    prints=(
        """
u = 0.0
for grad in 1.0, 1.0, -1.0:
    u = 0.5 * u + grad
print(u)
""",
        """
theta, u = 0.0, 0.0
for rate in 1.0, 0.1:  # the gradient is 1
    u = 0.9 * u + 1.0
    theta = theta - rate * u
print(f"{theta:.2f}")
""",
    ),
)
