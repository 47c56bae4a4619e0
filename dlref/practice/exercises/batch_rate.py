"""The learning rate of another batch size."""

import math

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(learning_rate, batch_size, new_batch_size, beta2):
    """By logarithms: two steps of the rule for each factor of four."""
    log = math.log(new_batch_size) - math.log(batch_size)
    if beta2 is None:
        return learning_rate * math.exp(log), 0.0
    rate = learning_rate * math.exp(log / 2)
    return rate, math.exp(math.exp(log) * math.log(beta2))


def use(answer, learning_rate, batch_size, new_batch_size, beta2):
    rate, beta2 = answer(learning_rate, batch_size, new_batch_size, beta2)
    return rate, 0.0 if beta2 is None else beta2


@st.composite
def inputs(choose):
    return {
        "learning_rate": choose(st.sampled_from([0.125, 1.0])),
        "batch_size": choose(st.sampled_from([1, 8, 32, 512])),
        "new_batch_size": choose(st.sampled_from([1, 4, 24, 256, 512])),
        "beta2": choose(st.sampled_from([None, 0.95, 0.999])),
    }


def goes_there_and_back(answer, learning_rate, batch_size, new_batch_size, beta2):
    there, kept = answer(
        learning_rate=learning_rate,
        batch_size=batch_size,
        new_batch_size=new_batch_size,
        beta2=beta2,
    )
    # The judge shows a β₂ of None as 0.
    back, again = answer(
        learning_rate=float(there),
        batch_size=new_batch_size,
        new_batch_size=batch_size,
        beta2=None if beta2 is None else float(kept),
    )
    return (back, again), (np.array(learning_rate), np.array(beta2 or 0.0))


def case(right, size, new, beta2=None):
    given = {"learning_rate": 1.0, "batch_size": size, "new_batch_size": new}
    rate, after = right
    return Case(given | {"beta2": beta2}, (np.array(rate), np.array(after)))


ROOT = "learning_rate * math.sqrt(k)"

EXERCISE = Exercise(
    asks="Carry a learning rate to another batch size, for SGD and for Adam.",
    question="DL0062",
    page="optimizers/sgd-momentum",
    level="whiteboard",
    minutes=5,
    numpy='''
import math


def batch_rate(learning_rate, batch_size, new_batch_size, beta2=None):
    """Return the learning rate and β₂ of the new batch size.

    beta2: None for SGD, whose noise is to stay; it is returned as it is
        a number for Adam, whose rule for the rate is that of noise alone;
        its half-life is to stay, counted in examples
    """
    k = new_batch_size / batch_size
    if beta2 is None:
        return learning_rate * k, None
    return learning_rate * math.sqrt(k), beta2**k
''',
    reference=reference,
    against="logarithms",
    use=use,
    inputs=inputs(),
    by_hand=(
        case((4.0, 0.0), 8, 32),
        case((2.0, 0.0625), 8, 32, beta2=0.5),
        case((0.5, 0.5), 32, 8, beta2=0.0625),
    ),
    extremes=(case((1.0, 0.0), 7, 7), case((1.0, 0.999), 7, 7, beta2=0.999)),
    laws=(Law("there and back changes nothing", goes_there_and_back),),
    bugs=(
        Bug(
            ROOT,
            "learning_rate * k",
            "Adam's rate, scaled like SGD's. Adam divides by the gradient's size, which "
            "falls with the noise: at 16 times the batch it would go four times too far. "
            "Take the root.",
        ),
        Bug(
            "learning_rate * k, None",
            "learning_rate * math.sqrt(k), None",
            "SGD's noise is η / B: the rate grows with the batch, not with its root.",
        ),
        Bug(
            "beta2**k",
            "beta2",
            "β₂ counts steps. For the same half-life in examples, a step of k times the "
            "examples must forget k times as much.",
        ),
        Bug(
            "beta2**k",
            "beta2 ** (1 / k)",
            "Upside down: the larger the batch, the fewer steps v may look back.",
        ),
        Bug(
            "new_batch_size / batch_size",
            "batch_size / new_batch_size",
            "Upside down: a larger batch bears a larger rate.",
        ),
    ),
    prints=(
        """
eta, h, k = 0.1, 1.0, 4  # one step of linear scaling on a bowl
print(f"{1 - k * eta * h:.1f}")
""",
        """
mu = 0.5  # Nesterov's largest learning rate, at curvature 1
print(2 * (1 + mu) / (1 + 2 * mu))
""",
    ),
)
