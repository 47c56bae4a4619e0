"""Triplet loss with the hardest positive and the hardest negative of the batch."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import triplet_loss
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, labels, margin):
    d = np.linalg.norm(x[:, None] - x, axis=-1)
    same = labels[:, None] == labels
    positive = np.where(same, d, -1).argmax(axis=1)
    negative = np.where(same, np.inf, d).argmin(axis=1)
    return triplet_loss(x, x[positive], x[negative], margin=margin)


@st.composite
def inputs(choose):
    rng = np.random.default_rng(choose(st.integers(0, 2**32 - 1)))
    classes, each = choose(st.integers(2, 3)), choose(st.integers(2, 3))
    x = rng.normal(size=(classes * each, choose(st.integers(1, 3))))
    return {
        "x": x.astype("float32").astype(float),
        "labels": np.arange(len(x)) % classes,
        "margin": choose(st.sampled_from([0.25, 0.5, 1.0])),
    }


def moving_all_changes_nothing(answer, x, labels, margin):
    moved = answer(x=x + 0.5, labels=labels, margin=margin)
    return moved, answer(x=x, labels=labels, margin=margin)


def names_of_classes_do_not_matter(answer, x, labels, margin):
    renamed = answer(x=x, labels=7 - labels, margin=margin)
    return renamed, answer(x=x, labels=labels, margin=margin)


LINE = np.array([[0.0], [1.0], [3.0], [1.5], [4.0]])

EXERCISE = Exercise(
    asks="Write triplet loss on the hardest triplets of a batch.",
    question="DL0069",
    page="losses/contrastive",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def batch_hard_triplet(x, labels, margin):
    """Return what each row costs, with its hardest positive and negative.

    x: floats (N, d)
    labels: integers (N,), two classes or more, each twice or more
    margin: of distances, which are not squared
    """
    d = np.linalg.norm(x[:, None] - x, axis=-1)
    same = labels[:, None] == labels
    near = np.where(same, d, 0).max(axis=1)
    far = np.where(same, np.inf, d).min(axis=1)
    return np.maximum(near - far + margin, 0)
''',
    torch='''
import torch


def batch_hard_triplet(x, labels, margin):
    """Return what each row costs, with its hardest positive and negative.

    x: floats (N, d)
    labels: integers (N,), two classes or more, each twice or more
    margin: of distances, which are not squared, and have a slope of 0 at 0
    """
    d = torch.cdist(x, x)
    same = labels[:, None] == labels
    near = d.masked_fill(~same, 0).amax(dim=1)
    far = d.masked_fill(same, torch.inf).amin(dim=1)
    return (near - far + margin).clamp(min=0)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"x": LINE, "labels": np.array([0, 0, 0, 1, 1]), "margin": 0.25},
            np.array([1.75, 1.75, 2.25, 2.25, 1.75]),
        ),
        Case(
            {
                "x": np.array([[0.0, 0.0], [3.0, 4.0], [0.0, 12.0], [0.0, 14.0]]),
                "labels": np.array([5, 5, 2, 2]),
                "margin": 0.5,
            },
            np.maximum([5 - 12 + 0.5, 5.5 - np.sqrt(73), 2.5 - np.sqrt(73), 0.0], 0),
        ),
    ),
    extremes=(
        # Two equal rows, which are no one's nearest negative: there would be two.
        Case(
            {
                "x": np.array([[0.0, 0], [0, 0], [1, 0], [1, 1], [1.5, 0], [1.5, -1.25]]),
                "labels": np.array([0, 0, 1, 1, 2, 2]),
                "margin": 2.0,
            },
            hint="At distance 0 the slope is 0. The root of a sum of squares has NaN: "
            "take a norm of the library. An `eps` moves the distance from 0, and the "
            "slope too.",
        ),
    ),
    laws=(
        Law("moving all embeddings changes nothing", moving_all_changes_nothing),
        Law("other names for the classes change nothing", names_of_classes_do_not_matter),
    ),
    gradient=("x",),
    bugs=(
        Bug(
            "np.linalg.norm(x[:, None] - x, axis=-1)",
            "((x[:, None] - x) ** 2).sum(axis=-1)",
            "These are squared distances, as FaceNet has them. The margin here is one of "
            "plain distances, as in PyTorch.",
        ),
        Bug(
            "np.where(same, np.inf, d)",
            "np.where(np.eye(len(x), dtype=bool), np.inf, d)",
            "The nearest other row may be of the same class: a negative is of another.",
        ),
        Bug(
            "np.where(same, d, 0).max(axis=1)",
            "np.where(same, d, np.inf).min(axis=1)",
            "The nearest of its class is the anchor itself, at 0. The hardest positive "
            "is the farthest.",
        ),
        Bug(
            "np.where(same, np.inf, d).min(axis=1)",
            "np.where(same, 0, d).max(axis=1)",
            "The farthest negative is the easiest: take the nearest.",
        ),
        Bug(
            "near - far + margin",
            "far - near + margin",
            "The loss falls when the negative is *farther*: near − far + margin.",
        ),
        Bug(
            "near - far + margin",
            "near - far - margin",
            "The margin makes the task harder: it is added before the cut at 0.",
        ),
        Bug(
            "np.maximum(near - far + margin, 0)",
            "near - far + margin",
            "Cut the loss off at 0: a triplet that keeps the margin costs nothing.",
        ),
        Bug(
            "torch.cdist(x, x)",
            "(x[:, None] - x).square().sum(dim=-1).sqrt()",
            "The root has no slope at 0, and each row is at 0 from itself: all gradients "
            "are NaN. `cdist` and `vector_norm` take 0 there.",
            "torch",
        ),
    ),
    prints=(
        """
import numpy as np

anchor, positive, negative = np.array([0.0, 1.0, 1.5])
print(abs(anchor - positive) - abs(anchor - negative) + 1)
""",
    ),
)
