"""The loss of SimCLR: two views of each example."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy import losses
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(first, second, tau):
    return losses.nt_xent(first, second, temperature=tau)


@st.composite
def inputs(choose):
    shape = choose(st.integers(2, 4)), choose(st.integers(1, 3))
    rows = draw.floats(shape).filter(lambda x: (abs(x).max(axis=1) > 0.125).all())
    tau = choose(st.sampled_from([0.25, 0.5, 1.0]))
    return {"first": choose(rows), "second": choose(rows), "tau": tau}


def lengths_play_no_part(answer, first, second, tau):
    longer = answer(first=2 * first, second=second / 4, tau=tau)
    return longer, answer(first=first, second=second, tau=tau)


def the_order_of_the_views(answer, first, second, tau):
    swapped = answer(first=second, second=first, tau=tau)
    found = answer(first=first, second=second, tau=tau)
    return swapped, np.roll(found, len(first))


CORNERS = np.array([[1.0, 0.0], [0.0, 2.0]])

EXERCISE = Exercise(
    asks="Write NT-Xent, the loss of SimCLR.",
    question="DL0069",
    page="losses/contrastive",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def nt_xent(first, second, tau):
    """Return what each of the 2N views costs: the first ones, then the second.

    first, second: floats (N, d), two views of N ≥ 2 examples; no row is zero
    tau: temperature, down to 0.001
    """
    views = np.concatenate([first, second])
    views = views / np.linalg.norm(views, axis=1, keepdims=True)
    scores = views @ views.T / tau
    np.fill_diagonal(scores, -np.inf)
    row = np.arange(len(views))
    partner = (row + len(first)) % len(views)
    top = scores.max(axis=1)
    logs = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return logs - scores[row, partner]
''',
    torch='''
import torch
import torch.nn.functional as F


def nt_xent(first, second, tau):
    """Return what each of the 2N views costs: the first ones, then the second.

    first, second: floats (N, d), two views of N ≥ 2 examples; no row is zero
    tau: temperature, down to 0.001
    """
    views = F.normalize(torch.cat([first, second]))
    itself = torch.eye(len(views), dtype=torch.bool)
    scores = (views @ views.T / tau).masked_fill(itself, -torch.inf)
    partner = torch.arange(len(views)).roll(len(first))
    return F.cross_entropy(scores, partner, reduction="none")
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        Case(
            {"first": CORNERS, "second": np.array([[3.0, 0.0], [4.0, 0.0]]), "tau": 0.5},
            np.log([2 + np.exp(-2), 3, 2 + np.exp(-2), 1 + 2 * np.exp(2)]),
        ),
        Case(
            {"first": np.ones((3, 2)), "second": np.ones((3, 2)), "tau": 0.25},
            np.full(6, np.log(5)),
        ),
    ),
    extremes=(
        Case(
            {"first": CORNERS, "second": CORNERS, "tau": 0.001},
            hint="Divided by a small temperature, cosines are large: subtract each row's "
            "maximum.",
        ),
    ),
    laws=(
        Law("longer and shorter embeddings cost the same", lengths_play_no_part),
        Law("the views may change places, with their costs", the_order_of_the_views),
    ),
    gradient=("first", "second"),
    bugs=(
        Bug(
            "    np.fill_diagonal(scores, -np.inf)\n",
            "",
            "A view meets itself: its cosine of 1 is no negative, and keeps each loss "
            "above log 2. Give the diagonal −∞.",
        ),
        Bug(
            "np.fill_diagonal(scores, -np.inf)",
            "np.fill_diagonal(scores, 0)",
            "A score of 0 still has e⁰ = 1 in the sum: it is a negative at a right "
            "angle. Give the diagonal −∞.",
        ),
        Bug(
            "views / np.linalg.norm(views, axis=1, keepdims=True)",
            "1 * views",
            "The lengths are left in: divide each view by its own.",
        ),
        Bug(
            "(row + len(first)) % len(views)",
            "(row + 1) % len(views)",
            "The partner of view i is N places on, as all first views stand before all "
            "second ones. The next view is another example.",
        ),
        Bug(
            "    logs = top + np.log(",
            "    scores[: len(first), : len(first)] = -np.inf\n    logs = top + np.log(",
            "The first views lose the negatives among themselves: each view has 2N − 2, "
            "of both kinds.",
        ),
        Bug(
            "np.exp(scores - top[:, None])",
            "np.exp(scores)",
            "The maximum is added back, but was not subtracted.",
        ),
        Bug(
            "top + np.log(np.exp(scores - top[:, None])",
            "np.log(np.exp(scores)",
            "At τ = 0.001 the exponential of a cosine of 1 overflows: take each row's "
            "maximum out of the sum.",
        ),
        Bug(
            "views.T / tau",
            "views.T",
            "The temperature is not used: it divides the cosines.",
        ),
    ),
    prints=(
        """
N = 256  # images, each with two views
views = 2 * N
print(views - 2)  # negatives of each
""",
    ),
)
