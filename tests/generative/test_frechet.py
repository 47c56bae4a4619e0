"""The Fréchet distance of two Gaussians."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.generative import frechet_distance

D = 5
DTYPES = [np.float16, np.float32, np.float64]
seeds = st.integers(0, 10**6)


def drawn(rng, d=D, rank=None):
    """Two means, and two covariances that do not commute."""
    means, roots = rng.normal(size=(2, d)), rng.normal(size=(2, d, rank or d + 2))
    covs = roots @ roots.swapaxes(1, 2)
    return means[0], covs[0], means[1], covs[1]


def by_eigenvalues(mean1, cov1, mean2, cov2):
    """The trace of the root of a product is the sum of the roots of its eigenvalues."""
    roots = np.sqrt(np.linalg.eigvals(cov1 @ cov2).astype(complex)).real.sum()
    return np.sum((mean1 - mean2) ** 2) + np.trace(cov1 + cov2) - 2 * roots


def by_newton(matrix, steps=40):
    """The root of a matrix, by the iteration of Denman and Beavers."""
    y, z = matrix, np.eye(len(matrix))
    for _ in range(steps):
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
    return y


# By hand


def test_on_a_line():
    one, three = np.array([1.0]), np.array([3.0])
    got = frechet_distance(one, np.array([[4.0]]), three, np.array([[9.0]]))
    np.testing.assert_allclose(got, (1 - 3) ** 2 + (2 - 3) ** 2)


def test_entries_are_no_matrix():
    """C₂ is C₁ turned by 90°: a root of each entry would give another number."""
    zero, cov1, cov2 = np.zeros(2), np.diag([9.0, 1.0]), np.diag([1.0, 9.0])
    np.testing.assert_allclose(frechet_distance(zero, cov1, zero, cov2), 8)
    tilted = np.array([[5.0, 4.0], [4.0, 5.0]])  # the same, turned by 45°
    want = 20 - 2 * np.sqrt(np.trace(cov1 @ tilted) + 2 * 9)  # Cayley and Hamilton
    np.testing.assert_allclose(frechet_distance(zero, cov1, zero, tilted), want)


# Oracle


@given(seeds)
def test_equals_the_formula(seed):
    given = drawn(np.random.default_rng(seed))
    got = frechet_distance(*given)
    np.testing.assert_allclose(got, by_eigenvalues(*given), rtol=1e-8)


def test_equals_the_root_of_the_matrix(rng):
    mean1, cov1, mean2, cov2 = drawn(rng)
    root = by_newton(cov1 @ cov2)
    np.testing.assert_allclose(root @ root, cov1 @ cov2, rtol=1e-8)
    want = np.sum((mean1 - mean2) ** 2) + np.trace(cov1 + cov2 - 2 * root)
    np.testing.assert_allclose(
        frechet_distance(mean1, cov1, mean2, cov2), want, rtol=1e-8
    )


# Law


@given(seeds, st.integers(1, 7))
def test_symmetric_and_unchanged_by_a_rotation(seed, d):
    rng = np.random.default_rng(seed)
    mean1, cov1, mean2, cov2 = drawn(rng, d)
    got = frechet_distance(mean1, cov1, mean2, cov2)
    assert got >= 0
    np.testing.assert_allclose(frechet_distance(mean2, cov2, mean1, cov1), got, rtol=1e-9)
    turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
    turned = turn @ mean1, turn @ cov1 @ turn.T, turn @ mean2, turn @ cov2 @ turn.T
    np.testing.assert_allclose(frechet_distance(*turned), got, rtol=1e-8)
    scaled = 3 * mean1, 9 * cov1, 3 * mean2, 9 * cov2
    np.testing.assert_allclose(frechet_distance(*scaled), 9 * got, rtol=1e-9)


@given(seeds, st.sampled_from([1, 2, D + 2]))
def test_zero_on_itself(seed, rank):
    mean, cov, _, _ = drawn(np.random.default_rng(seed), rank=rank)
    assert 0 <= frechet_distance(mean, cov, mean, cov) < 1e-12 * np.trace(cov)


@given(seeds)
def test_its_root_is_a_metric(seed):
    rng = np.random.default_rng(seed)
    (m1, c1, m2, c2), (m3, c3, _, _) = drawn(rng), drawn(rng)
    legs = frechet_distance(m1, c1, m3, c3), frechet_distance(m3, c3, m2, c2)
    assert frechet_distance(m1, c1, m2, c2) ** 0.5 <= np.sqrt(legs).sum() + 1e-9


def test_no_spread_is_the_distance_of_points(rng):
    mean1, _, mean2, _ = drawn(rng)
    got = frechet_distance(mean1, np.zeros((D, D)), mean2, np.zeros((D, D)))
    np.testing.assert_allclose(got, np.sum((mean1 - mean2) ** 2))


# Edge


@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_stay_and_inputs_too(rng, dtype):
    given = [x.astype(dtype) for x in drawn(rng)]
    before = [x.copy() for x in given]
    got = frechet_distance(*given)
    assert got.dtype == dtype
    assert got.shape == ()
    want = frechet_distance(*(x.astype(float) for x in given))
    np.testing.assert_allclose(got, want, rtol=2 * np.finfo(dtype).eps)
    for one, other in zip(given, before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_singular_and_rounded(rng):
    """Fewer samples than features: the rest of the eigenvalues is 0, or just below."""
    given = drawn(rng, rank=2)
    slightly = [x.astype(np.float32) for x in given]
    got = frechet_distance(*slightly)
    np.testing.assert_allclose(got, by_eigenvalues(*given), rtol=1e-3)


def test_large_and_small():
    zero, one = np.zeros(2), np.eye(2)
    np.testing.assert_allclose(frechet_distance(zero, 1e8 * one, zero, 4e8 * one), 2e8)
    np.testing.assert_allclose(frechet_distance(zero, 1e-8 * one, zero, 4e-8 * one), 2e-8)
    half = np.array([300.0], np.float16), np.ones((1, 1), np.float16)
    assert frechet_distance(*half, -half[0], half[1]) == np.inf
    top = np.full(2, np.finfo(float).max)
    assert frechet_distance(top, one, -top, one) == np.inf


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("cov", np.ones(3), "cov{} must have shape (d=3, d=3); got cov{}.shape=(3,)"),
        ("cov", np.eye(3)[:2],
         "cov{} must have shape (d=3, d=3); got cov{}.shape=(2, 3)"),
        ("cov", np.eye(2), "cov{} must have shape (d=3, d=3); got cov{}.shape=(2, 2)"),
        ("cov", np.diag([1, 1, np.nan]), "cov{} must be finite; got cov{}=nan"),
        ("cov", np.diag([1.0, 2.0, -3.0]), "cov{} must have no negative eigenvalue; "
         "got eigenvalue=-3.0"),
        ("cov", np.diag([1.0, 2.0, 3.0]) + np.eye(3, k=1), "cov{} must be symmetric; "
         "got |cov{} − cov{}ᵀ|=1.0"),
        ("mean", np.array([0.0, 0.0, np.inf]), "mean{} must be finite; got mean{}=inf"),
    ],
)  # fmt: skip
def test_moments_that_are_none(which, name, value, message):
    given = {"mean1": np.zeros(3), "cov1": np.eye(3), "mean2": np.zeros(3)}
    given |= {"cov2": np.eye(3), f"{name}{which}": value}
    message = message.replace("{}", str(which))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        frechet_distance(**given)


@pytest.mark.usefixtures("unchecked")
def test_means_that_are_none():
    message = "mean2 must have shape (d=3,); got mean2.shape=(2,)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        frechet_distance(np.zeros(3), np.eye(3), np.zeros(2), np.eye(3))
    for mean in np.zeros(0), np.zeros((2, 2)), np.array(0.0):
        message = "mean1 must be a vector of at least one feature; "
        message += f"got mean1.shape={mean.shape}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            frechet_distance(mean, np.eye(2), mean, np.eye(2))


@pytest.mark.parametrize("dtype", DTYPES)
def test_rounding_is_forgiven_and_no_more(dtype, unchecked):
    """An asymmetry and a negative eigenvalue of the size of rounding."""
    unit = float(np.finfo(dtype).eps)
    for cov in np.diag([1.0, -unit]), np.array([[1.0, unit], [0.0, 1.0]]):
        frechet_distance(np.zeros(2, dtype), cov.astype(dtype), np.zeros(2, dtype),
                         np.eye(2, dtype=dtype))  # fmt: skip
    for cov in np.diag([1.0, -0.01]), np.array([[1.0, 0.01], [0.0, 1.0]]):
        with pytest.raises(ValueError, match="must"):
            frechet_distance(np.zeros(2, dtype), cov.astype(dtype), np.zeros(2, dtype),
                             np.eye(2, dtype=dtype))  # fmt: skip


@pytest.mark.parametrize("size", [1e-9, 1e9])
def test_rounding_is_relative_to_the_covariance(size, unchecked):
    zero, slight, much = np.zeros(2), np.eye(2), np.eye(2)
    slight[0, 1], much[0, 1] = 1e-7, 1e-3
    frechet_distance(zero, size * slight, zero, np.eye(2))
    with pytest.raises(ValueError, match=r"^cov1 must be symmetric"):
        frechet_distance(zero, size * much, zero, np.eye(2))


def test_many_features_round_to_more(rng, unchecked):
    root = rng.normal(size=128)
    cov = np.outer(root, root).astype(np.float16)
    mean = np.zeros(128, np.float16)
    assert frechet_distance(mean, cov, mean, cov) == 0
