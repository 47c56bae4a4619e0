"""Nesterov's momentum, with the gradient taken ahead."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import MomentumState, nesterov_step
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def slope(curvature, center):
    """The gradient of a bowl whose minimum is there."""
    return lambda theta: curvature * (theta - center)


def reference(theta, curvature, center, steps, learning_rate, momentum):
    ahead, state = theta, MomentumState()
    for _ in range(steps):
        grad = slope(curvature, center)(ahead)
        ahead, state = nesterov_step(
            ahead, grad, state, learning_rate=learning_rate, momentum=momentum
        )
    return ahead + learning_rate * momentum * state.velocity


def use(answer, theta, curvature, center, steps, learning_rate, momentum):
    return answer(slope(curvature, center), theta, steps, learning_rate, momentum)


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1, most=2))
    return {
        "theta": choose(draw.floats(shape)),
        "curvature": choose(draw.floats(shape, 0.5, 2)),
        "center": choose(draw.floats(shape)),
        "steps": choose(st.integers(0, 4)),
        "learning_rate": choose(st.sampled_from([0.125, 0.25])),
        "momentum": choose(st.sampled_from([0.5, 0.875])),
    }


def follows_the_place(answer, theta, center, **others):
    moved = answer(theta=theta + 1, center=center + 1, **others)
    return moved, answer(theta=theta, center=center, **others) + 1


def begins_as_plain_descent(answer, theta, curvature, center, steps, **others):
    given = {"theta": theta, "curvature": curvature, "center": center, **others}
    plain = theta - others["learning_rate"] * slope(curvature, center)(theta)
    return answer(steps=1, **given), plain


def case(right, steps, rate=0.5, momentum=0.5):
    inputs = {
        "theta": np.array([8.0]),
        "curvature": np.array([1.0]),
        "center": np.array([0.0]),
        "steps": steps,
        "learning_rate": rate,
        "momentum": momentum,
    }
    return Case(inputs, np.array([right]))


AHEAD = "ahead = theta - learning_rate * momentum * u"

EXERCISE = Exercise(
    asks="Write Nesterov's momentum, with the gradient taken ahead.",
    question="DL0062",
    page="optimizers/sgd-momentum",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def nesterov(gradient, theta, steps, learning_rate, momentum):
    """Return the parameter after so many steps from rest.

    gradient: a function that gives the gradient at a place
    theta: floats, the parameter at the beginning

    The velocity is a sum of gradients; the learning rate stands outside of it.
    """
    u = np.zeros_like(theta)
    for _ in range(steps):
        ahead = theta - learning_rate * momentum * u
        u = momentum * u + gradient(ahead)
        theta = theta - learning_rate * u
    return theta
''',
    torch='''
import torch


def nesterov(gradient, theta, steps, learning_rate, momentum):
    """Return the parameter after so many steps from rest.

    gradient: a function that gives the gradient at a place
    theta: floats, the parameter at the beginning

    The velocity is a sum of gradients; the learning rate stands outside of it.
    """
    u = torch.zeros_like(theta)
    for _ in range(steps):
        ahead = theta - learning_rate * momentum * u
        u = momentum * u + gradient(ahead)
        theta = theta - learning_rate * u
    return theta
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(case(8.0, 0), case(4.0, 1), case(1.0, 2)),
    extremes=(case(8.0, 3, rate=0.0), case(1.0, 3, momentum=0.0)),
    laws=(
        Law("with start and minimum shifted, so is the path", follows_the_place),
        Law(
            "from rest, the first step is that of plain descent", begins_as_plain_descent
        ),
    ),
    bugs=(
        Bug(
            AHEAD,
            "ahead = theta - momentum * u",
            "The learning rate is missing in the look-ahead. This velocity is a sum of "
            "gradients: it would lead ημu away, not μu. On a steep bowl that diverges.",
        ),
        Bug(
            AHEAD,
            "ahead = theta",
            "That is plain momentum: the gradient is to be taken ahead, where the old "
            "velocity would lead.",
        ),
        Bug(
            AHEAD,
            "ahead = theta + learning_rate * momentum * u",
            "The place ahead lies where the velocity leads: against it, with a minus.",
        ),
        Bug(
            AHEAD,
            "ahead = theta - learning_rate * u",
            "The old velocity alone leads ημu away: only the share μ of it survives.",
        ),
        Bug(
            "theta = theta - learning_rate * u",
            "theta = ahead - learning_rate * u",
            "The step starts where the parameter is. From the place ahead, the old "
            "velocity is gone twice.",
        ),
        Bug(
            "    return theta",
            "    return theta - learning_rate * momentum * u",
            "That is the place ahead, PyTorch's parameter. Asked is θ itself.",
        ),
    ),
    prints=(
        """
theta, u = 1.0, 2.0  # η = 0.1, μ = 0.5: where is the gradient taken?
print(theta - 0.1 * 0.5 * u)
""",
    ),
)
