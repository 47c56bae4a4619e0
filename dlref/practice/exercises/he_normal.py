"""He's weights, from standard normal noise."""

import numpy as np
from hypothesis import strategies as st

from dlref.initializers import fans, gain
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(noise, negative_slope):
    std = gain("leaky_relu", negative_slope) / fans(noise.shape)[0] ** 0.5
    return std * noise


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=2, most=4))
    return {
        "noise": choose(draw.floats(shape, -4, 4)),
        "negative_slope": choose(st.sampled_from([0.0, 0.5, 2.0])),
    }


def makes_up_for_the_relu(answer, noise, negative_slope):
    weight = answer(noise=noise, negative_slope=negative_slope)
    kept = (1 + negative_slope**2) / 2  # of the second moment
    fan_in = noise[0].size
    return kept * fan_in * (weight**2).mean(), (noise**2).mean()


def twice_the_noise(answer, noise, **others):
    return answer(noise=2 * noise, **others), 2 * answer(noise=noise, **others)


def case(noise, right, **slope):
    return Case({"noise": np.array(noise), **slope}, right)


EXERCISE = Exercise(
    asks="Turn standard normal noise into He's weights, for a ReLU or a leaky one.",
    question="DL0049",
    page="initializers/xavier-and-he",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def he_normal(noise, negative_slope=0.0):
    """Return He's normal weights, made of noise and of its shape.

    noise: floats from a standard normal, (out, in) as nn.Linear keeps its
        weight, or (out, in, *kernel) as nn.Conv2d does
    negative_slope: the slope of the ReLU after the layer for inputs below 0

    The variance keeps the second moment of the signal on the way forward.
    """
    fan_in = noise[0].size
    std = np.sqrt(2 / ((1 + negative_slope**2) * fan_in))
    return std * noise
''',
    torch='''
import torch


def he_normal(noise, negative_slope=0.0):
    """Return He's normal weights, made of noise and of its shape.

    noise: floats from a standard normal, (out, in) as nn.Linear keeps its
        weight, or (out, in, *kernel) as nn.Conv2d does
    negative_slope: the slope of the ReLU after the layer for inputs below 0

    The variance keeps the second moment of the signal on the way forward.
    """
    fan_in = noise[0].numel()
    std = (2 / ((1 + negative_slope**2) * fan_in)) ** 0.5
    return std * noise
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[1.0, -2.0]], np.array([[1.0, -2.0]])),
        case([[1.0] * 8, [-3.0] * 8], np.array([[0.5] * 8, [-1.5] * 8])),
        case(2 * np.ones((1, 2, 2, 2)), np.ones((1, 2, 2, 2))),
    ),
    extremes=(
        case(np.ones((3, 1)), np.full((3, 1), np.sqrt(2))),
        case([[1.0, 3.0]], np.array([[1.0, 3.0]]) / np.sqrt(2), negative_slope=1.0),
    ),
    laws=(
        Law("after the ReLU, n E[w²] keeps the signal", makes_up_for_the_relu),
        Law("twice the noise is twice the weights", twice_the_noise),
    ),
    hint="The standard deviation is the root of 2 / ((1 + a²) fan_in).",
    bugs=(
        Bug(
            "np.sqrt(2 / ((1 + negative_slope**2) * fan_in))",
            "2 / ((1 + negative_slope**2) * fan_in)",
            "That is the variance. Noise is multiplied by the standard deviation, its "
            "root: with 512 inputs this keeps 0.4% of the signal per layer.",
        ),
        Bug(
            "noise[0].size",
            "noise[:, 0].size",
            "The fans are swapped: the weight is (out, in), and fan_in the second axis. "
            "From 784 to 100 units, the signal grows eightfold.",
        ),
        Bug(
            "noise[0].size",
            "noise.shape[1]",
            "One output of a convolution sees every tap of its kernel: fan_in is in · "
            "height · width.",
        ),
        Bug(
            "return std * noise",
            "return std + 0 * noise",
            "All weights are the same: the neurons of the layer get the same gradient "
            "and stay copies of one another. Scale the noise.",
        ),
        Bug(
            "np.sqrt(2 / ((1 + negative_slope**2) * fan_in))",
            "np.sqrt(1 / (3 * fan_in))",
            "That is nn.Linear's default, whose variance is 1 / (3 fan_in): a sixth of "
            "He's, and too small for ReLUs.",
        ),
        Bug(
            "np.sqrt(2 / ((1 + negative_slope**2) * fan_in))",
            "np.sqrt(2 / (noise[0].size + noise[:, 0].size))",
            "That is Xavier's variance. A ReLU drops half of the second moment: He takes "
            "2 / fan_in.",
        ),
        Bug(
            "1 + negative_slope**2",
            "1 + negative_slope",
            "The slope below 0 is squared: the second moment of that half is a² E[z²].",
        ),
    ),
    prints=(
        """
n = 512
variance, wrong = 2 / n, (2 / n) ** 2
print(f"{variance / wrong:.0f}")
""",
    ),
)
