"""A learning rate that warms up, holds its peak, and goes down at the end."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.schedules import warmup_stable_decay


def reference(step, warmup, decay, total, peak, floor=0.0):
    return warmup_stable_decay(
        step,
        peak=peak,
        warmup_steps=warmup,
        decay_steps=decay,
        total_steps=total,
        minimum=floor,
    )


@st.composite
def inputs(choose):
    warmup, stable = choose(st.integers(0, 6)), choose(st.integers(0, 6))
    decay = choose(st.integers(1, 8))
    total = warmup + stable + decay
    return {
        "step": choose(st.integers(0, total + 6)),
        "warmup": warmup,
        "decay": decay,
        "total": total,
        "peak": choose(st.sampled_from([1.0, 0.5])),
        "floor": choose(st.sampled_from([0.0, 0.125])),
    }


def does_not_know_the_length(answer, step, decay, total, **others):
    early = min(step, total - decay)
    given = {"step": early, "decay": decay, **others}
    return answer(total=total, **given), answer(total=total + 9, **given)


def ends_at_the_floor(answer, step, total, floor, **others):
    last = answer(step=total + step, total=total, floor=floor, **others)
    return last, np.array(floor)


def case(step, right, **others):
    given = {"warmup": 2, "decay": 4, "total": 12, "peak": 1.0}
    return Case({"step": step, **given, **others}, np.array(right))


SHARE = "min(1.0, max(0.0, (step - start) / decay))"

EXERCISE = Exercise(
    asks="Write WSD: a learning rate that warms up, stays, and decays at the end.",
    question="DL0063",
    page="schedules/learning-rate",
    level="whiteboard",
    minutes=10,
    numpy='''
def stable_decay(step, warmup, decay, total, peak, floor=0.0):
    """Return the learning rate of a step.

    step: an integer, counted from 0
    warmup: steps of the warm-up, ≥ 0: along a line, from peak / warmup in
        step 0 to peak in step warmup − 1
    decay: steps of the decay, ≥ 1: along a line, from peak in step
        total − decay to floor in step total, the first that is not made
    total: steps in all, ≥ warmup + decay
    peak, floor: the largest rate, and the one that is kept from step total on
    """
    if step < warmup:
        return peak * (step + 1) / warmup
    start = total - decay
    share = min(1.0, max(0.0, (step - start) / decay))
    return floor + (peak - floor) * (1 - share)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(0, 0.5),
        case(1, 1.0),
        case(5, 1.0),
        case(8, 1.0),
        case(9, 0.75),
        case(9, 0.875, floor=0.5),
        case(11, 0.25),
    ),
    extremes=(
        case(0, 1.0, warmup=0),
        case(12, 0.5, floor=0.5),
        case(40, 0.0),
        case(2, 1.0, decay=10),
    ),
    laws=(
        Law("up to the decay, a longer run has the same rates", does_not_know_the_length),
        Law("the floor comes last, and stays", ends_at_the_floor),
    ),
    hint="Three pieces: a line from peak / warmup up to peak, the peak, and a line from "
    "step total − decay down to floor.",
    bugs=(
        Bug(
            "(step + 1) / warmup",
            "step / warmup",
            "The first step has a rate of 0: its batch is wasted. Step 0 is to have "
            "peak / warmup.",
        ),
        Bug(
            "start = total - decay",
            "start = warmup",
            "The decay follows the warm-up at once. WSD holds the peak until decay steps "
            "are left.",
        ),
        Bug(
            SHARE,
            "min(1.0, max(0.0, (step - start) / total))",
            "The decay is as long as the whole run, so that it is cut off on the way: "
            "T_max = N after a warm-up is the same mistake. Divide by its own steps.",
        ),
        Bug(
            SHARE,
            "max(0.0, (step - start) / decay)",
            "Past the last step the rate goes on, here below zero, and a cosine would "
            "climb. Hold the share at 1.",
        ),
        Bug(
            SHARE,
            "min(1.0, (step - start) / decay)",
            "Before the decay its share is negative, and the rate above the peak. Hold "
            "it at 0.",
        ),
        Bug(
            SHARE,
            "min(1.0, max(0.0, (step - start + 1) / decay))",
            "The decay is one step ahead: the last step that is made has the rate floor, "
            "which is to be that of step total.",
        ),
        Bug(
            "floor + (peak - floor) *",
            "floor + peak *",
            "The line spans peak − floor: here the rate is above the peak.",
        ),
        Bug(
            "floor + (peak - floor) *",
            "peak *",
            "The floor is left out: the line is to end there, and not at 0.",
        ),
    ),
    prints=(
        """
from math import sqrt

d, W = 16, 4  # Noam's largest rate
print(1 / sqrt(d * W))
""",
        """
W, D, N = 100, 200, 1000  # how many steps of WSD have its peak?
print(len(range(W - 1, N - D + 1)))
""",
    ),
)
