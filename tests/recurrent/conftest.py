"""What the tests of recurrent layers share: functions, and layers that are drawn."""

import numpy as np
import pytest
import torch

BATCHES = [(), (3,), (2, 3), (0,)]
TOKENS, D_IN, D_H = 7, 3, 5


@pytest.fixture(scope="session")
def recurrent(lang):
    """The functions of one language, from NumPy arrays to NumPy arrays."""
    return lang.subject("recurrent")


def drawn(rng, gates, batch=(2,), *, states=1, tokens=TOKENS, scale=1.0):
    """Draw tokens, states, weights and biases: none is zero, and no matrix symmetric."""
    rows = gates * D_H
    shapes = [(*batch, tokens, D_IN), *[(*batch, D_H)] * states]
    shapes += [(rows, D_IN), (rows, D_H), (rows,), (rows,)]
    return [np.array(scale * rng.normal(size=shape)) for shape in shapes]


def with_weights(module, weights):
    """Copy weights and biases into a layer."""
    module = module.double()
    with torch.no_grad():
        for own, array in zip(module.parameters(), weights, strict=True):
            own.copy_(torch.tensor(array))
    return module.requires_grad_(False)
