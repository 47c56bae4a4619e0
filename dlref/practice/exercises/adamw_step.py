"""One step of AdamW."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import AdamState, adamw_step
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(param, grads, learning_rate, weight_decay):
    state = AdamState()
    for grad in grads:
        param, state = adamw_step(
            param,
            grad,
            state,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
        )
    return param, state.m, state.v


def use(step, param, grads, learning_rate, weight_decay):
    """Take a step for each gradient, from moments of 0."""
    m = v = 0 * param
    for t, grad in enumerate(grads, start=1):
        param, m, v = step(param, grad, m, v, t, learning_rate, weight_decay)
    return param, m, v


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    return {
        "param": choose(draw.floats(shape)),
        "grads": choose(st.lists(draw.floats(shape), min_size=1, max_size=4)),
        "learning_rate": choose(st.sampled_from([0.125, 0.5])),
        "weight_decay": choose(st.sampled_from([0.5, 0.25, 0.0])),
    }


def shrinks_all_alike(answer, param, grads, learning_rate, weight_decay):
    given = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    after, *_ = answer(param=param, grads=[np.zeros_like(param)], **given)
    return after, param * (1 - learning_rate * weight_decay)


def keeps_decay_out_of_the_moments(answer, param, **others):
    _, *moments = answer(param=param, **others)
    _, *others = answer(param=np.zeros_like(param), **others)
    return tuple(moments), tuple(others)


ONE = np.array([1.0])


def case(param, grads, right=None, learning_rate=0.125):
    given = {"param": param * ONE, "grads": [grad * ONE for grad in grads]}
    given |= {"learning_rate": learning_rate, "weight_decay": 0.5}
    return Case(given, right and tuple(x * ONE for x in right))


EXERCISE = Exercise(
    asks="Write one step of AdamW: Adam, and the decay apart from it.",
    question="DL0048",
    page="optimizers/adam",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def adamw_step(param, grad, m, v, t, learning_rate, weight_decay):
    """Return the parameter, m and v after step t, counted from 1.

    param, grad, m, v: floats of one shape; m and v begin as zeros
    learning_rate: η
    weight_decay: λ, scaled by η as in PyTorch

    β₁ = 0.9, β₂ = 0.999 and ε = 1e-8. Decay, too, starts from the old
    parameter.
    """
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    param = param * (1 - learning_rate * weight_decay)
    return param - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v
''',
    torch='''
import torch


def adamw_step(param, grad, m, v, t, learning_rate, weight_decay):
    """Return the parameter, m and v after step t, counted from 1.

    param, grad, m, v: floats of one shape; m and v begin as zeros
    learning_rate: η
    weight_decay: λ, scaled by η as in PyTorch

    β₁ = 0.9, β₂ = 0.999 and ε = 1e-8. Decay, too, starts from the old
    parameter.
    """
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    param = param * (1 - learning_rate * weight_decay)
    return param - learning_rate * m_hat / (torch.sqrt(v_hat) + eps), m, v
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case(1.0, [0.5], (0.8125, 0.05, 0.00025)),
        case(16.0, [0.0], (15.0, 0.0, 0.0)),
    ),
    extremes=(case(0.0, [0.0]), case(0.0, [1e-8]), case(1.0, [1000.0, -1000.0])),
    laws=(
        Law("without a gradient, all lose the same share", shrinks_all_alike),
        Law("m and v do not see the decay", keeps_decay_out_of_the_moments),
    ),
    hint="Shrink the parameter by 1 − ηλ, and then take Adam's step.",
    bugs=(
        Bug(
            "    m = beta1 * m + (1 - beta1) * grad\n",
            "    grad = grad + weight_decay * param\n"
            "    m = beta1 * m + (1 - beta1) * grad\n",
            "Decay that is added to the gradient is divided by √v̂ like the rest: that is "
            "Adam with an L2 penalty. AdamW keeps it apart.",
        ),
        Bug(
            "1 - learning_rate * weight_decay",
            "1 - weight_decay",
            "As in PyTorch, the decay is scaled by the learning rate: 1 − ηλ.",
        ),
        Bug(
            "    param = param * (1 - learning_rate * weight_decay)\n",
            "    m_hat = m_hat + weight_decay * param\n",
            "The decay stands in the fraction, and is divided by √v̂: a weight with small "
            "gradients then decays the most.",
        ),
        Bug(
            "    return param - learning_rate * m_hat / (np.sqrt(v_hat) + eps), m, v\n",
            "    step = param - learning_rate * m_hat / (np.sqrt(v_hat) + eps)\n"
            "    return step - learning_rate * weight_decay * step, m, v\n",
            "The decay is taken twice.",
        ),
        Bug(
            "    param = param * (1 - learning_rate * weight_decay)\n",
            "",
            "The decay is left out: that is Adam.",
        ),
        Bug(
            "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n",
            "    m_hat, v_hat = m, v\n",
            "m and v begin at 0: without their correction, the first step is "
            "(1 − β₁)/√(1 − β₂), 3.2 times as large.",
        ),
    ),
    prints=(
        """
learning_rate, weight_decay = 0.1, 0.5
large, small = 1.0, 0.01  # neither has a gradient
large *= 1 - learning_rate * weight_decay
small *= 1 - learning_rate * weight_decay
print(f"{large / small:.0f}")
""",
    ),
)
