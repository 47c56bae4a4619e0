"""The bits of a float32, rounded to bfloat16."""

import math

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x):
    """By exact arithmetic: Python rounds a tie to the even whole number."""
    return np.array([nearest(float(value)) for value in x])


def nearest(value):
    if not math.isfinite(value):
        return value
    power = max(math.frexp(value)[1] - 1, -126)
    rounded = math.ldexp(round(math.ldexp(value, 7 - power)), power - 7)
    rounded = math.copysign(rounded, value)
    return rounded if abs(rounded) < 2.0**128 else math.copysign(math.inf, value)


def use(answer, x):
    """Ask in float32; show infinities and NaN as numbers, which the judge compares."""
    x = np.asarray(x).astype(np.float32)
    x.view(np.uint32)[np.isnan(x)] = 0x7FFFFFFF  # the NaN that an addition carries over
    y = np.asarray(answer(x))
    if y.dtype != np.float32:
        raise TypeError(f"the result must be numpy.float32; got {y.dtype}")
    y = y.astype(float)
    special = np.where(np.isnan(y), 2.0, np.where(np.isinf(y), np.sign(y), 0.0))
    return np.where(np.isfinite(y), y, 0.0), special


def shown(x):
    y = reference(x)
    special = np.where(np.isnan(y), 2.0, np.where(np.isinf(y), np.sign(y), 0.0))
    return np.where(np.isfinite(y), y, 0.0), special


@st.composite
def inputs(choose):
    shares = st.sampled_from([0, 1, 2**15 - 1, 2**15, 2**15 + 1, 3 * 2**15, 2**16 - 1])
    sign, power = st.sampled_from([1, -1]), st.sampled_from([-3, 0, 5])
    numbers = st.builds(
        lambda s, p, whole, share: s * 2.0**p * (1 + (whole + share / 2**16) / 128),
        sign,
        power,
        st.integers(0, 127),
        shares,
    )
    return {"x": np.array(choose(st.lists(numbers, min_size=1, max_size=4)))}


def stays(answer, x):
    once, _ = answer(x=x)
    return answer(x=once), (once, np.zeros(len(once)))


def is_odd(answer, x):
    up, _ = answer(x=x)
    down, _ = answer(x=-x)
    return down, -up


def case(*pairs, hint=""):
    given, wanted = (np.array(side, float) for side in zip(*pairs, strict=True))
    return Case({"x": given}, (wanted, np.zeros(len(wanted))), hint)


TIES = (
    "A number halfway between two goes to the one whose last bit is 0. If all of them go "
    "up, sums drift."
)
NOT_A_NUMBER = (
    "A NaN must stay one. The addition can carry its bits into the sign, and make a zero "
    "of it; or cut off the bits that make it one, and leave infinity."
)
RIGHT = "bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000"

EXERCISE = Exercise(
    asks="Round float32 numbers to bfloat16, with integers alone.",
    question="DL0065",
    page="precision/mixed-precision",
    level="deep",
    minutes=10,
    numpy='''
import numpy as np


def round_to_bfloat16(x):
    """Return each number rounded to the nearest bfloat16, a tie to even.

    x: a float32 array; the result is one too, of numbers that bfloat16 has:
        the upper 16 of its 32 bits, the lower ones 0

    What is beyond the largest number becomes infinite. NaN stays NaN.
    """
    bits = x.view(np.uint32)
    rounded = bits + 0x7FFF + (bits >> 16 & 1) & 0xFFFF0000
    return np.where(np.isnan(x), x, rounded.view(np.float32))
''',
    reference=shown,
    against="exact arithmetic",
    inputs=inputs(),
    use=use,
    rtol=1e-6,
    by_hand=(
        case((1.001, 1.0), (3.3, 3.296875), (-3.3, -3.296875)),
        case((1 + 2**-8, 1.0), (1 + 3 * 2**-8, 1 + 2**-6), hint=TIES),
    ),
    extremes=(
        Case(
            {"x": np.array([np.inf, -np.inf, float(np.finfo(np.float32).max), 0.0])},
            (np.zeros(4), np.array([1.0, -1.0, 1.0, 0.0])),
        ),
        Case(
            {"x": np.array([np.nan])},
            (np.zeros(1), np.array([2.0])),
            NOT_A_NUMBER,
        ),
        case((2.0**-133, 2.0**-133), (2.0**-134, 0.0)),
    ),
    laws=(
        Law("what is rounded stays", stays),
        Law("below zero it is the same, with the other sign", is_odd),
    ),
    bugs=(
        Bug(
            RIGHT,
            "bits & 0xFFFF0000",
            "To cut the lower bits off rounds toward zero, always: all sums shrink, and "
            "the largest error is twice as large.",
        ),
        Bug(RIGHT, "bits + 0x8000 & 0xFFFF0000", TIES),
        Bug(
            "np.where(np.isnan(x), x, rounded.view(np.float32))",
            "rounded.view(np.float32)",
            NOT_A_NUMBER,
        ),
        Bug(
            RIGHT,
            "bits + 0x7FFF + (bits >> 16 & 1)",
            "The lower 16 bits must be 0 in the end: bfloat16 does not have them.",
        ),
        Bug(
            " + (bits >> 16 & 1)",
            "",
            "A number halfway between two goes toward zero each time. It should go to "
            "the one whose last bit is 0, up as often as down.",
        ),
    ),
    prints=(
        """
spacing = 2**-7  # of bfloat16, from 1 to 2
x = 1.01
print(round(x / spacing) * spacing)
""",
        """
total, spacing = 0, 1
for _ in range(1000):
    while total >= 256 * spacing:  # 8 significant bits
        spacing = 2 * spacing
    total = round((total + 1) / spacing) * spacing  # a tie goes to even
print(total)
""",
    ),
)
