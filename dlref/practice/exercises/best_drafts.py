"""The number of drafts that makes speculative decoding fastest."""

from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law

BONUS = (
    "A pass emits one token more than it keeps drafts: the redrawn one, or the bonus "
    "token."
)


@st.composite
def inputs(choose):
    return {
        "acceptance": choose(st.integers(0, 99)) / 100 + 0.0007,
        "cost_ratio": choose(st.integers(1, 60)) / 100 + 0.0003,
        "most": choose(st.integers(0, 20)),
    }


def reference(acceptance, cost_ratio, most):
    """Try all of them."""
    from dlref.cost import speculative_speedup

    gains = [speculative_speedup(acceptance, n, cost_ratio) for n in range(most + 1)]
    return gains.index(max(gains)), max(gains)


def is_plain_decoding_without_drafts(answer, acceptance, cost_ratio, most):
    return answer(acceptance=acceptance, cost_ratio=cost_ratio, most=0), (0, 1.0)


def gains_at_least_as_one(answer, acceptance, cost_ratio, most):
    _, gain = answer(acceptance=acceptance, cost_ratio=cost_ratio, most=most + 1)
    one = (1 + acceptance) / (1 + cost_ratio)
    return max(gain, one, 1.0), gain


def case(acceptance, cost_ratio, most, right, hint=""):
    given = {"acceptance": acceptance, "cost_ratio": cost_ratio, "most": most}
    return Case(given, right, hint)


EXERCISE = Exercise(
    asks="Find the number of drafts for which speculative decoding is fastest.",
    question="DL0075",
    page="generation/speculative-decoding",
    level="full",
    minutes=8,
    numpy='''
def best_drafts(acceptance, cost_ratio, most):
    """Return the best number of drafts, from 0 to most, and its speed-up.

    acceptance: probability that a draft is kept, each by itself, below 1
    cost_ratio: time of a step of the draft over that of a pass of the target
    most: the largest number of drafts to try

    The speed-up is that over plain decoding. A pass takes the same time for
    any number of drafts. Of equal ones, take the fewest.
    """
    best, most_gained = 0, 1.0
    for n in range(1, most + 1):
        tokens = (1 - acceptance ** (n + 1)) / (1 - acceptance)
        gain = tokens / (1 + n * cost_ratio)
        if gain > most_gained:
            best, most_gained = n, gain
    return best, most_gained
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(0.5, 0.1, 2, (2, 1.75 / 1.2), "(1 + 0.5 + 0.25) tokens in 1.2 passes."),
        case(0.5, 0.5, 1, (0, 1.0), "Kept as often as it costs: nothing is gained."),
        case(0.2, 0.1, 1, (1, 1.2 / 1.1), BONUS),
    ),
    extremes=(
        case(0.0, 0.1, 5, (0, 1.0), "No draft is ever kept: plain decoding is fastest."),
        case(0.99, 0.01, 0, (0, 1.0)),
    ),
    laws=(
        Law("without drafts it is plain decoding", is_plain_decoding_without_drafts),
        Law("one draft gains (1 + α)/(1 + c), or the best more", gains_at_least_as_one),
    ),
    bugs=(
        Bug(
            "acceptance ** (n + 1)) / (1 - acceptance)",
            "acceptance**n) * acceptance / (1 - acceptance)",
            BONUS,
        ),
        Bug(
            "(1 - acceptance ** (n + 1)) / (1 - acceptance)",
            "1 + n * acceptance",
            "A refusal ends the round: the i-th draft counts only if all before it were "
            "kept, with α^i.",
        ),
        Bug(
            "(1 + n * cost_ratio)",
            "1",
            "The drafts take time, too: n steps of the draft for each pass.",
        ),
        Bug(
            "(1 + n * cost_ratio)",
            "(n * cost_ratio)",
            "The target's own pass takes time, too: 1, and n steps of the draft.",
        ),
        Bug(
            "range(1, most + 1)",
            "range(1, most)",
            "The largest number is to be tried, too.",
        ),
    ),
)
