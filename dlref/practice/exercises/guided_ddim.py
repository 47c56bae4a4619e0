"""A step of DDIM, with classifier-free guidance."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.diffusion import ddim_step, guided
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(most=2))
    names = "x", "unconditional", "conditional"
    shares = st.floats(0.0625, 1, width=32)
    return {
        **{name: choose(draw.floats(shape)) for name in names},
        "scale": choose(st.floats(0, 8, width=32)),
        "now": choose(shares),
        "then": choose(shares),
    }


def reference(x, unconditional, conditional, scale, now, then):
    noise = guided(unconditional, conditional, scale)
    return ddim_step(x, noise, np.array(now), np.array(then))


def is_no_guidance_at_one(answer, scale, unconditional, **others):
    other = answer(scale=1.0, unconditional=unconditional + 1, **others)
    return answer(scale=1.0, unconditional=unconditional, **others), other


def stays_where_it_is(answer, x, now, then, **others):
    return answer(x=x, now=now, then=now, **others), x


def case(scale, now, then, right=None):
    given = {
        "x": np.array([1.0, 2.0]),
        "unconditional": np.array([0.5, -1.0]),
        "conditional": np.array([1.0, 0.25]),
        "scale": scale,
        "now": now,
        "then": then,
    }
    return Case(given, right)


EXERCISE = Exercise(
    asks="Write a step of DDIM with classifier-free guidance.",
    question="DL0083",
    page="diffusion/diffusion",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def guided_ddim(x, unconditional, conditional, scale, now, then):
    """Return x at the share `then`, from x at the share `now`.

    x, unconditional, conditional: noisy data, and the noise predicted in it
        without the condition and with it; floats of one shape
    scale: strength of the guidance, where 1 is none
    now, then: shares ᾱ of the data's variance, above 0 and at most 1
    """
    noise = unconditional + scale * (conditional - unconditional)
    data = (x - np.sqrt(1 - now) * noise) / np.sqrt(now)
    return np.sqrt(then) * data + np.sqrt(1 - then) * noise
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(2.0, 0.64, 1.0, np.array([0.125, 1.375])),
        case(1.0, 0.36, 0.64),
        case(4.0, 0.36, 0.64),
    ),
    laws=(
        Law("at a scale of 1 only the condition counts", is_no_guidance_at_one),
        Law("a step to where it is changes nothing", stays_where_it_is),
    ),
    bugs=(
        Bug(
            "unconditional + scale",
            "conditional + scale",
            "That is the paper's convention, where 0 is no guidance; here it is 1.",
        ),
        Bug(
            "scale * (conditional - unconditional)",
            "scale * (unconditional - conditional)",
            "The step beyond leads from the unconditional to the conditional noise.",
        ),
        Bug(
            "np.sqrt(1 - then) * noise",
            "np.sqrt(1 - then) * unconditional",
            "What is taken away and what is put back is one and the same noise.",
        ),
        Bug(
            "np.sqrt(then) * data + np.sqrt(1 - then) * noise",
            "np.sqrt(then) * data + np.sqrt(1 - now) * noise",
            "The noise, too, has the share of where the step leads.",
        ),
        Bug(
            "    return np.sqrt(then)",
            "    data = np.clip(data, -1, 1)\n    return np.sqrt(then)",
            "Clipping suits pixels in [−1, 1] only; latents go beyond.",
        ),
        Bug(
            "/ np.sqrt(now)",
            "/ now",
            "ᾱ is a share of the variance; the data's amplitude is its root.",
        ),
        Bug(
            "np.sqrt(then) * data + np.sqrt(1 - then) * noise",
            "np.sqrt(then / now) * (x - (now - then) / np.sqrt(1 - now) * noise)",
            "DDPM's mean without its noise is no step of DDIM: its noise is too small.",
        ),
    ),
    prints=(
        """
unconditional, conditional = 2.0, 3.0
print(unconditional + 7.5 * (conditional - unconditional))
""",
    ),
)
