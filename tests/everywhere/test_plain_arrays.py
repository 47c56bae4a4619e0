"""Arrays that are more than their entries are refused: no function heeds the rest."""

import warnings

import numpy as np
import pytest

from dlref.numpy.attention import masked_softmax, scaled_dot_product_attention
from dlref.numpy.layers import feed_forward
from dlref.numpy.losses import (
    binary_cross_entropy,
    cross_entropy,
    focal_loss,
    soft_cross_entropy,
)
from dlref.optimizers import AdamState, adam_step

ROW, TRUTH, CLASS = np.ones((1, 3)), np.ones((1, 3), bool), np.array([0])
WEIGHTS = np.ones((2, 3)), np.ones(2), np.ones((3, 2)), np.ones(3)
CALLS = {
    "logits": [
        lambda x: cross_entropy(x, CLASS),
        lambda x: focal_loss(x, CLASS),
        lambda x: binary_cross_entropy(x, TRUTH),
        lambda x: soft_cross_entropy(x, ROW / 3),
    ],
    "probabilities": [lambda x: soft_cross_entropy(ROW, x)],
    "targets": [lambda x: binary_cross_entropy(ROW, x)],
    "scores": [masked_softmax],
    "key": [lambda x: scaled_dot_product_attention(ROW, x, ROW)],
    "x": [lambda x: feed_forward(x, *WEIGHTS)],
    "grad": [lambda x: adam_step(ROW, x, AdamState())],
}


def masked():
    return np.ma.array(ROW, mask=[[False, True, False]])


def matrix():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return np.matrix(ROW)


@pytest.mark.parametrize("made", [masked, matrix])
@pytest.mark.parametrize(
    ("name", "call"), [(name, call) for name, calls in CALLS.items() for call in calls]
)
def test_masked_arrays_and_matrices_are_refused(made, name, call, unchecked):
    array = made()
    with pytest.raises(TypeError) as error:
        call(array)
    kind = type(array).__name__
    assert str(error.value) == f"{name} must be a plain array; got type({name})={kind}"
