"""Batch norm of token vectors with its running averages, in both modes."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import (
    BatchNormState,
    batch_norm,
    batch_norm_inference,
    update_statistics,
)
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, mean, var, training, momentum, eps):
    x, state = x.swapaxes(1, 2), BatchNormState(mean, var)
    if not training:
        return batch_norm_inference(x, state, eps=eps).swapaxes(1, 2), mean, var
    after = update_statistics(state, x, momentum=momentum)
    return batch_norm(x, eps=eps).swapaxes(1, 2), after.mean, after.var


@st.composite
def inputs(choose):
    size, tokens, width = (choose(st.integers(1, 3)) for _ in range(3))
    shape = size, tokens + 1, width
    return {
        "x": choose(arrays(float, shape, elements=st.integers(-8, 8).map(float))),
        "mean": choose(draw.floats((width,), -2, 2)),
        "var": choose(draw.floats((width,), 0.5, 2)),
        "training": choose(st.booleans()),
        "momentum": choose(st.sampled_from([0.125, 0.25])),
        "eps": choose(st.sampled_from([0.01, 0.5])),
    }


def knows_no_neighbors(answer, x, training, **others):
    one, _, _ = answer(x=x[:1], training=False, **others)
    among, _, _ = answer(x=x, training=False, **others)
    return among[:1], one


def column(*entries, training=True):
    return {
        "x": np.array(entries, float).reshape(-1, 1, 1),
        "mean": np.zeros(1),
        "var": np.ones(1),
        "training": training,
        "momentum": 0.25,
        "eps": 0.5,
    }


HALF = np.array([-1.0, -0.5, 0.0, 1.5]).reshape(-1, 1, 1)
STANDS = np.array([1.0, 2.0, 3.0, 6.0]).reshape(-1, 1, 1) / 1.5**0.5
NEIGHBORS = (
    "At inference the running statistics are used, and left alone. With those of the "
    "batch, an answer depends on who else asks."
)

EXERCISE = Exercise(
    asks="Write batch norm of tokens with its running averages, in both modes.",
    question="DL0055",
    page="layers/batch-norm",
    level="full",
    minutes=10,
    numpy='''
import numpy as np


def batch_norm_step(x, mean, var, training, momentum, eps):
    """Return what is normed, and the running mean and variance after it.

    x: floats (B, n, d), normed for each of d features over B and n
    mean, var: floats (d,), the running statistics
    training: whether the batch's statistics norm, and move the running ones
    momentum: share of the new batch
    """
    if not training:
        return (x - mean) / np.sqrt(var + eps), mean, var
    m, s2 = x.mean(axis=(0, 1)), x.var(axis=(0, 1))
    count = x.shape[0] * x.shape[1]
    y = (x - m) / np.sqrt(s2 + eps)
    mean = (1 - momentum) * mean + momentum * m
    var = (1 - momentum) * var + momentum * s2 * count / (count - 1)
    return y, mean, var
''',
    torch='''
import torch


def batch_norm_step(x, mean, var, training, momentum, eps):
    """Return what is normed, and the running mean and variance after it.

    x: floats (B, n, d), normed for each of d features over B and n
    mean, var: floats (d,), the running statistics
    training: whether the batch's statistics norm, and move the running ones
    momentum: share of the new batch
    """
    if not training:
        return (x - mean) / torch.sqrt(var + eps), mean, var
    m, s2 = x.mean(dim=(0, 1)), x.var(dim=(0, 1), correction=0)
    y = (x - m) / torch.sqrt(s2 + eps)
    mean = (1 - momentum) * mean + momentum * m
    var = (1 - momentum) * var + momentum * x.var(dim=(0, 1))
    return y, mean, var
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        Case(column(1, 2, 3, 6), (HALF, np.array([0.75]), np.array([23 / 12]))),
        Case(
            column(1, 2, 3, 6, training=False),
            (STANDS, np.zeros(1), np.ones(1)),
            NEIGHBORS,
        ),
    ),
    laws=(Law("at inference, texts know nothing of one another", knows_no_neighbors),),
    hint="The running variance takes the batch's over count - 1; the norm takes it over "
    "count.",
    bugs=(
        Bug(
            "    if not training:\n"
            "        return (x - mean) / np.sqrt(var + eps), mean, var\n",
            "",
            NEIGHBORS,
        ),
        Bug(
            "m, s2 = x.mean(axis=(0, 1)), x.var(axis=(0, 1))",
            "m, s2 = x.mean(axis=(0, 2))[:, None], x.var(axis=(0, 2))[:, None]",
            "These are statistics of each position, as `BatchNorm1d` takes them of an "
            "array (B, n, d) with n = d. Features are on the last axis.",
        ),
        Bug(
            "momentum * s2 * count / (count - 1)",
            "momentum * s2",
            "The running variance takes the unbiased one, over count - 1. Of batches of "
            "two the other is half of it.",
        ),
        Bug(
            "(1 - momentum) * mean + momentum * m",
            "momentum * mean + (1 - momentum) * m",
            "The momentum is the share of the new batch, as PyTorch has it. Keras names "
            "the share of the old.",
        ),
        Bug(
            "y = (x - m) / np.sqrt(s2 + eps)",
            "y = (x - m) / np.sqrt(s2 * count / (count - 1) + eps)",
            "The norm divides by count; the variance over count - 1 is that of the "
            "running average.",
        ),
        Bug(
            "    y = (x - m) / np.sqrt(s2 + eps)\n"
            "    mean = (1 - momentum) * mean + momentum * m\n"
            "    var = (1 - momentum) * var + momentum * s2 * count / (count - 1)\n",
            "    mean = (1 - momentum) * mean + momentum * m\n"
            "    var = (1 - momentum) * var + momentum * s2 * count / (count - 1)\n"
            "    y = (x - mean) / np.sqrt(var + eps)\n",
            "In training the batch's own statistics norm, not the running ones.",
        ),
    ),
    prints=(
        """
import torch
from torch import nn

norm = nn.BatchNorm1d(1).eval()
norm(torch.tensor([[0.0], [2.0]]))
print(norm.running_mean.item())
""",
    ),
)
