"""Gradients of several micro-batches, from a scaled loss, clipped at last."""

import numpy as np
from hypothesis import strategies as st

from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(batches, loss_scale, max_norm):
    """Join all entries into one vector, and cut it again."""
    rows = [np.concatenate([grad.ravel() for grad in grads]) for grads in batches]
    total = np.sum(rows, axis=0) / loss_scale
    norm = np.linalg.norm(total)
    total = total / max(1.0, norm / max_norm)
    ends = np.cumsum([grad.size for grad in batches[0]])[:-1]
    pairs = zip(np.split(total, ends), batches[0], strict=True)
    return tuple(part.reshape(grad.shape) for part, grad in pairs), norm


@st.composite
def inputs(choose):
    shapes = choose(st.lists(draw.shapes(least=1, most=2), min_size=1, max_size=3))
    count = choose(st.integers(1, 3))
    return {
        "batches": [[choose(draw.floats(s)) for s in shapes] for _ in range(count)],
        "loss_scale": choose(st.sampled_from([1.0, 2.0, 8.0])),
        "max_norm": choose(st.sampled_from([0.5, 1.0, 4.0])),
    }


def does_not_notice_the_scale(answer, batches, loss_scale, max_norm):
    scaled = [[4 * grad for grad in grads] for grads in batches]
    found = answer(batches=scaled, loss_scale=4 * loss_scale, max_norm=max_norm)
    return found, answer(batches=batches, loss_scale=loss_scale, max_norm=max_norm)


def does_not_notice_the_order(answer, batches, loss_scale, max_norm):
    rest = {"loss_scale": loss_scale, "max_norm": max_norm}
    return answer(batches=batches[::-1], **rest), answer(batches=batches, **rest)


def case(batches, right=None, loss_scale=1.0, max_norm=1.0):
    arrays = [[np.array(grad) for grad in grads] for grads in batches]
    return Case(
        {"batches": arrays, "loss_scale": loss_scale, "max_norm": max_norm}, right
    )


def right(norm, *grads):
    return tuple(np.array(grad) for grad in grads), np.array(norm)


EXERCISE = Exercise(
    asks="Add up the gradients of micro-batches, unscale them, and clip them.",
    question="DL0061",
    page="gradients/vanishing-gradients",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def accumulate_and_clip(batches, loss_scale, max_norm):
    """Return the clipped gradients, a list, and their norm before that.

    batches: a list of micro-batches, each a list of float arrays, one a
        parameter: the gradients of its loss times loss_scale
    loss_scale: a number > 0
    max_norm: the largest norm that all gradients together may have, > 0

    The gradients of the micro-batches add up. What is clipped does not
    depend on loss_scale. The input stays as it is.
    """
    grads = [sum(parts) / loss_scale for parts in zip(*batches)]
    norm = np.sqrt(sum((grad**2).sum() for grad in grads))
    factor = 1 / max(norm / max_norm, 1)
    return [factor * grad for grad in grads], norm
''',
    torch='''
import torch


def accumulate_and_clip(batches, loss_scale, max_norm):
    """Return the clipped gradients, a list, and their norm before that.

    batches: a list of micro-batches, each a list of float tensors, one a
        parameter: the gradients of its loss times loss_scale
    loss_scale: a number > 0
    max_norm: the largest norm that all gradients together may have, > 0

    The gradients of the micro-batches add up. What is clipped does not
    depend on loss_scale. The input stays as it is.
    """
    grads = [sum(parts) / loss_scale for parts in zip(*batches)]
    norm = torch.sqrt(sum((grad**2).sum() for grad in grads))
    factor = 1 / (norm / max_norm).clamp(min=1)
    return [factor * grad for grad in grads], norm
''',
    reference=reference,
    against="one vector",
    inputs=inputs(),
    by_hand=(
        case([[[3.0, 0.0]], [[0.0, 4.0]]], right(5.0, [0.6, 0.8])),
        case([[[1.5], [2.0]]], right(2.5, [0.6], [0.8]), loss_scale=1.0),
        case([[[3.0], [4.0]]], right(0.5, [0.3], [0.4]), loss_scale=10.0),
    ),
    extremes=(
        case([[[0.0], [0.0, 0.0]]], right(0.0, [0.0], [0.0, 0.0])),
        case([[[2.0]], [[-2.0]]], right(0.0, [0.0])),
        case([[[65536.0]]], right(1.0, [1.0]), loss_scale=65536.0),
    ),
    laws=(
        Law("the scale of the loss does not matter", does_not_notice_the_scale),
        Law("their order does not matter", does_not_notice_the_order),
    ),
    hint="Add, then divide by loss_scale, then take one norm of all, then multiply.",
    bugs=(
        Bug(
            "[factor * grad for grad in grads], norm",
            "[g / max(np.sqrt((g**2).sum()) / max_norm, 1) for g in grads], norm",
            "Each array is clipped by its own norm, which turns the common direction: "
            "all get one factor.",
        ),
        Bug(
            "    grads = [sum(parts) / loss_scale for parts in zip(*batches)]\n",
            "    size = lambda b: np.sqrt(sum((g**2).sum() for g in b)) / loss_scale\n"
            "    short = [[g / max(size(b) / max_norm, 1) for g in b] for b in batches]\n"
            "    grads = [sum(parts) / loss_scale for parts in zip(*short)]\n",
            "Each micro-batch is clipped before they are added: large and small ones "
            "then count alike. Add first.",
        ),
        Bug(
            "sum(parts) / loss_scale for parts in zip(*batches)]\n"
            "    norm = np.sqrt(sum((grad**2).sum() for grad in grads))\n"
            "    factor = 1 / max(norm / max_norm, 1)\n"
            "    return [factor * grad for grad in grads], norm",
            "sum(parts) for parts in zip(*batches)]\n"
            "    norm = np.sqrt(sum((grad**2).sum() for grad in grads))\n"
            "    factor = 1 / max(norm / max_norm, 1)\n"
            "    return [factor * grad / loss_scale for grad in grads], norm / "
            "loss_scale",
            "The bound is compared with the norm of the scaled gradients: divide by "
            "loss_scale before you clip.",
        ),
        Bug(
            "1 / max(norm / max_norm, 1)",
            "max_norm / norm",
            "Short gradients are made longer, and zeros NaN: no factor is above 1.",
        ),
        Bug(
            "sum(parts) / loss_scale for parts",
            "sum(parts) / loss_scale / len(parts) for parts",
            "The gradients are averaged here. Asked for is their sum: whoever wants the "
            "mean has divided the losses.",
        ),
        Bug(
            "sum(parts) / loss_scale for parts",
            "sum(parts) for parts",
            "The gradients are still those of the scaled loss: divide by loss_scale.",
        ),
    ),
    prints=(
        """
import numpy as np

batches = np.array([3.0, 0.0]), np.array([0.0, 4.0])
clipped = [grad / max(np.linalg.norm(grad), 1) for grad in batches]
print(f"{np.linalg.norm(sum(clipped)):.2f}")
""",
    ),
)
