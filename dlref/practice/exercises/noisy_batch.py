"""The input and the target of a diffusion model, for a batch of several steps."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.diffusion import add_noise, alpha_bars, velocity
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

AXIS = (
    "A share for each example needs an axis for each of the data's: as (B,) it goes "
    "along the last axis, or does not fit."
)


@st.composite
def inputs(choose):
    batch, steps = choose(st.integers(1, 3)), choose(st.integers(1, 5))
    shape = (batch, *choose(draw.shapes(least=1, most=2, side=3)))
    t = st.lists(st.integers(1, steps), min_size=batch, max_size=batch)
    return {
        "data": choose(draw.floats(shape)),
        "noise": choose(draw.floats(shape)),
        "t": np.array(choose(t)),
        "betas": choose(draw.floats((steps,), 0.0625, 0.75)),
    }


def reference(data, noise, t, betas):
    left = alpha_bars(betas)[t - 1].reshape(-1, *[1] * (data.ndim - 1))
    return add_noise(data, noise, left), velocity(data, noise, left)


def keeps_the_length(answer, data, noise, **others):
    noisy, v = answer(data=data, noise=noise, **others)
    return noisy**2 + v**2, data**2 + noise**2


def case(t, right=None):
    given = {
        "data": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "noise": np.array([[0.5, -1.0], [2.0, 0.0]]),
        "t": np.array(t),
        "betas": np.array([0.36, 0.4375, 0.5]),
    }
    return Case(given, right)


EXERCISE = Exercise(
    asks="Make noisy inputs and v targets, with a step for each example.",
    question="DL0083",
    page="diffusion/diffusion",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def noisy_batch(data, noise, t, betas):
    """Return x_t and v of each example.

    data, noise: floats (B, ...)
    t: the step of each example, integers (B) from 1
    betas: variances of the noise of steps 1 to T, floats (T)

    v is the noise where no noise was added yet, −data where no data is left.
    """
    left = np.cumprod(1 - betas)[t - 1]
    left = left.reshape(-1, *[1] * (data.ndim - 1))
    signal, sigma = np.sqrt(left), np.sqrt(1 - left)
    return signal * data + sigma * noise, signal * noise - sigma * data
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(
            [1, 2],
            (
                np.array([[1.1, 1.0], [3.4, 2.4]]),
                np.array([[-0.2, -2.0], [-1.2, -3.2]]),
            ),
        ),
        case([3, 1]),
    ),
    laws=(Law("(x_t, v) is (data, noise), turned", keeps_the_length),),
    bugs=(
        Bug("    left = left.reshape(-1, *[1] * (data.ndim - 1))\n", "", AXIS),
        Bug(
            "np.cumprod(1 - betas)[t - 1]",
            "np.cumprod(1 - betas)[t - 2]",
            "ᾱ of step t is entry t − 1; one further back is a step too early.",
        ),
        Bug(
            "np.sqrt(left), np.sqrt(1 - left)",
            "left, 1 - left",
            "ᾱ is a share of the variance; amplitudes are roots.",
        ),
        Bug(
            "signal * noise - sigma * data",
            "signal * data - sigma * noise",
            "v belongs to the noise where all is data: ∂x_t / ∂angle.",
        ),
        Bug(
            "signal * noise - sigma * data",
            "noise - data",
            "That is the velocity of flow matching, whose path is a line.",
        ),
        Bug(
            "np.cumprod(1 - betas)[t - 1]",
            "1 - betas[t - 1]",
            "All steps up to t have added noise: multiply what each keeps.",
        ),
    ),
)
