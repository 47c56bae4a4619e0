"""Fan-in and fan-out of a layer's weight."""

import math

from hypothesis import strategies as st

from dlref.initializers import fans
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    sides = st.lists(st.integers(1, 7), min_size=2, max_size=5)
    return {"shape": tuple(choose(sides))}


def counts_connections(answer, shape):
    n_in, n_out = answer(shape=shape)
    return n_in * shape[0], math.prod(shape) + 0 * n_out


def swaps_with_the_layer(answer, shape):
    n_out, n_in, *kernel = shape
    other = answer(shape=(n_in, n_out, *kernel))
    return other[::-1], answer(shape=shape)


def case(*shape, right=None):
    return Case({"shape": shape}, right)


EXERCISE = Exercise(
    asks="Write fan-in and fan-out of a weight, linear or convolutional.",
    question="DL0049",
    page="initializers/xavier-and-he",
    level="whiteboard",
    minutes=5,
    numpy='''
import math


def fans(shape):
    """Return fan_in and fan_out of a weight, two ints.

    shape: a tuple of ints, (out, in) of a linear layer as nn.Linear keeps it,
        or (out, in, *kernel) of a convolution, with 1 to 3 kernel axes

    fan_in is the number of inputs that one output sees, fan_out the number of
    outputs that see one input. Strides and borders do not count.
    """
    n_out, n_in, *kernel = shape
    taps = math.prod(kernel)
    return n_in * taps, n_out * taps
''',
    reference=fans,
    inputs=inputs(),
    by_hand=(
        case(100, 784, right=(784, 100)),
        case(64, 32, 3, 3, right=(288, 576)),
    ),
    extremes=(case(1, 1, right=(1, 1)), case(8, 3, 5, right=(15, 40))),
    laws=(
        Law("fan-in times outputs is the number of weights", counts_connections),
        Law("the layer backward has its fans swapped", swaps_with_the_layer),
    ),
    hint="Count by hand which inputs one output sees: in channels, times the taps of the "
    "kernel.",
    bugs=(
        Bug(
            "n_out, n_in, *kernel = shape",
            "n_in, n_out, *kernel = shape",
            "The fans are swapped: PyTorch's weight is (out, in). He's signal from 784 "
            "to 100 units would grow eightfold.",
        ),
        Bug(
            "return n_in * taps, n_out * taps",
            "return n_in, n_out",
            "One output of a convolution sees all taps of its kernel: a 3 × 3 kernel "
            "makes nine inputs of one channel.",
        ),
        Bug(
            "return n_in * taps, n_out * taps",
            "return n_in * taps, n_out",
            "One input of a convolution is seen by an output at each tap, too: fan-out "
            "has the same factor.",
        ),
        Bug(
            "taps = math.prod(kernel)",
            "taps = sum(kernel) or 1",
            "A 3 × 3 kernel has 9 taps: multiply its sides.",
        ),
        Bug(
            "taps = math.prod(kernel)",
            "taps = kernel[0] ** 2 if kernel else 1",
            "A kernel need be no square, and can have one or three axes: multiply all "
            "its sides.",
        ),
    ),
    prints=(
        """
out, channels, height, width = 64, 32, 3, 3
print(channels * height * width)
""",
    ),
)
