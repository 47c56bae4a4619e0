"""Gradients that are shortened together."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(grads, max_norm):
    norm = np.linalg.norm(np.concatenate([grad.ravel() for grad in grads]))
    return tuple(grad / max(1.0, norm / max_norm) for grad in grads), norm


@st.composite
def inputs(choose):
    shapes = choose(st.lists(draw.shapes(least=1, most=2), min_size=1, max_size=3))
    return {
        "grads": [choose(draw.floats(shape)) for shape in shapes],
        "max_norm": choose(st.sampled_from([1.0, 2.0, 8.0])),
    }


def keeps_the_direction(answer, grads, max_norm):
    clipped, norm = answer(grads=grads, max_norm=max_norm)
    return tuple(x * max(norm, max_norm) for x in clipped), tuple(
        grad * max_norm for grad in grads
    )


def clips_once(answer, grads, max_norm):
    clipped, _ = answer(grads=grads, max_norm=max_norm)
    return answer(grads=list(clipped), max_norm=max_norm)[0], clipped


def case(*grads, right=None, max_norm=1.0):
    return Case({"grads": [np.array(x) for x in grads], "max_norm": max_norm}, right)


def right(norm, *grads):
    return tuple(np.array(x) for x in grads), np.array(norm)


EXERCISE = Exercise(
    asks="Clip gradients by their global norm.",
    question="DL0048",
    page="optimizers/adam",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def clip_by_global_norm(grads, max_norm):
    """Return the clipped gradients, a list, and the norm before clipping.

    grads: a list of float arrays of any shapes, which stay as they are
    max_norm: the largest norm that all of them together may have, > 0

    The norm is that of one vector that holds all entries of all arrays.
    Longer gradients keep their common direction; shorter ones do not change.
    """
    norm = np.sqrt(sum((grad**2).sum() for grad in grads))
    scale = max_norm / max(norm, max_norm)
    return [scale * grad for grad in grads], norm
''',
    torch='''
import torch


def clip_by_global_norm(grads, max_norm):
    """Return the clipped gradients, a list, and the norm before clipping.

    grads: a list of float tensors of any shapes, which stay as they are
    max_norm: the largest norm that all of them together may have, > 0

    The norm is that of one vector that holds all entries of all tensors.
    Longer gradients keep their common direction; shorter ones do not change.
    """
    norm = torch.sqrt(sum((grad**2).sum() for grad in grads))
    scale = max_norm / norm.clamp(min=max_norm)
    return [scale * grad for grad in grads], norm
''',
    reference=reference,
    against="one vector",
    inputs=inputs(),
    by_hand=(
        case([3.0], [4.0], right=right(5.0, [0.6], [0.8])),
        case([3.0, 4.0], max_norm=8.0, right=right(5.0, [3.0, 4.0])),
    ),
    extremes=(
        case([0.0], [0.0, 0.0], right=right(0.0, [0.0], [0.0, 0.0])),
        case([1e6], [0.0], right=right(1e6, [1.0], [0.0])),
    ),
    laws=(
        Law("all keep one direction", keeps_the_direction),
        Law("clipped twice is clipped once", clips_once),
    ),
    hint="One norm of all entries, one factor for all arrays, and none above 1.",
    bugs=(
        Bug(
            "    return [scale * grad for grad in grads], norm\n",
            "    for grad in grads:\n        grad *= scale\n    return grads, norm\n",
            "The gradients are scaled in place, but what was given is to stay as it is: "
            "put the products into a new list.",
        ),
        Bug(
            "return [scale * grad for grad in grads], norm",
            "return [g * max_norm / max(max_norm, np.sqrt((g**2).sum())) for g in grads],"
            " norm",
            "Each array is clipped by its own norm, which turns the common direction. "
            "All get one factor.",
        ),
        Bug(
            "return [scale * grad for grad in grads], norm",
            "return [np.clip(grad, -max_norm, max_norm) for grad in grads], norm",
            "This clips each entry, which turns the direction. Scale all by one factor.",
        ),
        Bug(
            "max_norm / max(norm, max_norm)",
            "max_norm / norm",
            "Short gradients are made longer, and zeros become NaN: never scale by more "
            "than 1.",
        ),
        Bug(
            "np.sqrt(sum((grad**2).sum() for grad in grads))",
            "sum(np.sqrt((grad**2).sum()) for grad in grads)",
            "The norms of the parts do not add up: their squares do.",
        ),
        Bug(
            "np.sqrt(sum((grad**2).sum() for grad in grads))",
            "sum((grad**2).sum() for grad in grads)",
            "That is the norm's square: take the root.",
        ),
    ),
    prints=(
        """
import numpy as np

grads = [np.array([3.0]), np.array([4.0])]
norm = np.sqrt(sum((grad**2).sum() for grad in grads))
print(f"{norm:.1f}")
""",
    ),
)
