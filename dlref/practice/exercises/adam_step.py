"""One step of Adam."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import AdamState, adam_step
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise


def reference(param, grads, learning_rate):
    state = AdamState()
    for grad in grads:
        param, state = adam_step(param, grad, state, learning_rate=learning_rate)
    return param, state.m, state.v


def use(step, param, grads, learning_rate):
    """Take a step for each gradient, from moments of 0."""
    m = v = 0 * param
    for t, grad in enumerate(grads, start=1):
        param, m, v = step(param, grad, m, v, t, learning_rate)
    return param, m, v


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    return {
        "param": choose(draw.floats(shape)),
        "grads": choose(st.lists(draw.floats(shape), min_size=1, max_size=4)),
        "learning_rate": choose(st.sampled_from([0.125, 1.0])),
    }


ONE = np.array([1.0])

EXERCISE = Exercise(
    asks="Write one step of Adam, with its bias correction.",
    question="DL0048",
    page="optimizers/adam",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def adam_step(
    param, grad, m, v, t, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Return the parameter, m and v after step t, counted from 1.

    param, grad, m, v: floats of one shape; m and v begin as zeros
    """
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return param - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v
''',
    torch='''
import torch


def adam_step(
    param, grad, m, v, t, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8
):
    """Return the parameter, m and v after step t, counted from 1.

    param, grad, m, v: floats of one shape; m and v begin as zeros
    """
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return param - learning_rate * m_hat / (torch.sqrt(v_hat) + eps), m, v
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        Case(
            {"param": ONE, "grads": [0.5 * ONE], "learning_rate": 0.125},
            (0.875 * ONE, 0.05 * ONE, 0.00025 * ONE),
        ),
        Case(
            {"param": ONE, "grads": [0.5 * ONE, 0.5 * ONE], "learning_rate": 0.125},
            (0.75 * ONE, 0.095 * ONE, 0.00049975 * ONE),
        ),
    ),
    extremes=(
        Case({"param": ONE, "grads": [0 * ONE], "learning_rate": 1.0}),
        Case({"param": ONE, "grads": [1e-8 * ONE], "learning_rate": 1.0}),
    ),
    hint="m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) go into the step; m and v themselves "
    "are returned.",
    bugs=(
        Bug(
            "(np.sqrt(v_hat) + eps)",
            "np.sqrt(v_hat + eps)",
            "ε is added under the root, where it rules small gradients (√ε = 1e-4).",
        ),
        Bug(
            "m_hat / (np.sqrt(v_hat) + eps)",
            "m_hat / np.sqrt(v_hat) + eps",
            "ε is outside of the parentheses: there it moves the parameter by ε a step, "
            "and one without gradients becomes 0/0. Add ε to the root.",
        ),
        Bug(
            "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n",
            "    m_hat, v_hat = m, v\n",
            "m and v begin at 0: without their correction, the first step is "
            "(1 − β₁)/√(1 − β₂), 3.2 times as large.",
        ),
        Bug(
            "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n",
            "    m_hat, v_hat = m / (1 - beta1), v / (1 - beta2)\n",
            "The correction stays that of step 1, and steps end up 0.316 times as long: "
            "divide by 1 − βᵗ.",
        ),
        Bug("grad**2", "grad", "v is the running mean of the squares of the gradient."),
        Bug(
            "    return param - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v\n",
            "    param = param - learning_rate * m_hat / (np.sqrt(v_hat) + eps)\n"
            "    return param, m_hat, v_hat\n",
            "The hats are for this step alone: the next one goes on from m and v without "
            "them, or it corrects twice.",
        ),
    ),
    prints=(
        """
m, v = 0.1 * 3.0, 0.001 * 3.0**2  # after a first gradient of 3
m_hat, v_hat = m / (1 - 0.9), v / (1 - 0.999)
print(f"{m_hat / v_hat**0.5:.3f}")
""",
    ),
)
