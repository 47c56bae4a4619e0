"""What a leaky ReLU leaves of a normal signal, by hand."""

import math

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(std, negative_slope):
    """Sum over a fine grid."""
    z = np.linspace(-10, 10, 20_001)
    density = np.exp(-(z**2) / 2)
    h = std * np.where(z > 0, z, negative_slope * z)
    return tuple((density * x).sum() / density.sum() for x in (h, h**2))


@st.composite
def inputs(choose):
    return {
        "std": choose(st.sampled_from([1.0, 2.0, 0.5, 3.0])),
        "negative_slope": choose(st.sampled_from([0.0, 0.5, 0.25, 1.0, 2.0])),
    }


def grows_with_the_signal(answer, std, negative_slope):
    mean, second = answer(std=2 * std, negative_slope=negative_slope)
    one, square = answer(std=std, negative_slope=negative_slope)
    return (mean, second), (2 * one, 4 * square)


def adds_to_both_halves(answer, std, negative_slope):
    """A slope a below 0 and one of −a: one second moment, that of both halves."""
    one, other = (answer(std=std, negative_slope=x) for x in (negative_slope, 0.0))
    return one[1], (1 + negative_slope**2) * other[1]


def case(std, negative_slope, *right):
    given = {"std": std, "negative_slope": negative_slope}
    return Case(given, tuple(map(np.array, right)))


MEAN = 1 / math.sqrt(2 * math.pi)

EXERCISE = Exercise(
    asks="Work out mean and second moment of a leaky ReLU's output.",
    question="DL0049",
    page="initializers/xavier-and-he",
    level="deep",
    minutes=10,
    numpy='''
import math


def leaky_relu_moments(std, negative_slope):
    """Return E[h] and E[h²] of a leaky ReLU's output, two floats.

    std: the standard deviation σ of its input z, which is normal with mean 0
    negative_slope: a, ≥ 0; h is z above 0, and a z below; a = 0 is the ReLU

    Take them from closed forms: no sampling, no sums over a grid.
    """
    mean = (1 - negative_slope) * std / math.sqrt(2 * math.pi)
    second = (1 + negative_slope**2) * std**2 / 2
    return mean, second
''',
    reference=reference,
    against="a grid",
    inputs=inputs(),
    examples=40,
    by_hand=(
        case(1.0, 0.0, MEAN, 0.5),
        case(2.0, 0.0, 2 * MEAN, 2.0),
        case(1.0, 0.5, MEAN / 2, 0.625),
    ),
    extremes=(case(3.0, 1.0, 0.0, 9.0), case(1.0, 3.0, -2 * MEAN, 5.0)),
    laws=(
        Law("twice z is twice h", grows_with_the_signal),
        Law("the half below 0 adds a² of its square", adds_to_both_halves),
    ),
    hint="Each half of the normal is folded at 0: E[max(0, z)] is σ/√(2π), and E[z²] has "
    "σ²/2 on either side.",
    bugs=(
        Bug(
            "second = (1 + negative_slope**2) * std**2 / 2",
            "second = (1 + negative_slope**2) * std**2 / 2 - mean**2",
            "That is the variance, of which a ReLU keeps 0.341. The next layer sees the "
            "second moment, the mean of h², and it is that which is halved.",
        ),
        Bug(
            "(1 + negative_slope**2) * std**2 / 2",
            "(1 + negative_slope) * std**2 / 2",
            "Below 0, h² is a² z²: the slope is squared.",
        ),
        Bug(
            "mean = (1 - negative_slope) * std",
            "mean = (1 + negative_slope) * std",
            "The part below 0 is negative, and takes a share a off the mean.",
        ),
        Bug(
            "std / math.sqrt(2 * math.pi)",
            "std * math.sqrt(2 / math.pi)",
            "That is E|z|, both halves of it. The half above 0 has σ/√(2π).",
        ),
        Bug(
            "std**2 / 2",
            "std / 2",
            "A second moment has the unit of z²: it goes with σ².",
        ),
        Bug(
            "(1 - negative_slope) * std / math.sqrt(2 * math.pi)",
            "0.0",
            "z has mean 0, but the output of a ReLU has not.",
        ),
    ),
    prints=(
        """
from math import log2

second = 1.0
for _ in range(50):  # 50 ReLU layers with n Var(w) = 1
    second = 1 * second / 2
print(f"{log2(second):.0f}")
""",
    ),
)
