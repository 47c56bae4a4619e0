"""The straight-through estimator."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.quantization import dequantize, quantize
from dlref.practice.exercise import Bug, Case, Exercise, Law

NONE = (
    "A rounding has a derivative of 0: nothing is learned. Let the gradient pass it by."
)


def reference(x, scale, bits):
    return dequantize(quantize(x, scale, bits=bits), scale)


@st.composite
def inputs(choose):
    """Drawn by a generator: nothing is halfway between two integers then."""
    rng = np.random.default_rng(choose(st.integers(0, 9999)))
    x = rng.normal(scale=4, size=choose(st.integers(1, 5)))
    bits = choose(st.integers(2, 5))
    return {"x": x, "scale": choose(st.sampled_from([0.25, 0.5, 1.0])), "bits": bits}


def scales(answer, x, scale, bits):
    found = answer(x=8 * x, scale=8 * scale, bits=bits)
    return found, 8 * answer(x=x, scale=scale, bits=bits)


def case(x, scale, bits, right):
    return Case({"x": np.array(x), "scale": scale, "bits": bits}, np.array(right))


EXERCISE = Exercise(
    asks="Round to a grid, with a gradient that passes straight through.",
    question="DL0073",
    page="quantization/quantization",
    level="full",
    minutes=10,
    torch='''
import torch


def fake_quantize(x, scale, bits):
    """Return x, rounded to multiples of scale and clipped to the grid.

    x: floats of any shape
    scale: a number above 0
    bits: the integers are symmetric, -7 to 7 for 4 bits

    The gradient is 1 where the rounded integer is on the grid, and 0 where it
    is clipped. No number is halfway between two integers.
    """
    top = 2 ** (bits - 1) - 1
    q = (x.detach() / scale).round()
    is_kept = q.abs() <= top
    rounded = q.clamp(-top, top) * scale
    return rounded + (x - x.detach()) * is_kept
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([0.3, 1.6, 7.4, 7.6, -9.0], 1.0, 4, [0.0, 2.0, 7.0, 7.0, -7.0]),
        case([0.3, 0.9], 0.25, 3, [0.25, 0.75]),
    ),
    laws=(Law("eight times the numbers give eight times the result", scales),),
    gradient=("x",),
    bugs=(
        Bug(
            "(x - x.detach()) * is_kept",
            "(x - x.detach())",
            "A clipped number gets a gradient of 1: it is pushed on and on, and nothing "
            "changes.",
        ),
        Bug(
            "rounded + (x - x.detach()) * is_kept",
            "rounded",
            "What is detached has no gradient: add one that passes the rounding by.",
        ),
        Bug(
            "rounded + (x - x.detach()) * is_kept",
            "(x / scale).round().clamp(-top, top) * scale",
            NONE,
        ),
        Bug(
            "rounded + (x - x.detach()) * is_kept",
            "x * is_kept",
            "This is x itself: forward it must be the rounded number, so that training "
            "sees the error.",
        ),
        Bug(
            "- 1) - 1",
            "- 1)",
            "With 4 bits the last integer is 7.",
        ),
        Bug(
            ".clamp(-top, top) * scale",
            ".clamp(-top, top)",
            "The integers must be multiplied by the scale.",
        ),
    ),
    prints=(
        """
import torch

x = torch.tensor(2.7, requires_grad=True)
x.round().backward()
print(x.grad.item())
""",
        """
import torch

x = torch.tensor(2.7, requires_grad=True)
(x + (x.round() - x).detach()).backward()
print(x.grad.item())
""",
    ),
)
