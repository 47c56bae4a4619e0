"""The logarithm of a softmax, where a probability would round to 0."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.activations import log_softmax as reference
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    return {"logits": choose(draw.floats(choose(draw.shapes(least=1))))}


def sums_to_one(answer, logits):
    return np.exp(answer(logits=logits)).sum(axis=-1), np.ones(logits.shape[:-1])


def ignores_what_all_share(answer, logits):
    return answer(logits=logits + 4), answer(logits=logits)


def case(logits, right=None, hint=""):
    return Case({"logits": np.array(logits)}, right, hint)


OVERFLOW = "exp(1000) overflows: subtract the row's maximum first, which changes nothing."
ZERO = (
    "A probability below e⁻¹⁰⁴ is 0 in float32, one below e⁻⁷⁴⁵ also in float64, and its "
    "logarithm −∞. Never take the logarithm of a softmax: subtract the log of the sum "
    "from the shifted logits."
)
ORDER = (
    "Added to a large maximum, the log of the sum is rounded to the maximum's digits. "
    "Subtract the maximum from the logits first, and then the logarithm."
)
BATCH = (
    "Each row has a maximum of its own: below that of another row, all of its "
    "exponentials may be 0."
)

EXERCISE = Exercise(
    asks="Write the logarithm of a softmax.",
    question="DL0066",
    page="activations/softmax",
    level="full",
    minutes=5,
    numpy='''
import numpy as np


def log_softmax(logits):
    """Return the logarithms of the softmax over the last axis.

    logits: floats (..., classes), up to 10¹⁵ in size
    """
    z = logits - logits.max(axis=-1, keepdims=True)
    total = np.exp(z).sum(axis=-1, keepdims=True)
    return z - np.log(total)
''',
    torch='''
import torch


def log_softmax(logits):
    """Return the logarithms of the softmax over the last axis.

    logits: floats (..., classes), up to 10¹⁵ in size
    """
    z = logits - logits.amax(dim=-1, keepdim=True)
    total = z.exp().sum(dim=-1, keepdim=True)
    return z - total.log()
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(case(np.log([1.0, 2.0, 5.0]), np.log([1 / 8, 1 / 4, 5 / 8])),),
    extremes=(
        case([[1000.0, 999.0, 0.0]], hint=OVERFLOW),
        case([0.0, -1000.0], hint=ZERO),
        case([1e15, 1e15], np.log([1 / 2, 1 / 2]), ORDER),
        case([[0.0, 1.0], [1000.0, 1001.0]], hint=BATCH),
    ),
    laws=(
        Law("the exponentials of each row sum to 1", sums_to_one),
        Law("a number added to all logits changes nothing", ignores_what_all_share),
    ),
    gradient=("logits",),
    bugs=(
        Bug(
            "return z - np.log(total)",
            "return np.log(np.exp(z) / total + 1e-30)",
            "A small number within the logarithm ends −∞, but every unlikely class then "
            "costs the same: subtract the log of the sum from the logits.",
        ),
        Bug("return z - np.log(total)", "return np.log(np.exp(z) / total)", ZERO),
        Bug(
            "    return z - np.log(total)",
            "    top = logits.max(axis=-1, keepdims=True)\n"
            "    return logits - (top + np.log(total))",
            ORDER,
        ),
        Bug("logits - logits.max(axis=-1, keepdims=True)", "logits", OVERFLOW),
        Bug("logits.max(axis=-1, keepdims=True)", "logits.max()", BATCH),
        Bug(
            "z - np.log(total)",
            "logits - np.log(total)",
            "The maximum is missing: take the log of the sum from the logits that are "
            "already shifted.",
        ),
        Bug(
            "z - np.log(total)",
            "z - total",
            "Take the logarithm of the sum: log(a / b) is log a − log b.",
        ),
        Bug(
            "sum(axis=-1, keepdims=True)",
            "mean(axis=-1, keepdims=True)",
            "This is the mean of the exponentials: it lacks log K, and the probabilities "
            "do not sum to 1.",
        ),
    ),
    prints=(
        """
import math

z = [0.0, 0.0, 0.0, 0.0]
print(round(math.log(sum(math.exp(x) for x in z)) / math.log(2), 2))
""",
    ),
)
