"""One step of SGD with momentum, with an L2 penalty or with weight decay."""

import numpy as np
from hypothesis import strategies as st

from dlref.optimizers import MomentumState, decay, l2_gradient, momentum_step
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(param, grads, learning_rate, momentum, weight_decay, decoupled):
    state, path = MomentumState(), []
    for grad in grads:
        if decoupled:
            smaller = decay(param, learning_rate=learning_rate, weight_decay=weight_decay)
        else:
            smaller, grad = param, l2_gradient(param, grad, weight_decay=weight_decay)
        param, state = momentum_step(
            smaller, grad, state, learning_rate=learning_rate, momentum=momentum
        )
        path.append(param)
    return tuple(path)


def use(step, param, grads, learning_rate, momentum, weight_decay, decoupled):
    """Take a step for each gradient, from rest; return where each leads."""
    u, path = 0 * param, []
    for grad in grads:
        param, u = step(param, grad, u, learning_rate, momentum, weight_decay, decoupled)
        path.append(param)
    return tuple(path)


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    return {
        "param": choose(draw.floats(shape)),
        "grads": [choose(draw.floats(shape)) for _ in range(choose(st.integers(1, 4)))],
        "learning_rate": choose(st.sampled_from([0.125, 0.5])),
        "momentum": choose(st.sampled_from([0.0, 0.5, 0.875])),
        "weight_decay": choose(st.sampled_from([0.0, 0.25, 0.5])),
        "decoupled": choose(st.booleans()),
    }


def cannot_be_told_without_momentum(answer, momentum, decoupled, **others):
    both = (answer(momentum=0.0, decoupled=x, **others) for x in (False, True))
    return next(both), next(both)


def follows_the_scale(answer, param, grads, **others):
    larger = answer(param=2 * param, grads=[2 * grad for grad in grads], **others)
    path = answer(param=param, grads=grads, **others)
    return larger, tuple(2 * place for place in path)


def case(*path, grads=(0.0, 0.0), momentum=0.5, decoupled=False):
    inputs = {
        "param": np.array([16.0]),
        "grads": [np.array([grad]) for grad in grads],
        "learning_rate": 0.5,
        "momentum": momentum,
        "weight_decay": 0.5,
        "decoupled": decoupled,
    }
    return Case(inputs, tuple(np.array([place]) for place in path))


TWO_LINES = """    u = momentum * u + grad + (0 if decoupled else weight_decay * param)
    kept = 1 - learning_rate * weight_decay if decoupled else 1
"""

EXERCISE = Exercise(
    asks="Write SGD's step with momentum, and with L2 or weight decay.",
    question="DL0064",
    page="optimizers/weight-decay",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def decayed_step(
    param, grad, u, learning_rate, momentum, weight_decay, decoupled
):
    """Return the parameter and the velocity after a step.

    param, grad, u: floats of one shape; u, the velocity, begins as zeros
    decoupled: False for the penalty λθ²/2, as in PyTorch's SGD
        True for decay beside the step, scaled by the learning rate as in AdamW
    """
    u = momentum * u + grad + (0 if decoupled else weight_decay * param)
    kept = 1 - learning_rate * weight_decay if decoupled else 1
    return kept * param - learning_rate * u, u
''',
    reference=reference,
    use=use,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        case(12.0, 9.0, decoupled=True),
        case(12.0, 7.0),
        case(12.0, 9.0, momentum=0.0),
    ),
    extremes=(
        case(4.0, -9.0, grads=(16.0, 16.0), decoupled=True),
        case(4.0, -11.0, grads=(16.0, 16.0)),
    ),
    laws=(
        Law("without momentum both are the same", cannot_be_told_without_momentum),
        Law("with all of it twice as large, so is the path", follows_the_scale),
    ),
    bugs=(
        Bug(
            "1 - learning_rate * weight_decay if decoupled",
            "1 - weight_decay if decoupled",
            "The decay is not scaled by the learning rate. As in PyTorch a step keeps "
            "1 − ηλ of the parameter: at η = 0.001 that is a thousand times less decay.",
        ),
        Bug(
            "weight_decay * param)",
            "2 * weight_decay * param)",
            "The gradient of λθ²/2 is λθ. Twice that belongs to λθ², a penalty without "
            "the half.",
        ),
        Bug(
            "(0 if decoupled else weight_decay * param)",
            "weight_decay * param",
            "The penalty stays in the velocity, also beside the decay: the parameter is "
            "pulled twice.",
        ),
        Bug(
            TWO_LINES,
            "    u = momentum * u + grad\n    kept = 1 - learning_rate * weight_decay\n",
            "A penalty enters the velocity like any gradient, and so pulls 1/(1 − μ) "
            "times as fast. This is decay in both cases.",
        ),
        Bug(
            TWO_LINES,
            "    u = momentum * u + grad + weight_decay * param\n    kept = 1\n",
            "This is the penalty in both cases. Decoupled decay stays out of the "
            "velocity.",
        ),
        Bug(
            "kept * param - learning_rate * u, u",
            "kept * (param - learning_rate * u), u",
            "The step itself is decayed, too. Shrink the parameter that goes in, and "
            "then take the whole step.",
        ),
        Bug(
            "kept = 1 - learning_rate",
            "kept = 1 + learning_rate",
            "Decay leads toward zero: 1 − ηλ.",
        ),
    ),
    prints=(
        """
theta, u = 1.0, 0.0  # no gradient from the loss; λ = 0.5, η = 0.5, μ = 0.5
for _ in range(2):
    u = 0.5 * u + 0.5 * theta
    theta = theta - 0.5 * u
print(theta)
""",
        """
eta, lam = 1e-3, 0.1
print(round(1 / (eta * lam)))  # steps
""",
    ),
)
