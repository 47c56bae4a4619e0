"""The frequencies of a rotary embedding for texts longer than in training."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import positions as dlref
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(d, factor, length, base):
    return dlref.yarn_frequencies(
        d, float(factor), original_length=length, base=float(base)
    )


@st.composite
def inputs(choose):
    return {
        "d": 2 * choose(st.integers(2, 64)),
        "factor": choose(st.floats(1, 40, width=32)),
        "length": choose(st.integers(1000, 40_000)),
        "base": choose(st.floats(1000, 1e6, width=32)),
    }


def keeps_the_first_pair(answer, d, factor, length, base):
    """It has made more than a hundred turns."""
    return answer(d=d, factor=factor, length=length, base=base)[0], 1.0


# c(32) = 1.5 and c(1) = 3.2 of five pairs: shares 0, 0, 1/3, 2/3, 1.
SHARES = np.array([0, 0, 1 / 3, 2 / 3, 1])
HAND = {"d": 10, "factor": 4.0, "length": 4096, "base": 25_000.0}
THETA = 25_000.0 ** (-np.arange(5) / 5)

EXERCISE = Exercise(
    asks="Find the frequencies of YaRN: which pairs are slowed, and by how much.",
    question="DL0053",
    page="positions/rotary",
    level="deep",
    minutes=15,
    numpy='''
import numpy as np


def yarn_frequencies(d, factor, length, base):
    """Return the frequencies (d / 2,) for factor * length tokens.

    d: an even number; length: tokens in training; base: above 1
    Pair i had the frequency base ** (-2i / d), in radians per token, and
    c(r) is the i, a fraction, that makes r turns within length tokens.
    Up to the floor of c(32) a pair is kept, from the ceiling of c(1) on it
    is divided by factor. Between, both are blended: the share of what is
    divided rises linearly with i, from 0 to 1.
    """
    theta = base ** (-np.arange(0, d, 2) / d)
    turns = np.array([32, 1])
    wavelengths = length / turns
    c = d * np.log(wavelengths / (2 * np.pi)) / (2 * np.log(base))
    low, high = np.floor(c[0]), np.ceil(c[1])
    share = (np.arange(d // 2) - low) / (high - low)
    share = np.clip(share, 0, 1)
    return (1 - share) * theta + share * theta / factor
''',
    torch='''
import math

import torch


def yarn_frequencies(d, factor, length, base):
    """Return the frequencies (d / 2,) for factor * length tokens.

    d: an even number; length: tokens in training; base: above 1
    Pair i had the frequency base ** (-2i / d), in radians per token, and
    c(r) is the i, a fraction, that makes r turns within length tokens.
    Up to the floor of c(32) a pair is kept, from the ceiling of c(1) on it
    is divided by factor. Between, both are blended: the share of what is
    divided rises linearly with i, from 0 to 1.
    """
    theta = base ** (-torch.arange(0, d, 2) / d)
    c_32, c_1 = (
        d * math.log(length / turns / (2 * math.pi)) / (2 * math.log(base))
        for turns in (32, 1)
    )
    low, high = math.floor(c_32), math.ceil(c_1)
    share = (torch.arange(d // 2) - low) / (high - low)
    share = share.clamp(0, 1)
    return (1 - share) * theta + share * theta / factor
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-10,
    by_hand=(Case(HAND, THETA * (1 - SHARES * 3 / 4)),),
    extremes=(
        Case({"d": 128, "factor": 1.0, "length": 4096, "base": 10_000.0}),
        Case({"d": 64, "factor": 32.0, "length": 4096, "base": 150_000.0}),
    ),
    laws=(Law("the first pair keeps its speed", keeps_the_first_pair),),
    bugs=(
        Bug(
            "length / turns",
            "length * turns",
            "A pair that makes 32 turns within the length has a wavelength of length / "
            "32. Multiplied, the limit lies behind all pairs, and none is slowed.",
        ),
        Bug(
            "(1 - share) * theta + share * theta / factor",
            "share * theta + (1 - share) * theta / factor",
            "It is the slow pairs that come to new angles: divide these, and keep the "
            "fast ones, which tell neighbors apart.",
        ),
        Bug(
            "np.floor(c[0]), np.ceil(c[1])",
            "c[0], c[1]",
            "The ends of the blend are whole pairs: the floor of the first, the ceiling "
            "of the last.",
        ),
        Bug(
            "(1 - share) * theta + share * theta / factor",
            "theta / factor",
            "That is position interpolation: it slows the fast pairs too, and blurs "
            "what is near.",
        ),
        Bug(
            "/ (2 * np.log(base))",
            "/ np.log(base)",
            "Pair i has 2i in its exponent: without the 2, c is twice too large.",
        ),
        Bug(
            "np.log(wavelengths / (2 * np.pi))",
            "np.log(wavelengths)",
            "A frequency is in radians per token, and a turn has 2π of them.",
        ),
        Bug(
            "share = np.clip(share, 0, 1)",
            "share = np.minimum(share, 1)",
            "Below the blend the share is negative: the fastest pairs would be sped up.",
        ),
    ),
    prints=(
        """
factor, share, theta = 8, 0.5, 0.16
print((1 - share) * theta + share * theta / factor)
""",
    ),
)
