"""The true probabilities, from a model that was trained with weights."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(logits, class_weights, trained, used):
    """Divide the odds against the first class by what training made of them."""
    factor = [u / (w * t) for u, w, t in zip(used, class_weights, trained, strict=True)]
    rows = []
    for row in logits.reshape(-1, len(factor)):
        odds = [
            [f / g * np.exp(z - y) for z, f in zip(row, factor, strict=True)]
            for y, g in zip(row, factor, strict=True)
        ]
        rows.append([1 / sum(against) for against in odds])
    return np.array(rows).reshape(logits.shape)


def shares(count):
    """Draw shares of classes that sum to 1."""
    parts = st.lists(st.integers(1, 8), min_size=count, max_size=count)
    return parts.map(lambda x: np.array(x) / sum(x))


@st.composite
def inputs(choose):
    count = choose(st.integers(2, 4))
    shape = (*choose(draw.shapes(most=1)), count)
    return {
        "logits": choose(draw.floats(shape)),
        "class_weights": choose(draw.floats((count,), 0.5, 8)),
        "trained": choose(shares(count)),
        "used": choose(shares(count)),
    }


def is_softmax(answer, logits, class_weights, trained, used):
    even = np.ones_like(class_weights)
    found = answer(logits=logits, class_weights=even, trained=used, used=used)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return found, weights / weights.sum(axis=-1, keepdims=True)


def knows_no_unit(answer, class_weights, **others):
    doubled = answer(class_weights=2 * class_weights, **others)
    return doubled, answer(class_weights=class_weights, **others)


def case(logits, weights, trained, used, right=None):
    names = "logits", "class_weights", "trained", "used"
    given = map(np.array, (logits, weights, trained, used))
    right = None if right is None else np.array(right)
    return Case(dict(zip(names, given, strict=True)), right)


EVEN, RARE = [0.5, 0.5], [0.9, 0.1]

EXERCISE = Exercise(
    asks="Take class weights and balanced batches out of a model's probabilities.",
    question="DL0047",
    page="losses/focal-vs-weighted-cross-entropy",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def undo_weights(logits, class_weights, trained, used):
    """Return the probabilities (..., K) of the classes where a model is used.

    logits: floats (..., K), up to 1000 in size, of a model that fits its
        training perfectly
    class_weights: positive floats (K,), the weights of its cross-entropy
    trained: positive floats (K,), the classes' shares in its batches
    used: positive floats (K,), the classes' shares where it is used

    The inputs of a class look alike in training and in use.
    """
    logits = logits - np.log(class_weights) + np.log(used / trained)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
''',
    torch='''
import torch


def undo_weights(logits, class_weights, trained, used):
    """Return the probabilities (..., K) of the classes where a model is used.

    logits: floats (..., K), up to 1000 in size, of a model that fits its
        training perfectly
    class_weights: positive floats (K,), the weights of its cross-entropy
    trained: positive floats (K,), the classes' shares in its batches
    used: positive floats (K,), the classes' shares where it is used

    The inputs of a class look alike in training and in use.
    """
    logits = logits - class_weights.log() + (used / trained).log()
    return logits.softmax(dim=-1)
''',
    reference=reference,
    against="plain odds",
    inputs=inputs(),
    by_hand=(
        case([0.0, 0.0], [1.0, 9.0], RARE, RARE, [0.9, 0.1]),
        case([0.0, 0.0], [1.0, 1.0], EVEN, RARE, [0.9, 0.1]),
        case([0.0, np.log(9.0)], [1.0, 9.0], EVEN, RARE, [0.9, 0.1]),
    ),
    extremes=(
        case([1000.0, 0.0], [1.0, 9.0], EVEN, RARE, [1.0, 0.0]),
        case([-1000.0, -1000.0], [1.0, 1.0], EVEN, EVEN, [0.5, 0.5]),
        case([[1e3, 0.0], [0.0, 0.0]], [1.0, 1.0], EVEN, EVEN, [[1.0, 0.0], [0.5, 0.5]]),
    ),
    laws=(
        Law("nothing to undo: a softmax", is_softmax),
        Law("twice all weights is the same", knows_no_unit),
    ),
    hint="A weight multiplies its class's odds, and so does a share of the batches: on "
    "the logits, both are sums.",
    bugs=(
        Bug(
            "logits - np.log(class_weights)",
            "logits + np.log(class_weights)",
            "Training has added ln w to the logits already: subtract it.",
        ),
        Bug(
            "logits - np.log(class_weights)",
            "logits / class_weights",
            "A factor on the logits, like a temperature, leaves p = 0.5 where it is, but "
            "a weight has shifted that point. Undo the shift.",
        ),
        Bug(
            " - np.log(class_weights) + np.log(used / trained)",
            " - np.log(class_weights)",
            "Balanced batches multiply the odds, too. At 10% positives and a weight of "
            "9, the odds come out 81 times too high: undo both.",
        ),
        Bug(
            " - np.log(class_weights) + np.log(used / trained)",
            " + np.log(used / trained)",
            "The class weights are still in it: they multiply the odds, whatever the "
            "batches are.",
        ),
        Bug(
            "used / trained",
            "trained / used",
            "The shares are swapped: a class that is rarer in use than in training loses "
            "probability.",
        ),
        Bug(
            "logits - np.log(class_weights)",
            "logits - class_weights",
            "The weight multiplies the odds, so that the logit is shifted by its log.",
        ),
        Bug(
            "np.exp(logits - logits.max(axis=-1, keepdims=True))",
            "np.exp(logits)",
            "exp(1000) overflows: subtract the row's maximum first, which changes "
            "nothing.",
        ),
    ),
    prints=(
        """
odds = 1 / 9  # 10% positives
odds *= 9  # balanced batches
odds *= 9  # and a weight of 9
print(f"{odds / (1 + odds):.2f}")
""",
    ),
)
