"""CLIP's loss of a batch of pairs."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import losses
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(images, texts, tau):
    return losses.clip_loss(images, texts, temperature=tau)


@st.composite
def inputs(choose):
    shape = choose(st.integers(2, 4)), choose(st.integers(1, 3))
    rows = draw.floats(shape).filter(lambda x: (abs(x).max(axis=1) > 0.125).all())
    tau = choose(st.sampled_from([0.25, 0.5, 1.0]))
    return {"images": choose(rows), "texts": choose(rows), "tau": tau}


def lengths_play_no_part(answer, images, texts, tau):
    longer = answer(images=2 * images, texts=texts / 4, tau=tau)
    return longer, answer(images=images, texts=texts, tau=tau)


def texts_may_be_the_images(answer, images, texts, tau):
    swapped = answer(images=texts, texts=images, tau=tau)
    return swapped, answer(images=images, texts=texts, tau=tau)


E = np.log1p(np.exp([-4.0, -2.0, -1.0, -5.0]))
SMALL = "Divided by a small temperature, cosines are large: subtract each row's maximum."

EXERCISE = Exercise(
    asks="Write CLIP's loss.",
    question="DL0069",
    page="losses/contrastive",
    level="whiteboard",
    minutes=8,
    numpy='''
import numpy as np


def clip_loss(images, texts, tau):
    """Return what each pair costs: the mean of both directions.

    images, texts: floats (N, d), whose rows i belong together; no row is zero
    tau: temperature, down to 0.001
    """
    x = images / np.linalg.norm(images, axis=1, keepdims=True)
    y = texts / np.linalg.norm(texts, axis=1, keepdims=True)
    scores = x @ y.T / tau
    costs = []
    for z in (scores, scores.T):
        z = z - z.max(axis=1, keepdims=True)
        costs.append(np.log(np.exp(z).sum(axis=1)) - np.diag(z))
    return (costs[0] + costs[1]) / 2
''',
    torch='''
import torch
import torch.nn.functional as F


def clip_loss(images, texts, tau):
    """Return what each pair costs: the mean of both directions.

    images, texts: floats (N, d), whose rows i belong together; no row is zero
    tau: temperature, down to 0.001
    """
    scores = F.normalize(images) @ F.normalize(texts).T / tau
    labels = torch.arange(len(scores))
    rows = F.cross_entropy(scores, labels, reduction="none")
    columns = F.cross_entropy(scores.T, labels, reduction="none")
    return (rows + columns) / 2
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {
                "images": np.array([[1.0, 0.0], [0.0, 1.0]]),
                "texts": np.array([[0.8, 0.6], [0.0, 1.0]]),
                "tau": 0.2,
            },
            np.array([E[0] + E[2], E[1] + E[3]]) / 2,
        ),
        Case(
            {"images": np.ones((4, 3)), "texts": np.ones((4, 3)), "tau": 0.5},
            np.full(4, np.log(4)),
        ),
    ),
    extremes=(
        # One row far above 0, and one far below.
        Case(
            {
                "images": np.array([[1.0, 0.0], [-1.0, 0.0]]),
                "texts": np.array([[1.0, 0.0], [2.0, 0.0]]),
                "tau": 0.001,
            },
            hint=SMALL,
        ),
    ),
    laws=(
        Law("longer and shorter embeddings cost the same", lengths_play_no_part),
        Law("texts and images may change places", texts_may_be_the_images),
    ),
    gradient=("images", "texts"),
    rtol=1e-3,  # in float32, 1000 + log 2 loses some digits
    bugs=(
        Bug(
            "images / np.linalg.norm(images, axis=1, keepdims=True)",
            "images",
            "The lengths are left in: longer images would change the loss. Divide each "
            "row of both by its length.",
        ),
        Bug(
            "np.linalg.norm(texts, axis=1, keepdims=True)",
            "np.linalg.norm(texts, axis=0, keepdims=True)",
            "A text is a row: sum its squares along axis 1. This divides each dimension "
            "by its length over the batch.",
        ),
        Bug(
            "y.T / tau",
            "y.T * tau",
            "The temperature divides: a small one makes differences large. CLIP "
            "multiplies by a scale, which is 1/τ.",
        ),
        Bug(
            "(scores, scores.T)",
            "(scores, scores)",
            "Images choose among texts twice. In the other direction texts choose among "
            "images: the rows of the transpose.",
        ),
        Bug(
            "z = z - z.max(axis=1, keepdims=True)",
            "z = 1 * z",
            "At τ = 0.001 the exponential of a cosine of 1 overflows. Subtract the "
            "maximum of each row.",
        ),
        Bug(
            "z.max(axis=1, keepdims=True)",
            "z.max()",
            "The maximum of the whole matrix is too large for a row far below it: all "
            "its exponentials are 0. Subtract each row's own.",
        ),
        Bug(
            "np.diag(z)",
            "z.max(axis=1)",
            "The right answer of row i is column i, on the diagonal, not the one with "
            "the highest score.",
        ),
        Bug(
            "(costs[0] + costs[1]) / 2",
            "costs[0] + costs[1]",
            "CLIP takes the mean of both directions, not their sum.",
        ),
    ),
    prints=(
        """
import numpy as np

one_way = np.ones((8, 3)) / np.sqrt(3)  # a collapsed encoder
scores = one_way @ one_way.T / 0.07
loss = np.log(np.exp(scores[0]).sum()) - scores[0, 0]
print(round(loss / np.log(2), 2))
""",
    ),
)
