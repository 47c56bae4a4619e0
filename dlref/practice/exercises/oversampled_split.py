"""A split in which the rare class is oversampled for training, and there alone."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(order, targets, test_size, copies):
    train = []
    for example in order[test_size:].tolist():
        train += [example] * (copies if targets[example] else 1)
    return np.array(train, dtype=int), order[:test_size]


@st.composite
def inputs(choose):
    count = choose(st.integers(1, 7))
    return {
        "order": np.array(choose(st.permutations(range(count)))),
        "targets": choose(draw.flags((count,))),
        "test_size": choose(st.integers(0, count - 1)),
        "copies": choose(st.integers(1, 4)),
    }


def shares_nothing(answer, **given):
    train, test = answer(**given)
    return np.intersect1d(train, test), np.array([], dtype=int)


def tests_on_each_once(answer, test_size, **given):
    _, test = answer(test_size=test_size, **given)
    return np.array(len(test)), np.array(test_size)


def case(order, targets, test_size, copies, right=None):
    given = {"order": np.array(order), "targets": np.array(targets, dtype=bool)}
    right = right and tuple(np.array(x, dtype=int) for x in right)
    return Case({**given, "test_size": test_size, "copies": copies}, right)


EXERCISE = Exercise(
    asks="Split a data set for training and test, and oversample the positives.",
    question="DL0047",
    page="losses/focal-vs-weighted-cross-entropy",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def oversampled_split(order, targets, test_size, copies):
    """Return the indices of the examples to train on, and those to test on.

    order: integers (n,), the indices 0 to n − 1, shuffled
    targets: bools (n,); targets[i] says whether example i is a positive
    test_size: the first so many of `order` are for the test
    copies: how often each positive is to be trained on; each negative once

    Both parts keep the order of `order`, and copies stand side by side. The
    test must tell how the model does on new examples, as they come.
    """
    test, train = order[:test_size], order[test_size:]
    counts = np.where(targets[train], copies, 1)
    return np.repeat(train, counts), test
''',
    reference=reference,
    against="loops",
    inputs=inputs(),
    by_hand=(
        case([2, 0, 1], [0, 1, 0], 1, 2, ([0, 1, 1], [2])),
        case([3, 1, 0, 2], [1, 0, 0, 1], 2, 3, ([0, 0, 0, 2], [3, 1])),
    ),
    extremes=(
        case([0], [1], 0, 3, ([0, 0, 0], [])),
        case([1, 0], [0, 0], 1, 3, ([0], [1])),
    ),
    laws=(
        Law("no example is on both sides", shares_nothing),
        Law("the test has each example once", tests_on_each_once),
    ),
    hint="First split, then repeat the positives of the training part; copies stand side "
    "by side.",
    bugs=(
        Bug(
            "    counts = np.where(targets[train], copies, 1)\n"
            "    return np.repeat(train, counts), test\n",
            "    order = np.repeat(order, np.where(targets[order], copies, 1))\n"
            "    return order[test_size:], order[:test_size]\n",
            "Oversampling before the split puts copies of one example on both sides: the "
            "test then asks for what was learned by heart. Split first.",
        ),
        Bug(
            "np.repeat(train, counts), test",
            "np.repeat(train, counts), np.repeat(test, 1 + (copies - 1) * targets[test])",
            "The test is to have the classes as they come: oversample for training only.",
        ),
        Bug(
            "np.where(targets[train], copies, 1)",
            "np.where(targets[test_size:], copies, 1)",
            "The targets are those of examples 0, 1, 2 and so on, and the examples are "
            "shuffled: look up each example's own.",
        ),
        Bug(
            "np.where(targets[train], copies, 1)",
            "np.where(targets[train], 1 + copies, 1)",
            "A positive is to be there `copies` times in all, the original included.",
        ),
        Bug(
            "np.where(targets[train], copies, 1)",
            "np.where(targets[train], 1, copies)",
            "It is the positives that are to be copied.",
        ),
        Bug(
            "np.repeat(train, counts), test",
            "np.repeat(train, copies), test",
            "All examples are copied, which changes no share: copy the positives alone.",
        ),
    ),
    prints=(
        """
import numpy as np

examples = np.repeat(np.arange(3), 4)  # four copies each
test, train = examples[:6], examples[6:]
print(np.isin(test, train).sum())
""",
    ),
)
