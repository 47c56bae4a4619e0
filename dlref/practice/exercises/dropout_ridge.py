"""The weights of a linear regression whose inputs are dropped, without any draw."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import dropout_ridge
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, targets, rate):
    return dropout_ridge(np.asarray(x, float), np.asarray(targets, float), rate)


@st.composite
def inputs(choose):
    rows, features = choose(st.integers(1, 5)), choose(st.integers(1, 3))
    x = choose(draw.floats((rows, features), -4, 4))
    return {
        "x": np.where(abs(x) < 0.5, 0.5, x),  # no column without length
        "targets": choose(draw.floats((rows,), -4, 4)),
        "rate": choose(st.sampled_from([0.25, 0.5, 0.75])),
    }


def minds_no_units(answer, x, **others):
    """A feature in other units predicts the same."""
    units = np.arange(2.0, 2 + x.shape[1])
    return x * units @ answer(x=x * units, **others), x @ answer(x=x, **others)


def case(x, targets, rate, right):
    inputs = {"x": np.array(x), "targets": np.array(targets), "rate": rate}
    return Case(inputs, np.array(right))


EXERCISE = Exercise(
    asks="Find the weights that dropout leads a linear regression to, exactly.",
    question="DL0059",
    page="layers/dropout",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def dropout_ridge(x, targets, rate):
    """Return the weights with the least squared error, over all masks.

    x: floats (examples, features), which dropout sets to 0 with probability
        rate, each by itself, and divides by 1 - rate otherwise
    targets: floats (examples,)
    rate: above 0 and below 1

    The model is x @ weights, without a bias. Draw nothing: the mean over
    all masks is known.
    """
    gram = x.T @ x
    penalty = rate / (1 - rate) * np.diag(np.diag(gram))
    return np.linalg.solve(gram + penalty, x.T @ targets)
''',
    torch='''
import torch


def dropout_ridge(x, targets, rate):
    """Return the weights with the least squared error, over all masks.

    x: floats (examples, features), which dropout sets to 0 with probability
        rate, each by itself, and divides by 1 - rate otherwise
    targets: floats (examples,)
    rate: above 0 and below 1

    The model is x @ weights, without a bias. Draw nothing: the mean over
    all masks is known.
    """
    gram = x.T @ x
    penalty = rate / (1 - rate) * gram.diag().diag()
    return torch.linalg.solve(gram + penalty, x.T @ targets)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-4,
    by_hand=(
        case([[1.0], [1.0]], [3.0, 5.0], 0.5, [2.0]),
        case([[1.0, 0.0], [0.0, 2.0]], [1.0, 4.0], 0.25, [0.75, 1.5]),
    ),
    extremes=(
        case([[1.0, 1.0]], [3.0], 0.5, [1.0, 1.0]),
        case([[1000.0, 0.0], [0.0, 1.0]], [1000.0, 1.0], 0.5, [0.5, 0.5]),
    ),
    laws=(Law("the units of a feature do not matter", minds_no_units),),
    hint="(XᵀX + rate/(1 - rate) diag(XᵀX)) w = Xᵀt.",
    bugs=(
        Bug(
            "rate / (1 - rate) * np.diag(np.diag(gram))",
            "rate / (1 - rate) * np.eye(len(gram))",
            "That is plain L2. Dropout makes a weight pay for the size of its input: the "
            "penalty has the diagonal of XᵀX.",
        ),
        Bug(
            "rate / (1 - rate) * np.diag(np.diag(gram))",
            "(1 - rate) / rate * np.diag(np.diag(gram))",
            "Keep and drop are swapped: the paper's (1 - p)/p has p as the share that "
            "stays.",
        ),
        Bug(
            "rate / (1 - rate) * np.diag(np.diag(gram))",
            "rate * (1 - rate) * np.diag(np.diag(gram))",
            "p(1 - p) is the variance of a mask that is not scaled. Divided by (1 - p)², "
            "as the inputs are by 1 - p, it is p/(1 - p).",
        ),
        Bug(
            "rate / (1 - rate) * np.diag(np.diag(gram))",
            "rate / (1 - rate) * gram",
            "All of XᵀX would only shrink the weights alike. Masks of two inputs are "
            "independent: the noise adds to the diagonal alone.",
        ),
        Bug(
            "gram + penalty, x.T",
            "gram, x.T",
            "Without the penalty these are least squares, as if nothing were dropped.",
        ),
    ),
    prints=(
        """
import numpy as np

t, w = 3.0, np.array([1.0, 1.0])
losses = []
for mask in np.ndindex(2, 2):
    x = np.array([1.0, 2.0]) * mask / 0.5
    losses.append((t - x @ w) ** 2)
print(np.mean(losses))
""",
    ),
)
