"""Layer norm, token by token."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.layers import layer_norm
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(x, gamma, beta, eps):
    return layer_norm(x, gamma, beta, eps=eps)


@st.composite
def inputs(choose):
    shape = choose(draw.shapes(least=1))
    whole = st.integers(-8, 8).map(float)  # of equal ones the mean is exact
    return {
        "x": choose(arrays(float, shape, elements=whole)),
        "gamma": choose(draw.floats(shape[-1:], 0.5, 2)),
        "beta": choose(draw.floats(shape[-1:], -2, 2)),
        "eps": choose(st.sampled_from([1e-5, 0.5])),
    }


def takes_each_token_alone(answer, x, **others):
    """The first token gives the same without the rest."""
    tokens = x.reshape(-1, x.shape[-1])
    return answer(x=tokens, **others)[:1], answer(x=tokens[:1], **others)


def forgets_an_offset(answer, x, **others):
    return answer(x=x + 3, **others), answer(x=x, **others)


def token(*entries, eps=1e-5, right=None, hint=""):
    x, d = np.array(entries, float), len(entries)
    inputs = {"x": x, "gamma": np.ones(d), "beta": np.zeros(d), "eps": eps}
    return Case(inputs, right, hint)


HALF = np.array([-1.0, -0.5, 0.0, 1.5])
OUTSIDE = (
    "Epsilon belongs within the root, with the variance. Added to the deviation it is "
    "too small: features of a thousandth come out almost as large as others."
)
CANCELS = (
    "The mean of squares less the squared mean cancels: around 17,001 float32 makes the "
    "variance negative. Subtract the mean first."
)

EXERCISE = Exercise(
    asks="Write layer norm, with its gain and its shift.",
    question="DL0056",
    page="layers/layer-norm",
    level="whiteboard",
    minutes=5,
    numpy='''
import numpy as np


def layer_norm(x, gamma, beta, eps):
    """Norm each token over its features, as nn.LayerNorm(d) does.

    x: floats (..., d)
    gamma, beta: floats (d,), gain and shift
    eps: a small number, within the root
    """
    mean = x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, keepdims=True)
    x_hat = (x - mean) / np.sqrt(variance + eps)
    return x_hat * gamma + beta
''',
    torch='''
import torch


def layer_norm(x, gamma, beta, eps):
    """Norm each token over its features, as nn.LayerNorm(d) does.

    x: floats (..., d)
    gamma, beta: floats (d,), gain and shift
    eps: a small number, within the root
    """
    mean = x.mean(dim=-1, keepdim=True)
    variance = x.var(dim=-1, keepdim=True, correction=0)
    x_hat = (x - mean) / torch.sqrt(variance + eps)
    return x_hat * gamma + beta
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(
        token(1, 2, 3, 6, eps=0.5, right=HALF),
        token(5, 5, right=np.zeros(2)),
    ),
    extremes=(
        token(1e-3, 2e-3, 3e-3, 6e-3, hint=OUTSIDE),
        token(17_000, 17_002, right=np.array([-1.0, 1.0]), hint=CANCELS),
        token(7, right=np.zeros(1)),
    ),
    laws=(
        Law("a token does not depend on the others", takes_each_token_alone),
        Law("a number added to all features changes nothing", forgets_an_offset),
    ),
    bugs=(
        Bug(
            "x.var(dim=-1, keepdim=True, correction=0)",
            "x.var(dim=-1, keepdim=True)",
            "PyTorch's var divides by d - 1 unless told otherwise; layer norm divides by "
            "d. Of four features each output is 13 % too small.",
            language="torch",
        ),
        Bug("np.sqrt(variance + eps)", "(np.sqrt(variance) + eps)", OUTSIDE),
        Bug(
            "mean = x.mean(axis=-1, keepdims=True)\n"
            "    variance = x.var(axis=-1, keepdims=True)",
            "mean = x.mean(axis=0, keepdims=True)\n"
            "    variance = x.var(axis=0, keepdims=True)",
            "These are the statistics of each feature, over the tokens: that is batch "
            "norm. Layer norm takes the last axis.",
        ),
        Bug(
            "mean = x.mean(axis=-1, keepdims=True)\n"
            "    variance = x.var(axis=-1, keepdims=True)",
            "mean = x.mean()\n    variance = x.var()",
            "One mean for all tokens: each then depends on all the others, also on later "
            "ones.",
        ),
        Bug(
            "x.var(dim=-1, keepdim=True, correction=0)",
            "x.square().mean(dim=-1, keepdim=True) - mean.square()",
            CANCELS,
            language="torch",
        ),
        Bug(
            "x_hat * gamma + beta",
            "(x_hat + beta) * gamma",
            "The shift is added last: the gain does not multiply it.",
        ),
        Bug(
            "(x - mean) / np",
            "x / np",
            "The features are divided and not centered: their mean is still there.",
        ),
        Bug(
            "np.sqrt(variance + eps)",
            "(variance + eps)",
            "Divide by the deviation, the root of the variance.",
        ),
    ),
    prints=(
        """
import numpy as np

x = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
y = (x - x.mean()) / x.std()
print(round((y**2).sum(), 6))
""",
        """
from torch import nn

norm = nn.LayerNorm((7, 8))  # meant for 7 tokens of width 8
print(sum(p.numel() for p in norm.parameters()))
""",
    ),
)
