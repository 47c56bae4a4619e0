"""The functions of activations, as both languages have them, and slopes to compare."""

import numpy as np
import pytest
import torch

# Both sides of every bend, exactly 0, and what overflows when it is exponentiated.
POINTS = np.concatenate([np.linspace(-12, 12, 97), [-1e4, -745, -40, 40, 745, 1e4]])


@pytest.fixture(scope="session")
def activations(lang):
    return lang.subject("activations")


@pytest.fixture(scope="session")
def points():
    return POINTS


@pytest.fixture(scope="session")
def slope_of():
    """Let autograd differentiate a function of PyTorch, entry by entry."""

    def differentiate(function, x):
        inputs = torch.tensor(x, requires_grad=True)
        (slope,) = torch.autograd.grad(function(inputs).sum(), inputs)
        return slope.numpy()

    return differentiate


@pytest.fixture(scope="session")
def keeps_type():
    """Judge a function in short types: rounded once, and its input left alone."""

    def judge(function, x, dtype, units=4.0):
        given = np.asarray(x, dtype)
        before = given.copy()
        got, want = function(given), function(given.astype(float))
        assert got.dtype == dtype
        assert got.shape == given.shape
        assert np.array_equal(given, before)
        info = np.finfo(dtype)
        units = 0.51 if dtype == "float16" else units  # rounded once, at the end
        limits = {"rtol": units * info.eps, "atol": info.smallest_normal}
        np.testing.assert_allclose(got.astype(float), want, **limits)

    return judge
