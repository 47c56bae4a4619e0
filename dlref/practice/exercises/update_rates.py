"""The learning rates that a loop uses: accumulated, resumed, and with skipped updates."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(schedule, finite, accumulate, done=0):
    """Count the updates that are made, and look all of them up at once."""
    groups = np.array(finite, bool)[: len(finite) // accumulate * accumulate]
    made = int(groups.reshape(-1, accumulate).all(axis=1).sum())
    return np.take(schedule, range(done, done + made), mode="clip").astype(float)


def use(answer, **inputs):
    return np.array(answer(**inputs), float)


@st.composite
def inputs(choose):
    count = choose(st.integers(1, 6))
    return {
        "schedule": [1.0 - index / 8 for index in range(count)],
        "finite": choose(
            st.lists(st.sampled_from([True, True, True, False]), max_size=12)
        ),
        "accumulate": choose(st.integers(1, 3)),
        "done": choose(st.integers(0, 4)),
    }


def resumes(answer, schedule, finite, accumulate, done):
    """Stop after two updates that are due, made or not, and go on."""
    cut = min(2 * accumulate, len(finite) // accumulate * accumulate)
    given = {"schedule": schedule, "accumulate": accumulate}
    first = answer(finite=finite[:cut], done=done, **given)
    later = answer(finite=finite[cut:], done=done + len(first), **given)
    return np.append(first, later), answer(finite=finite, done=done, **given)


def case(right, finite, accumulate=1, **done):
    given = {"schedule": [0.5, 1.0, 0.75, 0.25], "accumulate": accumulate, **done}
    return Case({**given, "finite": finite}, np.array(right, float))


STEP = "done + len(rates)"

EXERCISE = Exercise(
    asks="Give the learning rate of each update: accumulated, resumed, some skipped.",
    question="DL0063",
    page="schedules/learning-rate",
    level="full",
    minutes=15,
    numpy='''
def update_rates(schedule, finite, accumulate, done=0):
    """Return the list of the learning rates of the updates that are made.

    schedule: a list: the rate of update 0, 1, …; the last one is kept
    finite: a list of bools: is the gradient of each micro-batch finite?
    accumulate: micro-batches of an update, ≥ 1; a rest makes none
    done: number of updates that the run before this one made

    An update is skipped, and not counted, if a gradient is not finite.
    """
    rates = []
    for end in range(accumulate, len(finite) + 1, accumulate):
        if all(finite[end - accumulate : end]):
            step = done + len(rates)
            rates.append(schedule[min(step, len(schedule) - 1)])
    return rates
''',
    reference=reference,
    against="a count of the updates",
    use=use,
    inputs=inputs(),
    by_hand=(
        case([0.5, 1.0, 0.75], [True] * 3),
        case([0.5, 1.0], [True] * 4, accumulate=2),
        case([0.75, 0.25], [True] * 2, done=2),
        case([0.5, 1.0], [True, False, True]),
    ),
    extremes=(
        case([], []),
        case([], [True], accumulate=2),
        case([0.25] * 3, [True] * 3, done=9),
        case([0.5], [True, False, True, True], accumulate=2),
    ),
    laws=(Law("stopped and resumed, the rates are the same", resumes),),
    hint="Count the updates that are made, those of the earlier run too: that is the "
    "index of the next one.",
    bugs=(
        Bug(
            STEP,
            "done + end - accumulate",
            "The scheduler steps with each micro-batch: the schedule is through after a "
            "quarter of the run, if four are accumulated. Step once per update.",
        ),
        Bug(
            STEP,
            "done + len(rates) + 1",
            "The scheduler steps before the optimizer: the first rate is never used.",
        ),
        Bug(
            STEP,
            "len(rates)",
            "A resumed run begins the schedule anew. Save the scheduler's state, or "
            "count the updates made before.",
        ),
        Bug(
            STEP,
            "done + end // accumulate - 1",
            "A skipped update moves the schedule on, although no weight moved.",
        ),
        Bug(
            "schedule[min(step, len(schedule) - 1)]",
            "schedule[step % len(schedule)]",
            "Past its end the schedule begins anew: the rate climbs back. Keep the last.",
        ),
        Bug(
            "all(finite[end - accumulate : end])",
            "any(finite[end - accumulate : end])",
            "One gradient that is not finite spoils the sum: all of the update "
            "is skipped.",
        ),
        Bug(
            "range(accumulate, len(finite) + 1, accumulate)",
            "range(accumulate, len(finite), accumulate)",
            "The last update is not made: a range stops before its end.",
        ),
    ),
    prints=(
        """
K, N = 4, 1000  # a cosine for N updates, stepped with each of K micro-batches
print(N // K)  # after so many updates it is down
""",
    ),
)
