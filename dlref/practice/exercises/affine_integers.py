"""Integers without a sign, for a range from calibration."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.quantization import affine_parameters, quantize
from dlref.practice.exercise import Bug, Case, Exercise, Law

WRAPS = "A cast wraps around: 256 becomes 0. Clip first, then cast."
ZERO = (
    "The range must hold 0, or no integer stands for it: padding and what a ReLU cuts "
    "off would not come back as 0."
)


def reference(x, low, high):
    scale, zero_point = affine_parameters(np.array([low, high]))
    return quantize(x, scale, zero_point, signed=False)


@st.composite
def inputs(choose):
    """Drawn by a generator: nothing is halfway between two integers then."""
    rng = np.random.default_rng(choose(st.integers(0, 9999)))
    low, high = np.sort(rng.normal(rng.choice([-3, 0, 3]), size=2))
    x = rng.normal(scale=4, size=choose(st.integers(1, 5)))
    return {"x": x, "low": float(low), "high": float(high)}


def scales(answer, x, low, high):
    found = answer(x=8 * x, low=8 * low, high=8 * high)
    return found, answer(x=x, low=low, high=high)


def zeros_are_one_integer(answer, x, low, high):
    zeros = np.zeros(2)
    scale = (max(high, 0) - min(low, 0)) / 255
    zero_point = np.round(-min(low, 0) / scale)
    return answer(x=zeros, low=low, high=high), (zero_point + zeros).astype(np.uint8)


def case(x, low, high, right, hint=""):
    given = {"x": np.array(x), "low": low, "high": high}
    return Case(given, np.array(right, np.uint8), hint)


EXERCISE = Exercise(
    asks="Quantize to 8 bits without a sign, for a range that was measured before.",
    question="DL0073",
    page="quantization/quantization",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def affine_integers(x, low, high):
    """Return the integers that stand for x: 0 to 255, as np.uint8.

    x: floats of any shape; they may lie outside of the range
    low, high: smallest and largest number that calibration saw, low < high

    The range is stretched to hold 0, which then is the integer of the rounded
    -low / scale. No number is halfway between two integers.
    """
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    zero_point = np.rint(-low / scale)
    q = np.rint(x / scale) + zero_point
    return q.clip(0, 255).astype(np.uint8)
''',
    torch='''
import torch


def affine_integers(x, low, high):
    """Return the integers that stand for x: 0 to 255, as torch.uint8.

    x: floats of any shape; they may lie outside of the range
    low, high: smallest and largest number that calibration saw, low < high

    The range is stretched to hold 0, which then is the integer of the rounded
    -low / scale. No number is halfway between two integers.
    """
    low, high = min(low, 0), max(high, 0)
    scale = (high - low) / 255
    zero_point = round(-low / scale)
    q = (x / scale).round() + zero_point
    return q.clamp(0, 255).to(torch.uint8)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([-1.0, 0.0, 1.0, 154.0], -1.0, 254.0, [0, 1, 2, 155]),
        case([0.0, 100.0, 255.0], 100.0, 255.0, [0, 100, 255], ZERO),
        case([0.0, -100.0, -255.0], -255.0, -100.0, [255, 155, 0], ZERO),
    ),
    extremes=(
        case([-9.0, 256.0, 1000.0], 0.0, 255.0, [0, 255, 255], WRAPS),
        case([0.0], -0.3, 254.7, [0]),
    ),
    laws=(
        Law("eight times the numbers and the range give the same integers", scales),
        Law("0 comes back as 0", zeros_are_one_integer, ZERO),
    ),
    bugs=(
        Bug(
            "min(low, 0), max(high, 0)",
            "low, high",
            ZERO,
        ),
        Bug(
            "q.clip(0, 255).astype(np.uint8)",
            "q.astype(int).astype(np.uint8)",
            WRAPS,
        ),
        Bug(
            "/ 255\n    zero",
            "/ 256\n    zero",
            "From 0 to 255 there are 255 steps, not 256.",
        ),
        Bug(
            "np.rint(x / scale) + zero_point",
            "np.rint(x / scale)",
            "Without the zero point all numbers below 0 become 0.",
        ),
        Bug(
            "np.rint(-low / scale)",
            "(-low / scale)",
            "A zero point that is no integer does not stand for 0: the cast cuts it off.",
        ),
    ),
    prints=(
        """
low, high = -1.0, 4.1  # in 8 bits without a sign
print(round(-low / ((high - low) / 255)))
""",
        """
import numpy as np

print(np.array(200).astype(np.int8))
""",
    ),
)
