"""Batch norm of images, as in training."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import batch_norm
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, gamma, beta, eps):
    return batch_norm(x, gamma, beta, eps=eps)


@st.composite
def inputs(choose):
    size, channels, height, width = (choose(st.integers(1, 3)) for _ in range(4))
    shape = size, channels, height + 1, width
    return {
        "x": choose(arrays(float, shape, elements=st.integers(-8, 8).map(float))),
        "gamma": choose(draw.floats((channels,), 0.5, 2)),
        "beta": choose(draw.floats((channels,), -2, 2)),
        "eps": choose(st.sampled_from([1e-5, 0.5])),
    }


def forgets_an_offset(answer, x, **others):
    return answer(x=x + 3, **others), answer(x=x, **others)


def keeps_no_order(answer, x, **others):
    return answer(x=x[::-1], **others), answer(x=x, **others)[::-1]


def column(*entries, eps=1e-5, right=None, hint=""):
    x = np.array(entries, float).reshape(-1, 1, 1, 1)
    inputs = {"x": x, "gamma": np.ones(1), "beta": np.zeros(1), "eps": eps}
    return Case(inputs, right, hint)


HALF = np.array([-1.0, -0.5, 0.0, 1.5]).reshape(-1, 1, 1, 1)
OUTSIDE = (
    "Epsilon belongs within the root, with the variance. Added to the deviation it is "
    "too small: values of a thousandth come out almost as large as others."
)

EXERCISE = Exercise(
    asks="Write batch norm of images as in training, with its gain and its shift.",
    question="DL0055",
    page="layers/batch-norm",
    level="whiteboard",
    minutes=6,
    numpy='''
import numpy as np


def batch_norm(x, gamma, beta, eps):
    """Norm each channel with the statistics of the batch.

    x: floats (B, C, H, W)
    gamma, beta: floats (C,), gain and shift
    eps: a small number, within the root
    """
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    variance = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mean) / np.sqrt(variance + eps)
    return x_hat * gamma[:, None, None] + beta[:, None, None]
''',
    torch='''
import torch


def batch_norm(x, gamma, beta, eps):
    """Norm each channel with the statistics of the batch.

    x: floats (B, C, H, W)
    gamma, beta: floats (C,), gain and shift
    eps: a small number, within the root
    """
    mean = x.mean(dim=(0, 2, 3), keepdim=True)
    variance = x.var(dim=(0, 2, 3), keepdim=True, correction=0)
    x_hat = (x - mean) / torch.sqrt(variance + eps)
    return x_hat * gamma[:, None, None] + beta[:, None, None]
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-3,  # equal values leave rounding over the root of eps
    by_hand=(column(1, 2, 3, 6, eps=0.5, right=HALF),),
    extremes=(
        column(1e-3, 2e-3, 3e-3, 6e-3, hint=OUTSIDE),
        column(5, 5, right=np.zeros((2, 1, 1, 1))),
    ),
    laws=(
        Law("a number added to all values changes nothing", forgets_an_offset),
        Law("images in another order give the same in that order", keeps_no_order),
    ),
    bugs=(
        Bug(
            "x.var(dim=(0, 2, 3), keepdim=True, correction=0)",
            "x.var(dim=(0, 2, 3), keepdim=True)",
            "PyTorch's var divides by m - 1 unless told otherwise. That is the variance "
            "of the running average; the norm divides by m.",
            language="torch",
        ),
        Bug("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)", OUTSIDE),
        Bug(
            "mean = x.mean(axis=(0, 2, 3), keepdims=True)\n"
            "    variance = x.var(axis=(0, 2, 3), keepdims=True)",
            "mean = x.mean(axis=0, keepdims=True)\n"
            "    variance = x.var(axis=0, keepdims=True)",
            "These are statistics of each pixel. A channel has one mean, over all images "
            "and all positions.",
        ),
        Bug(
            "mean = x.mean(axis=(0, 2, 3), keepdims=True)\n"
            "    variance = x.var(axis=(0, 2, 3), keepdims=True)",
            "mean = x.mean(axis=(2, 3), keepdims=True)\n"
            "    variance = x.var(axis=(2, 3), keepdims=True)",
            "Each image by itself: that is instance norm. The batch axis belongs to the "
            "statistics.",
        ),
        Bug(
            "x_hat * gamma[:, None, None] + beta[:, None, None]",
            "(x_hat + beta[:, None, None]) * gamma[:, None, None]",
            "The shift is added last: the gain does not multiply it.",
        ),
        Bug(
            "(x - mean) / np",
            "x / np",
            "The values are divided and not centered: their mean is still there.",
        ),
        Bug(
            "np.sqrt(variance + eps)",
            "(variance + eps)",
            "Divide by the deviation, the root of the variance.",
        ),
    ),
    prints=(
        """
import torch
from torch import nn

norm = nn.BatchNorm1d(1)
norm(torch.tensor([[0.0], [2.0]]))
print(round(norm.running_var.item(), 3))
""",
        """
import torch
from torch import nn

norm = nn.BatchNorm1d(3).requires_grad_(False)
norm(torch.full((4, 3), 5.0))
print(norm.running_mean[0].item())
""",
    ),
)
