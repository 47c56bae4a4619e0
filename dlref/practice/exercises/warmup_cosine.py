"""A learning rate that warms up, and then goes down along a cosine."""

import math

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(step, warmup, total, peak, floor):
    """Read it off lines and a half-angle, for all steps at once."""
    up = peak * np.arange(1, warmup + 1) / max(1, warmup)
    angle = np.linspace(0, math.pi / 2, total - warmup + 1)
    down = floor + (peak - floor) * np.cos(angle) ** 2
    return np.append(up, down)[min(step, total)]


@st.composite
def inputs(choose):
    warmup = choose(st.integers(0, 8))
    total = warmup + choose(st.integers(1, 16))
    return {
        "step": choose(st.integers(0, total + 8)),
        "warmup": warmup,
        "total": total,
        "peak": choose(st.sampled_from([1.0, 0.5])),
        "floor": choose(st.sampled_from([0.0, 0.125])),
    }


def ends_at_the_floor(answer, step, total, floor, **others):
    last = answer(step=total + step, total=total, floor=floor, **others)
    return last, np.array(floor)


def reaches_the_peak_twice(answer, step, warmup, peak, **others):
    given = {"warmup": warmup, "peak": peak, **others}
    first = answer(step=max(warmup - 1, 0), **given)
    return (first, answer(step=warmup, **given)), (np.array(peak), np.array(peak))


def case(step, right, warmup=4, **floor):
    given = {"step": step, "warmup": warmup, "total": 12, "peak": 1.0, **floor}
    return Case(given, np.array(right))


EXERCISE = Exercise(
    asks="Write a learning rate with warm-up and cosine decay.",
    question="DL0048",
    page="optimizers/adam",
    level="whiteboard",
    minutes=10,
    numpy='''
import math


def warmup_cosine(step, warmup, total, peak, floor=0.0):
    """Return the learning rate of a step.

    step: an integer, counted from 0
    warmup: number of steps of the warm-up, ≥ 0: the rate rises along a line,
        from peak / warmup in step 0 to peak in step warmup − 1
    total: number of steps in all, > warmup: from peak in step warmup, half a
        period of a cosine leads down to floor in step total
    peak, floor: the largest rate, and the one that is kept from then on
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2
''',
    reference=reference,
    against="a table",
    inputs=inputs(),
    by_hand=(
        case(0, 0.25),
        case(4, 1.0),
        case(8, 0.5),
        case(8, 0.625, floor=0.25),
    ),
    extremes=(
        case(0, 1.0, warmup=0),
        case(3, 1.0),
        case(12, 0.25, floor=0.25),
        case(20, 0.25, floor=0.25),
    ),
    laws=(
        Law("the floor comes last, and stays", ends_at_the_floor),
        Law("the warm-up ends at the peak", reaches_the_peak_twice),
    ),
    hint="Three pieces: a line from peak / warmup up to peak, half a period of a cosine "
    "from peak to floor, and floor from then on.",
    bugs=(
        Bug(
            "(step + 1) / warmup",
            "step / warmup",
            "The first step has a rate of 0: its batch is wasted. Step 0 is to have "
            "peak / warmup.",
        ),
        Bug(
            "min(1.0, (step - warmup) / (total - warmup))",
            "0.0",
            "A rate that stays at its peak keeps the weights in motion to the end: near "
            "the minimum gradients are noise, and a quarter of the rate halves the "
            "distance that is left.",
        ),
        Bug(
            "min(1.0, (step - warmup) / (total - warmup))",
            "(step - warmup) / (total - warmup)",
            "Past the last step, the cosine rises again: hold the progress at 1.",
        ),
        Bug(
            "(step - warmup) / (total - warmup)",
            "step / total",
            "The cosine starts after the warm-up: counted from step 0, the rate jumps "
            "down where the warm-up ends.",
        ),
        Bug(
            "floor + (peak - floor) *",
            "floor + peak *",
            "The cosine spans peak − floor: here the rate begins above the peak.",
        ),
        Bug(
            "floor + (peak - floor) *",
            "peak *",
            "The floor is left out: the cosine is to end there, and not at 0.",
        ),
        Bug(
            "(1 + math.cos(math.pi * progress)) / 2",
            "math.cos(math.pi * progress / 2)",
            "That is a quarter of a period, which ends with its steepest slope. Half a "
            "period, lifted by 1 and halved, is flat at both ends.",
        ),
    ),
    prints=(
        """
from math import cos, pi

peak, floor = 1.0, 0.1  # halfway between them
print(f"{floor + (peak - floor) * (1 + cos(pi / 2)) / 2:.2f}")
""",
    ),
)
