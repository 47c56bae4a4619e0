import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.losses.embeddings import PAIRS, WIDTH, directions, of_other_lengths, pairs

# By hand


def test_alignment_is_the_mean_squared_distance_of_partners(losses):
    first = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 1.0]])
    second = np.array([[5.0, 0.0], [3.0, 0.0], [0.0, -1.0]])
    np.testing.assert_allclose(losses.alignment(first, second), (0 + 2 + 4) / 3)


def test_uniformity_is_the_logarithm_of_a_mean_over_pairs(losses):
    x = np.array([[1.0, 0.0], [0.0, 2.0], [-1.0, 0.0]])  # squares 2, 4 and 2
    want = np.log((2 * np.exp(-4) + np.exp(-8)) / 3)
    np.testing.assert_allclose(losses.uniformity(x), want, rtol=1e-14)


# Oracle


def test_uniformity_is_that_of_pdist(losses, rng):
    x = rng.normal(size=(PAIRS, WIDTH))
    apart = torch.pdist(torch.tensor(directions(x))) ** 2
    want = (-2 * apart).exp().mean().log()
    np.testing.assert_allclose(losses.uniformity(x), want, rtol=1e-12)


def test_alignment_is_that_of_the_librarys_norm(losses, rng):
    x, y = rng.normal(size=(2, PAIRS, WIDTH))
    apart = torch.tensor(directions(x)) - torch.tensor(directions(y))
    want = apart.norm(dim=1).square().mean()
    np.testing.assert_allclose(losses.alignment(x, y), want, rtol=1e-12)


@pytest.mark.parametrize(("width", "want"), [(2, -1.576), (3, -2.081)])
def test_evenly_spread_in_2_and_3_dimensions(losses, rng, width, want):
    # The mean of e^(4 (cos − 1)): by a Bessel function, and by the area of a slice.
    exact = {2: np.log(np.i0(4)) - 4, 3: np.log(-np.expm1(-8) / 8)}[width]
    assert round(exact, 2) == round(want, 2)
    x = rng.normal(size=(1500, width))
    np.testing.assert_allclose(losses.uniformity(x), exact, atol=0.02)


# Law


@given(both=pairs(), scale=st.floats(1e-3, 1e3))
def test_the_lengths_play_no_part(losses, both, scale):
    x, y = both
    longer, shorter = of_other_lengths(x, y, scale)
    found = losses.alignment(longer, shorter)
    np.testing.assert_allclose(found, losses.alignment(x, y), rtol=1e-9, atol=1e-12)
    found = losses.uniformity(longer)
    np.testing.assert_allclose(found, losses.uniformity(x), rtol=1e-9, atol=1e-12)


@given(both=pairs())
def test_the_order_does_not_matter(losses, both):
    x, y = both
    found = losses.alignment(y[::-1], x[::-1])
    np.testing.assert_allclose(found, losses.alignment(x, y), rtol=1e-9, atol=1e-12)
    found = losses.uniformity(x[::-1])
    np.testing.assert_allclose(found, losses.uniformity(x), rtol=1e-9, atol=1e-12)


@given(both=pairs())
def test_within_their_bounds(losses, both):
    assert -1e-12 <= losses.alignment(*both) <= 4 + 1e-12
    assert -8 - 1e-12 <= losses.uniformity(both[0]) <= 1e-12


def test_a_collapse_is_aligned_and_not_spread(losses):
    one_way = np.tile([[3.0, -4.0]], (PAIRS, 1))
    assert losses.alignment(one_way, 2 * one_way) == 0
    np.testing.assert_allclose(losses.uniformity(one_way), 0, atol=1e-14)


def test_a_simplex_is_spread_best(losses, rng):
    corners = np.eye(PAIRS) - 1 / PAIRS
    best = losses.uniformity(corners)
    np.testing.assert_allclose(best, -4 * (1 + 1 / (PAIRS - 1)), rtol=1e-12)
    for _ in range(5):
        moved = corners + 0.1 * rng.normal(size=corners.shape)
        assert losses.uniformity(moved) > best


# Edge


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_any_scale(losses, rng, scale):
    x, y = rng.normal(size=(2, PAIRS, WIDTH))
    longer, shorter = of_other_lengths(x, y, scale)
    found = losses.alignment(longer, shorter)
    np.testing.assert_allclose(found, losses.alignment(x, y), rtol=1e-12)
    found = losses.uniformity(longer)
    np.testing.assert_allclose(found, losses.uniformity(x), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_inputs_too(losses, rng, dtype):
    x, y = rng.normal(size=(2, PAIRS, WIDTH)).astype(dtype)
    before = x.copy(), y.copy()
    rtol = {"float16": 1e-3, "float32": 1e-5}.get(dtype, 1e-14)
    for found, wide in (
        (losses.alignment(x, y), losses.alignment(x.astype(float), y.astype(float))),
        (losses.uniformity(x), losses.uniformity(x.astype(float))),
    ):
        assert isinstance(found, np.ndarray)
        assert found.shape == ()
        assert found.dtype == dtype
        np.testing.assert_allclose(found, wide, rtol=rtol)
    np.testing.assert_array_equal(before, (x, y))


# Gradient


def test_gradient(rng):
    from dlref.torch import losses

    inputs = [torch.tensor(x, requires_grad=True) for x in rng.normal(size=(2, 3, 5))]
    assert torch.autograd.gradcheck(losses.alignment, inputs)
    assert torch.autograd.gradcheck(losses.uniformity, inputs[:1])


def test_the_gradient_of_a_collapse_is_finite():
    from dlref.torch import losses

    x = torch.ones(PAIRS, WIDTH, requires_grad=True)
    (losses.alignment(x, x) + losses.uniformity(x)).backward()
    assert x.grad.isfinite().all()


# Errors


def refused(call, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        call()


def test_alignment_refuses(lang, rng, unchecked):
    losses = lang.module("losses")
    x, y = rng.normal(size=(2, PAIRS, WIDTH))

    def call(first, second):
        return lambda: losses.alignment(lang.array(first), lang.array(second))

    what = "second must have the shape of first"
    message = f"{what}; got second.shape=(3, 5), first.shape=(7, 5)"
    refused(call(x, y[:3]), ValueError, message)
    message = "first must be floating point; got first.dtype=int64"
    refused(call(x.astype(int), y), TypeError, message)
    what = "second must have the dtype of first, float64"
    message = f"{what}; got second.dtype=float32"
    refused(call(x, y.astype("float32")), TypeError, message)
    what = "second must have no row of zeros, which has no direction"
    y[3] = 0
    refused(call(x, y), ValueError, f"{what}; got abs(second).sum(-1)=0.0")


def test_uniformity_refuses(lang, rng, unchecked):
    losses = lang.module("losses")
    x = rng.normal(size=(PAIRS, WIDTH))

    def call(rows):
        return lambda: losses.uniformity(lang.array(rows))

    what = "x must have shape (rows, d), with at least 2 rows"
    refused(call(x[:1]), ValueError, f"{what}; got x.shape=(1, 5)")
    message = "x must be floating point; got x.dtype=int64"
    refused(call(x.astype(int)), TypeError, message)
    x[3] = 0
    what = "x must have no row of zeros, which has no direction"
    refused(call(x), ValueError, f"{what}; got abs(x).sum(-1)=0.0")
    x[3, 2] = np.inf
    refused(call(x), ValueError, "x must be finite; got x=inf")
