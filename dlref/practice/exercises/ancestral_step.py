"""A step of DDPM's sampler, with its noise given."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.diffusion import alpha_bars, data_from_noise, posterior
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

INDEX = "Steps count from 1, arrays from 0: β of step t is entry t − 1."


@st.composite
def inputs(choose):
    shape, steps = choose(draw.shapes(most=2)), choose(st.integers(1, 6))
    return {
        "x": choose(draw.floats(shape)),
        "eps": choose(draw.floats(shape)),
        "t": choose(st.integers(1, steps)),
        "betas": choose(draw.floats((steps,), 0.0625, 0.75)),
        "z": choose(draw.floats(shape)),
    }


def reference(x, eps, t, betas, z):
    data = data_from_noise(x, eps, np.array(alpha_bars(betas)[t - 1]))
    mean, variance = posterior(data, x, t, betas)
    return mean + np.sqrt(variance) * z


def adds_no_noise_in_the_end(answer, t, z, **others):
    return answer(t=1, z=z, **others), answer(t=1, z=-z, **others)


def case(t, z, right=None, hint=""):
    given = {"x": np.array([1.0, 2.0]), "eps": np.array([0.5, -1.0]), "t": t}
    given |= {"betas": np.array([0.36, 0.75, 0.5]), "z": np.array(z)}
    return Case(given, right, hint)


EXERCISE = Exercise(
    asks="Write one step back of DDPM.",
    question="DL0083",
    page="diffusion/diffusion",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def ancestral_step(x, eps, t, betas, z):
    """Return x_{t−1}: the posterior's mean, and its deviation times z.

    x, eps: x_t and the noise predicted in it, floats of one shape
    t: the step, from 1
    betas: variances of the noise of steps 1 to T, floats (T)
    z: fresh standard normal noise, of the shape of x

    The variance is that of q(x_{t−1} | x_t, x_0); it is 0 at t = 1.
    """
    beta = betas[t - 1]
    before = np.prod(1 - betas[: t - 1])
    now = before * (1 - beta)
    mean = (x - beta / np.sqrt(1 - now) * eps) / np.sqrt(1 - beta)
    return mean + np.sqrt(beta * (1 - before) / (1 - now)) * z
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(1, [3.0, 3.0], (np.array([1 - 0.3, 2 + 0.6]) / 0.8)),
        case(2, [1.0, -1.0]),
        case(3, [2.0, 1.0]),
    ),
    laws=(Law("the last step, t = 1, adds no noise", adds_no_noise_in_the_end),),
    bugs=(
        Bug("betas[: t - 1]", "betas[:t]", INDEX + " ᾱ of the step before has t − 1."),
        Bug(
            "before = np.prod(1 - betas[: t - 1])\n    now = before * (1 - beta)",
            "left = np.append(1, np.cumprod(1 - betas))\n"
            "    before, now = left[t - 2], left[t - 1]",
            "With ᾱ of step 0 in front, ᾱ of step t is entry t, that of before t − 1.",
        ),
        Bug(
            "np.sqrt(beta * (1 - before) / (1 - now)) * z",
            "beta * (1 - before) / (1 - now) * z",
            "β̃ is a variance; noise is multiplied by a deviation, its root.",
        ),
        Bug(
            " + np.sqrt(beta * (1 - before) / (1 - now)) * z",
            "",
            "Without fresh noise all samples fall together: DDIM has another mean.",
        ),
        Bug(
            "beta / np.sqrt(1 - now) * eps",
            "np.sqrt(beta) * eps",
            "eps is the noise of all steps, of deviation √(1 − ᾱ), not that of one.",
        ),
        Bug(
            "beta * (1 - before) / (1 - now)",
            "beta",
            "β is the variance with x_0 unknown; the last step would add noise, too.",
        ),
        Bug(
            "beta / np.sqrt(1 - now) * eps) / np.sqrt(1 - beta)",
            "beta / np.sqrt(1 - now) * eps) / np.sqrt(now)",
            "One step is undone, so the root is that of its own α, not of ᾱ.",
        ),
        Bug(
            "before = np.prod(1 - betas[: t - 1])",
            "before = 1 - betas[: t - 1].sum()",
            "What steps leave is multiplied: ᾱ is a product.",
        ),
    ),
    prints=(
        """
betas = [0.1, 0.2]
left = 1.0
for beta in betas:
    left *= 1 - beta
print(round(left, 2))
""",
    ),
)
