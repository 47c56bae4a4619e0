"""Linear regression with an L1 penalty, by soft thresholds."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.optimizers import SGDState, sgd_step, soft_threshold
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, y, penalty, learning_rate, steps):
    theta, state = np.zeros(x.shape[1]), SGDState()
    for _ in range(steps):
        grad = x.T @ (x @ theta - y) / len(x)
        theta, state = sgd_step(theta, grad, state, learning_rate=learning_rate)
        theta = soft_threshold(theta, learning_rate * penalty)
    return theta, theta == 0


def use(answer, x, y, penalty, learning_rate, steps):
    """Return the weights, and which of them are exactly zero."""
    theta = answer(x, y, penalty, learning_rate, steps)
    return theta, theta == 0


@st.composite
def inputs(choose):
    rows, columns = choose(st.integers(1, 4)), choose(st.integers(1, 3))
    # Eighths, so that a threshold is met exactly or by far.
    eighths = st.integers(-16, 16).map(lambda number: number / 8)
    return {
        "x": choose(arrays(float, (rows, columns), elements=eighths)),
        "y": choose(arrays(float, rows, elements=eighths)),
        "penalty": choose(st.sampled_from([0.0, 0.3, 1.1])),
        "learning_rate": choose(st.sampled_from([0.05, 0.1])),
        "steps": choose(st.integers(0, 6)),
    }


def follows_the_sign(answer, y, **others):
    turned, zeros = answer(y=-y, **others)
    theta, same = answer(y=y, **others)
    return (turned, zeros), (-theta, same)


def does_not_count_the_examples(answer, x, y, **others):
    twice = answer(x=np.concatenate([x, x]), y=np.concatenate([y, y]), **others)
    return twice, answer(x=x, y=y, **others)


def case(y, right, penalty=0.5, learning_rate=0.5, steps=1):
    inputs = {
        "x": np.eye(2) * 2**0.5,  # so that descent is that of (θ − y/√2)²/2
        "y": np.array(y) * 2**0.5,
        "penalty": penalty,
        "learning_rate": learning_rate,
        "steps": steps,
    }
    right = np.array(right)
    return Case(inputs, (right, right == 0))


STEP = """        moved = theta - learning_rate * grad
        amount = learning_rate * penalty
        theta = np.sign(moved) * np.maximum(abs(moved) - amount, 0)
"""

EXERCISE = Exercise(
    asks="Fit a linear regression with an L1 penalty, which makes weights zero.",
    question="DL0064",
    page="optimizers/weight-decay",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def lasso(x, y, penalty, learning_rate, steps):
    """Return the weights after so many steps from zero.

    x: inputs, (examples, features)
    y: targets, (examples,)
    penalty: λ of the loss, the mean of half the squares plus λ times
        the sum of the weights' absolute values

    A step goes along the gradient of the squares, and then takes the soft
    threshold that belongs to a step of that length.
    """
    theta = np.zeros(x.shape[1])
    for _ in range(steps):
        grad = x.T @ (x @ theta - y) / len(x)
        moved = theta - learning_rate * grad
        amount = learning_rate * penalty
        theta = np.sign(moved) * np.maximum(abs(moved) - amount, 0)
    return theta
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case([2.0, 0.25], [0.75, 0.0]),
        case([2.0, -2.0], [1.125, -1.125], steps=2),
        case([2.0, -2.0], [1.3125, -1.3125], steps=3),
        case([2.0, -0.25], [1.0, -0.125], penalty=0.0),
    ),
    extremes=(
        case([0.0, 0.0], [0.0, 0.0], steps=3),
        case([8.0, 1.0], [0.0, 0.0], steps=0),
    ),
    laws=(
        Law("with the targets turned around, so are the weights", follows_the_sign),
        Law("all examples twice change nothing", does_not_count_the_examples),
    ),
    bugs=(
        Bug(
            STEP,
            "        grad = grad + penalty * np.sign(theta)\n"
            "        theta = theta - learning_rate * grad\n",
            "L1 as a term of the gradient: it pulls weights over zero and back, and none "
            "is ever exactly zero. The threshold comes after the step, and stops there.",
        ),
        Bug(
            STEP + "    return theta\n",
            "        theta = theta - learning_rate * grad\n"
            "    amount = learning_rate * penalty\n"
            "    return np.sign(theta) * np.maximum(abs(theta) - amount, 0)\n",
            "One threshold at the end is the pull of one step: each step needs its own.",
        ),
        Bug(
            "amount = learning_rate * penalty",
            "amount = penalty",
            "The threshold is as long as the step: ηλ, not λ.",
        ),
        Bug(
            "np.sign(moved) * np.maximum(abs(moved) - amount, 0)",
            "np.maximum(moved - amount, 0)",
            "Negative weights are moved toward zero, too; here all of them are lost.",
        ),
        Bug(
            "np.sign(moved) * np.maximum(abs(moved) - amount, 0)",
            "np.where(abs(moved) > amount, moved, 0)",
            "That is a hard threshold: it removes small weights, but does not shrink "
            "the large ones.",
        ),
        Bug(
            "np.sign(moved) * np.maximum(abs(moved) - amount, 0)",
            "moved / (1 + amount)",
            "That is the L2 penalty: all weights shrink by one factor, and none is zero.",
        ),
        Bug(
            "(x @ theta - y) / len(x)",
            "(x @ theta - y)",
            "The loss is a mean over the examples: divide by their number, or λ means "
            "less the more there are.",
        ),
        Bug(
            "(x @ theta - y) / len(x)",
            "(x @ theta - y) * 2 / len(x)",
            "The gradient of half a square has no 2: with it, λ would count half.",
        ),
    ),
    prints=(
        """
x, a = -0.5, 0.2
print(-1 * max(abs(x) - a, 0))
""",
    ),
)
