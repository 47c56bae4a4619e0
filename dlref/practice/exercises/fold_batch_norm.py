"""The bias of a layer that has taken in the batch norm behind it."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.layers import BatchNormState, fold_batch_norm
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law


def reference(weight, bias, mean, var, gamma, beta, eps):
    state = BatchNormState(mean, var)
    folded, after = fold_batch_norm(weight, bias, state, gamma, beta, eps=eps)
    return np.concatenate([folded, after[:, None]], axis=1)


@st.composite
def inputs(choose):
    channels, width = (choose(st.integers(1, 4)) for _ in range(2))
    vector = draw.floats((channels,), -2, 2)
    return {
        "weight": choose(draw.floats((channels, width), -2, 2)),
        "bias": choose(vector),
        "mean": choose(vector),
        "var": choose(draw.floats((channels,), 0.25, 4)),
        "gamma": choose(vector),
        "beta": choose(vector),
        "eps": choose(st.sampled_from([1e-5, 0.5])),
    }


def is_shifted_by_beta(answer, beta, **others):
    moved, still = answer(beta=beta + 1, **others), answer(beta=beta, **others)
    return moved[:, -1], still[:, -1] + 1


def forgets_an_offset(answer, bias, mean, **others):
    one = answer(bias=bias + 1, mean=mean + 1, **others)
    return one, answer(bias=bias, mean=mean, **others)


BY_HAND = {
    "weight": np.array([[2.0, 6.0]]),
    "bias": np.array([5.0]),
    "mean": np.array([3.0]),
    "var": np.array([3.5]),
    "gamma": np.array([3.0]),
    "beta": np.array([1.0]),
    "eps": 0.5,
}

EXERCISE = Exercise(
    asks="Fold batch norm, as it is at inference, into the linear map before it.",
    question="DL0055",
    page="layers/batch-norm",
    level="full",
    minutes=8,
    numpy='''
import numpy as np


def fold_batch_norm(weight, bias, mean, var, gamma, beta, eps):
    """Return the new weight and, as its last column, the new bias.

    weight, bias: floats (out, in) and (out,), of the linear map
    mean, var: floats (out,), running statistics of the norm
    gamma, beta: floats (out,), its gain and its shift
    eps: what is added to the variance, within the root
    """
    factor = gamma / np.sqrt(var + eps)
    new_weight = weight * factor[:, None]
    new_bias = (bias - mean) * factor + beta
    return np.concatenate([new_weight, new_bias[:, None]], axis=1)
''',
    torch='''
import torch


def fold_batch_norm(weight, bias, mean, var, gamma, beta, eps):
    """Return the new weight and, as its last column, the new bias.

    weight, bias: floats (out, in) and (out,), of the linear map
    mean, var: floats (out,), running statistics of the norm
    gamma, beta: floats (out,), its gain and its shift
    eps: what is added to the variance, within the root
    """
    factor = gamma / torch.sqrt(var + eps)
    new_weight = weight * factor[:, None]
    new_bias = (bias - mean) * factor + beta
    return torch.cat([new_weight, new_bias[:, None]], dim=1)
''',
    reference=reference,
    inputs=inputs(),
    atol=1e-5,
    by_hand=(Case(BY_HAND, np.array([[3.0, 9.0, 4.0]])),),
    extremes=(Case(BY_HAND | {"var": np.array([0.0])}),),
    laws=(
        Law("one more of beta is one more of the bias", is_shifted_by_beta),
        Law("a bias that the mean has too changes nothing", forgets_an_offset),
    ),
    bugs=(
        Bug(
            "(bias - mean) * factor + beta",
            "bias - mean * factor + beta",
            "The old bias stands before the norm, so it is scaled with the rest.",
        ),
        Bug(
            "(bias - mean) * factor + beta",
            "-mean * factor + beta",
            "The old bias is lost: the mean is that of values which had it.",
        ),
        Bug(
            "(bias - mean) * factor + beta",
            "bias * factor + beta",
            "The running mean is not subtracted.",
        ),
        Bug(
            "(bias - mean) * factor + beta",
            "(bias - mean + beta) * factor",
            "The shift comes last and is not scaled.",
        ),
        Bug(
            "np.sqrt(var + eps)",
            "(np.sqrt(var) + eps)",
            "Epsilon belongs within the root, as in the layer that is folded.",
        ),
        Bug(
            "np.sqrt(var + eps)",
            "(var + eps)",
            "Divide by the deviation, the root of the variance.",
        ),
        Bug(
            "weight * factor[:, None]",
            "weight",
            "The weight is scaled, too: each row, which makes one channel.",
        ),
    ),
    prints=(),
)
