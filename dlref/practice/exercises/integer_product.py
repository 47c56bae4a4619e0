"""A matrix product in 8 bits."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.quantization import absmax_scale, dequantize, quantize
from dlref.practice.exercise import Bug, Case, Exercise, Law

LONG = "In 8 bits the sum wraps around. Products of integers are added up in 32."


def rounded(x):
    scale = absmax_scale(x, axis=-1)
    return dequantize(quantize(x, scale), scale)


def reference(x, weight):
    return rounded(x) @ rounded(weight).T


@st.composite
def inputs(choose):
    """Drawn by a generator: nothing is halfway between two integers then."""
    rng = np.random.default_rng(choose(st.integers(0, 9999)))
    tokens, outputs, inner = (choose(st.integers(1, 4)) for _ in range(3))
    x, weight = rng.normal(size=(tokens, inner)), rng.normal(size=(outputs, inner))
    return {"x": 100 * x, "weight": weight}


def scales_with_a_token(answer, x, weight):
    factors = 4.0 ** np.arange(len(x))[:, None]
    return answer(x=factors * x, weight=weight), factors * answer(x=x, weight=weight)


def scales_with_an_output(answer, x, weight):
    factors = 4.0 ** np.arange(len(weight))[:, None]
    found = answer(x=x, weight=factors * weight)
    return found, answer(x=x, weight=weight) * factors[:, 0]


def case(x, weight, right, hint=""):
    given = {"x": np.array(x), "weight": np.array(weight)}
    return Case(given, np.array(right), hint)


EXERCISE = Exercise(
    asks="Multiply activations and a weight as integers of 8 bits.",
    question="DL0073",
    page="quantization/quantization",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def integer_product(x, weight):
    """Return x @ weight.T, computed with integers from -127 to 127.

    x: floats (tokens, inputs), with a scale for each token
    weight: floats (outputs, inputs), with a scale for each output

    The largest size of a row is 127 steps. No row is all zero, and no number
    is halfway between two integers. Cast to np.int8, as it would be stored.
    """
    s = np.abs(x).max(axis=1, keepdims=True) / 127
    t = np.abs(weight).max(axis=1, keepdims=True) / 127
    p = np.rint(x / s).astype(np.int8)
    q = np.rint(weight / t).astype(np.int8)
    total = p.astype(np.int32) @ q.astype(np.int32).T
    return total * s * t.T
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[127.0, 3.2]], [[2.0, 254.0]], [[2.0 * (127 + 3 * 127)]], LONG),
        case([[127.0], [-254.0]], [[1.27]], [[127 * 1.27], [-254 * 1.27]], LONG),
        case([[127.0, 2.0], [254.0, 2.2]], [[1.27, 0.0]], [[161.29], [322.58]], LONG),
    ),
    laws=(
        Law("four times a token is four times its outputs", scales_with_a_token),
        Law("four times a row is four times its output", scales_with_an_output),
    ),
    bugs=(
        Bug(
            "p.astype(np.int32) @ q.astype(np.int32).T",
            "p @ q.T",
            LONG,
        ),
        Bug(
            "np.abs(x).max(axis=1, keepdims=True)",
            "np.abs(x).max()",
            "One scale for all tokens: a large one leaves the others few integers. Each "
            "token has its own.",
        ),
        Bug(
            "np.abs(weight).max(axis=1, keepdims=True)",
            "np.abs(weight).max(keepdims=True)",
            "One scale for the whole weight: a large row leaves the others few integers. "
            "A scale for each output leaves the sum, and is free.",
        ),
        Bug(
            "total * s * t.T",
            "total * s",
            "Both scales must be multiplied back, that of the weight too.",
        ),
        Bug(
            "np.rint(x / s)",
            "(x / s)",
            "A cast alone cuts off toward zero: the error is up to a whole step. Round "
            "first.",
        ),
    ),
    prints=(
        """
import numpy as np

q = np.array([100, 100], np.int8)
print((q.astype(np.int32) ** 2).sum())
""",
        """
terms = 2**31 // 127**2  # of two numbers of 8 bits, in a sum of 32
print(terms)
""",
    ),
)
