"""What a perfect discriminator knows, and how far samples on a line must move."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.generative import optimal_discriminator, wasserstein_1d
from dlref.numpy.losses import js_divergence

DTYPES = [np.float16, np.float32, np.float64]
logs = arrays(np.float64, 7, elements=st.floats(-50, 50))
rows = arrays(np.float64, (3, 7), elements=st.floats(-100, 100))


# By hand


def test_shares_by_hand():
    p, q = np.log([[0.3, 0.2, 0.5]]), np.log([[0.1, 0.2, 0.125]])
    got = optimal_discriminator(p, q)
    np.testing.assert_allclose(got, [[0.75, 0.5, 0.8]], rtol=1e-12)


def test_moves_by_hand():
    a = np.array([[0.0, 1.0, 7.0], [1.0, 1.0, 4.0]])
    b = np.array([[5.0, 3.0, 4.0], [1.0, 1.0, 1.0]])
    np.testing.assert_allclose(wasserstein_1d(a, b), [3.0 + 3 + 2, 3.0] / np.array(3))


# Oracle


def test_it_is_the_best_of_all_discriminators(rng):
    """At each point, no other probability has a larger value of the game."""
    p, q = rng.dirichlet(np.ones(7), size=2)
    others = np.linspace(0.001, 0.999, 999)[:, None]
    values = p * np.log(others) + q * np.log(1 - others)
    best = others[values.argmax(axis=0), 0]
    np.testing.assert_allclose(
        optimal_discriminator(np.log(p), np.log(q)), best, atol=1e-3
    )


def test_the_value_of_the_game_is_jensen_shannon(rng):
    p, q = np.log(rng.dirichlet(np.ones(7), size=2))
    real = optimal_discriminator(p, q)
    value = np.exp(p) @ np.log(real) + np.exp(q) @ np.log(1 - real)
    np.testing.assert_allclose(value, 2 * js_divergence(p, q) - math.log(4), rtol=1e-12)


def test_no_pairing_is_cheaper(rng):
    """The optimum over all permutations, and the distance of the quantiles."""
    from itertools import permutations

    a, b = rng.normal(size=(2, 5))
    costs = [abs(a - b[list(order)]).mean() for order in permutations(range(5))]
    np.testing.assert_allclose(wasserstein_1d(a, b), min(costs), rtol=1e-12)
    at = np.sort(np.concatenate([a, b]))
    below = [np.mean(x[:, None] <= at[:-1], axis=0) for x in (a, b)]
    area = abs(below[0] - below[1]) @ np.diff(at)
    np.testing.assert_allclose(wasserstein_1d(a, b), area, rtol=1e-12)


# Law


@given(logs, logs)
def test_shares_swap_and_scale(p, q):
    real = optimal_discriminator(p, q)
    assert ((real >= 0) & (real <= 1)).all()
    np.testing.assert_allclose(real + optimal_discriminator(q, p), 1, rtol=1e-12)
    np.testing.assert_allclose(optimal_discriminator(p + 3, q + 3), real, rtol=1e-9)
    np.testing.assert_array_equal(optimal_discriminator(p, p), 0.5)


@given(rows, rows, rows, st.floats(-10, 10))
def test_a_metric_that_grows_with_the_distance(a, b, c, shift):
    got = wasserstein_1d(a, b)
    assert (got >= 0).all()
    np.testing.assert_array_equal(got, wasserstein_1d(b, a))
    np.testing.assert_array_equal(wasserstein_1d(a, a[:, ::-1]), np.zeros(3))
    assert (got <= wasserstein_1d(a, c) + wasserstein_1d(c, b) + 1e-9).all()
    np.testing.assert_allclose(wasserstein_1d(a, a + shift), abs(shift), atol=1e-9)
    np.testing.assert_allclose(wasserstein_1d(3 * a, 3 * b), 3 * got, rtol=1e-9)


@pytest.mark.parametrize("batch", [(), (2,), (2, 3)])
def test_batches_are_independent(rng, batch):
    a, b = rng.normal(size=(2, *batch, 7))
    got, shares = wasserstein_1d(a, b), optimal_discriminator(a, b)
    assert (got.shape, shares.shape) == (batch, a.shape)
    for i in np.ndindex(batch):
        assert got[i] == wasserstein_1d(a[i], b[i])
        np.testing.assert_array_equal(shares[i], optimal_discriminator(a[i], b[i]))


# Edge


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_stay_and_inputs_too(rng, dtype):
    a, b = rng.normal(size=(2, 7)).astype(dtype)
    before = a.copy(), b.copy()
    for function in wasserstein_1d, optimal_discriminator:
        got = function(a, b)
        assert got.dtype == dtype
        want = function(a.astype(float), b.astype(float))
        np.testing.assert_allclose(got, want, rtol=2 * np.finfo(dtype).eps)
    np.testing.assert_array_equal((a, b), before)


def test_16_bits_are_subtracted_in_32(rng):
    p, q = rng.normal(scale=9, size=(2, 97)).astype(np.float16)
    want = optimal_discriminator(p.astype(float), q.astype(float)).astype(np.float16)
    np.testing.assert_allclose(
        optimal_discriminator(p, q), want, rtol=2**-10, atol=2**-24
    )


def test_what_one_of_both_excludes():
    p, q = np.array([0.0, -np.inf, -1e4, 1e4]), np.array([-np.inf, 0.0, 1e4, -1e4])
    np.testing.assert_array_equal(optimal_discriminator(p, q), [1, 0, 0, 1])


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_overflows_on_the_way(dtype):
    top = np.full((1, 3), np.finfo(dtype).max)
    np.testing.assert_array_equal(optimal_discriminator(-top, top), np.zeros((1, 3)))
    small = np.full(3, 4e4, np.float16)
    assert wasserstein_1d(small, small - 1024) == 1024
    low, one_high = np.full(3, -6e4, np.float16), np.array([-6e4, -6e4, 6e4], np.float16)
    assert wasserstein_1d(one_high, low) == 4e4
    assert wasserstein_1d(-top, top) == np.inf


def test_no_point_and_one_sample():
    assert optimal_discriminator(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0, 3)
    assert wasserstein_1d(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0,)
    assert wasserstein_1d(np.array([2.0]), np.array([-1.0])) == 3


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([0.0], [0.0, 0.0], "log_q must have the shape of log_p; "
         "got log_q.shape=(2,), log_p.shape=(1,)"),
        ([np.nan], [0.0], "log_p must be below ∞; got log_p=nan"),
        ([0.0, 1.0], [0.0, np.nan], "log_q must be below ∞; got log_q=nan"),
        ([np.inf, 0.0], [0.0, 0.0], "log_p must be below ∞; got log_p=inf"),
        ([0.0, 0.0], [0.0, np.inf], "log_q must be below ∞; got log_q=inf"),
        ([0.0, -np.inf], [-1.0, -np.inf],
         "log_p or log_q must be above −∞ at each point; got log_p=-inf, log_q=-inf"),
    ],
)  # fmt: skip
def test_densities_that_are_none(p, q, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        optimal_discriminator(np.array(p), np.array(q))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ([0.0], [0.0, 0.0], "b must have the shape of a; got b.shape=(2,), a.shape=(1,)"),
        (0.0, 0.0, "a must have samples on the last axis; got a.shape=()"),
        ([], [], "a must have samples on the last axis; got a.shape=(0,)"),
        ([np.nan], [0.0], "a must be finite; got a=nan"),
        ([0.0, 1.0], [0.0, np.inf], "b must be finite; got b=inf"),
    ],
)
def test_samples_that_are_none(a, b, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        wasserstein_1d(np.array(a), np.array(b))
