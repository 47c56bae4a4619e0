"""The importance-weighted bound, from log-densities."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generative import importance_weighted_bound
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

OVERFLOW = "`exp` of a log-density rounds to 0 or ∞. Subtract the largest, or logaddexp."


@st.composite
def inputs(choose):
    shape = (*choose(draw.shapes(most=2)), choose(st.integers(1, 5)))
    return {
        "log_joint": choose(draw.floats(shape)),
        "log_q": choose(draw.floats(shape)),
    }


def reference(log_joint, log_q):
    return importance_weighted_bound(log_joint - log_q)


def copies_add_nothing(answer, log_joint, log_q):
    twice = {"log_joint": np.concatenate([log_joint] * 2, axis=-1)}
    twice["log_q"] = np.concatenate([log_q] * 2, axis=-1)
    return answer(**twice), answer(log_joint=log_joint, log_q=log_q)


def case(log_joint, log_q, right, hint=""):
    given = {"log_joint": np.array([log_joint]), "log_q": np.array([log_q])}
    return Case(given, np.array([right]), hint)


EXERCISE = Exercise(
    asks="Write the importance-weighted bound of an IWAE.",
    question="DL0081",
    page="generative/variational-autoencoder",
    level="whiteboard",
    minutes=6,
    numpy='''
import numpy as np


def importance_bound(log_joint, log_q):
    """Return the bound L_K for each row, in nats, from its K samples of q.

    log_joint: log p(x, z) at each sample, floats (..., K)
    log_q: log q(z|x) at the same samples

    Be right at log-densities of ±1000.
    """
    log_weights = log_joint - log_q
    samples = log_weights.shape[-1]
    return np.logaddexp.reduce(log_weights, axis=-1) - np.log(samples)
''',
    torch='''
import math


def importance_bound(log_joint, log_q):
    """Return the bound L_K for each row, in nats, from its K samples of q.

    log_joint: log p(x, z) at each sample, floats (..., K)
    log_q: log q(z|x) at the same samples

    Be right at log-densities of ±1000.
    """
    log_weights = log_joint - log_q
    return log_weights.logsumexp(dim=-1) - math.log(log_weights.shape[-1])
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.log([1.0, 3.0]), [0.0, 0.0], np.log(2)),
        case(np.log([1.0, 1.0]), np.log([0.5, 0.25]), np.log(3)),
    ),
    extremes=(
        case([1000.0, 1000.0], [0.0, 0.0], 1000.0, OVERFLOW),
        case([-1000.0, -1000.0], [0.0, 0.0], -1000.0, OVERFLOW),
    ),
    laws=(Law("the same samples twice change nothing", copies_add_nothing),),
    gradient=("log_joint", "log_q"),
    bugs=(
        Bug(
            "np.logaddexp.reduce(log_weights, axis=-1) - np.log(samples)",
            "log_weights.mean(axis=-1)",
            "The mean of the logs is the ELBO, however many samples there are. Take the "
            "log of the mean.",
        ),
        Bug(
            " - np.log(samples)",
            "",
            "This is the log of the sum. The mean is K times smaller.",
        ),
        Bug(
            "np.logaddexp.reduce(log_weights, axis=-1)",
            "np.log(np.exp(log_weights).sum(axis=-1))",
            OVERFLOW,
        ),
        Bug(
            "log_joint - log_q",
            "log_joint",
            "The samples are from q: each weight is p(x, z) over q(z|x).",
        ),
        Bug(
            "log_weights.logsumexp(dim=-1)",
            "log_weights.logsumexp(dim=0)",
            "The samples are on the last axis. The others are examples.",
            language="torch",
        ),
    ),
    prints=(
        """
import math

weights = [1.0, 3.0]
logs = [math.log(w) for w in weights]
mean_of_logs = sum(logs) / 2
log_of_mean = math.log(sum(weights) / 2)
print(round(log_of_mean - mean_of_logs, 2))
""",
    ),
)
