"""Xavier's uniform weights, from uniform noise."""

import numpy as np
from hypothesis import strategies as st

from dlref.initializers import fans
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(noise, gain):
    std = gain * (2 / sum(fans(noise.shape))) ** 0.5
    return (noise - 0.5) * 12**0.5 * std  # a width of 1 has the variance 1/12


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=2, most=4))
    return {
        "noise": choose(draw.floats(shape, 0, 0.9375)),
        "gain": choose(st.sampled_from([1.0, 2.0, 0.5])),
    }


def is_centered(answer, noise, **others):
    return answer(noise=1 - noise, **others), -answer(noise=noise, **others)


def swaps_its_fans(answer, noise, **others):
    there = answer(noise=np.swapaxes(noise, 0, 1), **others)
    return np.swapaxes(there, 0, 1), answer(noise=noise, **others)


def case(noise, right, **gain):
    return Case({"noise": np.array(noise), **gain}, right)


EXERCISE = Exercise(
    asks="Turn uniform noise into Xavier's uniform weights.",
    question="DL0049",
    page="initializers/xavier-and-he",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def xavier_uniform(noise, gain=1.0):
    """Return Xavier's (Glorot's) uniform weights, made of noise, of its shape.

    noise: floats, uniform from 0 to 1, (out, in) as nn.Linear keeps its
        weight, or (out, in, *kernel) as nn.Conv2d does
    gain: what the standard deviation is multiplied by

    Noise of 0 becomes the least weight, and noise near 1 the largest.
    """
    fan_in, fan_out = noise[0].size, noise[:, 0].size
    bound = gain * np.sqrt(6 / (fan_in + fan_out))
    return bound * (2 * noise - 1)
''',
    torch='''
import torch


def xavier_uniform(noise, gain=1.0):
    """Return Xavier's (Glorot's) uniform weights, made of noise, of its shape.

    noise: floats, uniform from 0 to 1, (out, in) as nn.Linear keeps its
        weight, or (out, in, *kernel) as nn.Conv2d does
    gain: what the standard deviation is multiplied by

    Noise of 0 becomes the least weight, and noise near 1 the largest.
    """
    fan_in, fan_out = noise[0].numel(), noise[:, 0].numel()
    bound = gain * (6 / (fan_in + fan_out)) ** 0.5
    return bound * (2 * noise - 1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([[0.0, 0.5, 0.75, 0.0], [0.5] * 4], np.array([[-1, 0, 0.5, -1], [0.0] * 4])),
        case([[0.0] * 12] * 12, -np.full((12, 12), 1.0), gain=2.0),
    ),
    extremes=(
        case([[0.0]], np.array([[-np.sqrt(3)]])),
        case(np.zeros((1, 5, 2, 2)), -np.full((1, 5, 2, 2), 0.5)),
    ),
    laws=(
        Law("noise mirrored at one half turns the sign", is_centered),
        Law("fan-in and fan-out count alike", swaps_its_fans),
    ),
    hint="U(−b, b) has the variance b²/3, and Xavier's is 2 / (fan_in + fan_out).",
    bugs=(
        Bug(
            "np.sqrt(6 / (fan_in + fan_out))",
            "np.sqrt(2 / (fan_in + fan_out))",
            "That is Xavier's standard deviation. The bound of a uniform is √3 times as "
            "large, as its variance is b²/3.",
        ),
        Bug(
            "np.sqrt(6 / (fan_in + fan_out))",
            "np.sqrt(1 / fan_in)",
            "±1/√n is the older heuristic, which Xavier's replaces: of the second moment "
            "it keeps a third per linear layer, and 1e-24 after 50.",
        ),
        Bug(
            "np.sqrt(6 / (fan_in + fan_out))",
            "np.sqrt(3 / (fan_in + fan_out))",
            "That is half of Xavier's variance: it divides by the mean of both fans, and "
            "not by their sum.",
        ),
        Bug(
            "np.sqrt(6 / (fan_in + fan_out))",
            "6 / (fan_in + fan_out)",
            "The root is missing: this is the square of the bound.",
        ),
        Bug(
            "noise[0].size, noise[:, 0].size",
            "noise.shape[1], noise.shape[0]",
            "Both fans of a convolution count the taps of its kernel, height · width.",
        ),
        Bug(
            "bound * (2 * noise - 1)",
            "bound * noise",
            "All weights are positive, with a mean of half the bound: spread the noise "
            "from −1 to 1 first.",
        ),
        Bug(
            "bound * (2 * noise - 1)",
            "bound * (noise - 0.5)",
            "This reaches from −b/2 to b/2: half of the bound, and a quarter of the "
            "variance.",
        ),
    ),
    prints=(
        """
n_in, n_out = 500, 100
bound = (6 / (n_in + n_out)) ** 0.5
print(f"{bound:.2f}")
""",
    ),
)
