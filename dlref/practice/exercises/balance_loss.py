"""The load-balancing loss of several layers, without padding."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.losses import load_balancing_loss
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.practice.exercises.switch_layer import apart

POOLED = (
    "Two layers that collapse on opposite experts look even together. Take a loss of "
    "each layer, then their mean."
)
PADDED = "Padding chooses alike and looks like a collapse. Only tokens of the mask count."
MEAN = "The sum over the experts, N times: a mean is N times too small."
SOFT = (
    "f counts tokens: the share that chose an expert. With probabilities in its place "
    "the loss does not see where tokens go."
)


@st.composite
def inputs(choose):
    layers, tokens, experts = (choose(st.integers(1, 3)) for _ in range(3))
    mask = choose(draw.flags((tokens,)))
    mask[choose(st.integers(0, tokens - 1))] = True
    return {
        "logits": apart(choose, (layers, tokens, experts)),
        "mask": mask,
        "k": choose(st.integers(1, experts)),
    }


def reference(logits, mask, k):
    losses = [load_balancing_loss(layer[mask], k) for layer in logits]
    return np.array(np.mean(losses))


def is_the_number_of_experts_if_all_are_chosen(answer, logits, mask, k):
    del k
    experts = logits.shape[-1]
    return answer(logits=logits, mask=mask, k=experts), np.array(float(experts))


def ignores_padding(answer, logits, mask, k):
    other = logits.copy()
    other[:, ~mask] = np.arange(logits.shape[-1])
    moved = answer(logits=other, mask=mask, k=k)
    return moved, answer(logits=logits, mask=mask, k=k)


def case(logits, mask, k, right, hint=""):
    given = {"logits": np.array(logits), "mask": np.array(mask), "k": k}
    return Case(given, np.array(right), hint)


TOKENS = np.log([[3.0, 1.0], [3.0, 1.0], [1.0, 4.0]])

EXERCISE = Exercise(
    asks="Write the load-balancing loss of several layers, without padding.",
    question="DL0077",
    page="layers/mixture-of-experts",
    level="whiteboard",
    minutes=10,
    numpy='''
import numpy as np


def balance_loss(logits, mask, k):
    """Return N times the sum of f P over the experts, the mean of all layers.

    logits: floats (layers, tokens, N), no two of a token equal
    mask: bools (tokens,), False for padding; one is True
    k: number of experts of each token

    f is the share of tokens that chose an expert, P its mean probability.
    """
    losses = []
    for z in logits[:, mask]:
        p = np.exp(z - z.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        best = np.argsort(-z, axis=-1)[:, :k]
        f = np.bincount(best.ravel(), minlength=z.shape[1]) / len(z)
        losses.append(z.shape[1] * (f * p.mean(axis=0)).sum())
    return np.mean(losses)
''',
    torch='''
import torch


def balance_loss(logits, mask, k):
    """Return N times the sum of f P over the experts, the mean of all layers.

    logits: floats (layers, tokens, N), no two of a token equal
    mask: bools (tokens,), False for padding; one is True
    k: number of experts of each token

    f is the share of tokens that chose an expert, P its mean probability.
    """
    z = logits[:, mask]
    best = z.topk(k, dim=-1).indices
    f = torch.zeros_like(z).scatter(-1, best, 1).mean(dim=1)
    P = z.softmax(dim=-1).mean(dim=1)
    return z.shape[-1] * (f * P).sum(dim=-1).mean()
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([TOKENS], [True] * 3, 1, 2 * (2 / 3 * 1.7 / 3 + 1 / 3 * 1.3 / 3)),
        case([TOKENS], [True, False, True], 1, 1.0),
        case(
            [99 * np.eye(2)[[0, 0]], 99 * np.eye(2)[[1, 1]]],
            [True, True],
            1,
            2.0,
            POOLED,
        ),
    ),
    extremes=(
        case(
            [[[1e4, -1e4], [1e4, -1e4]]],
            [True, True],
            1,
            2.0,
            "Subtract the largest logit before the exponential: e^10000 is ∞.",
        ),
    ),
    laws=(
        Law(
            "if all experts are chosen it is N",
            is_the_number_of_experts_if_all_are_chosen,
        ),
        Law("what stands in padding changes nothing", ignores_padding),
    ),
    gradient=("logits",),
    bugs=(
        Bug("(f * p.mean(axis=0)).sum()", "(f * p.mean(axis=0)).mean()", MEAN),
        Bug("for z in logits[:, mask]:", "for z in logits:", PADDED),
        Bug(
            "for z in logits[:, mask]:",
            "for z in [logits[:, mask].reshape(-1, logits.shape[-1])]:",
            POOLED,
        ),
        Bug(
            "np.bincount(best.ravel(), minlength=z.shape[1]) / len(z)",
            "k * p.mean(axis=0)",
            SOFT,
        ),
        Bug(
            "np.argsort(-z, axis=-1)[:, :k]",
            "np.argsort(-z, axis=-1)[:, :1]",
            "Each token chooses k experts, and all of them count in f.",
        ),
    ),
    prints=(
        """
f, P = [0.75, 0.25], [0.5, 0.5]
print(2 * sum(a * b for a, b in zip(f, P)))
""",
    ),
)
