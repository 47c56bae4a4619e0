"""Evidence lower bound, with one sample and with several: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.distributions import MultivariateNormal

BATCHES = [(), (3,), (2, 3), (0,), (3, 0)]
SAMPLES = 5
INF = np.inf


def random_terms(rng, batch=(2, 3)):
    log_likelihood, kl = rng.normal(size=(2, *batch))
    return np.array(log_likelihood), np.array(kl**2)


# By hand


def test_the_bound_by_hand(generative):
    """The prior is N(0, 1), x is z plus noise of variance 1, and x = 1."""
    kl = generative.standard_normal_kl(np.array([0.0]), np.log([1.0]))
    log_likelihood = np.array(-np.log(2 * np.pi) / 2 - (1 + 1) / 2)
    got = generative.evidence_lower_bound(log_likelihood, kl)
    np.testing.assert_allclose(got, -1.9189, atol=5e-5)
    kl = generative.standard_normal_kl(np.array([0.5]), np.log([0.5]))
    log_likelihood = np.array(-np.log(2 * np.pi) / 2 - (0.25 + 0.5) / 2)
    got = generative.evidence_lower_bound(log_likelihood, kl)
    np.testing.assert_allclose(got, -np.log(4 * np.pi) / 2 - 1 / 4, rtol=1e-12)


def test_beta_by_hand(generative):
    terms = np.array([-1.0, -3.0]), np.array([0.5, 0.25])
    for beta, want in (0.0, [-1, -3]), (1.0, [-1.5, -3.25]), (4.0, [-3, -4]):
        got = generative.evidence_lower_bound(*terms, beta=beta)
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(generative.evidence_lower_bound(*terms), [-1.5, -3.25])


def test_two_samples_by_hand(generative):
    got = generative.importance_weighted_bound(np.log([[1.0, 3.0], [2.0, 2.0]]))
    np.testing.assert_allclose(got, np.log([2, 2]), rtol=1e-12)


# Oracle


def test_several_samples_equal_the_library(generative, rng):
    log_weights = rng.normal(scale=3, size=(2, 3, SAMPLES))
    got = generative.importance_weighted_bound(log_weights)
    want = np.logaddexp.reduce(log_weights, axis=-1) - np.log(SAMPLES)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def linear_model(rng, d=3, features=2):
    """Probabilistic PCA, x = Wz + noise, and a Gaussian q that is not its posterior."""
    w, x = rng.normal(size=(features, d)), rng.normal(size=features)
    noise = 0.7
    cov = torch.tensor(w @ w.T + noise * np.eye(features))
    log_p = MultivariateNormal(0 * cov[0], cov).log_prob(torch.tensor(x)).item()
    precision = np.eye(d) + w.T @ w / noise
    return w, x, noise, log_p, np.linalg.inv(precision) @ w.T @ x / noise, precision


def bound(generative, w, x, noise, mean, log_var):
    """The exact bound: what z adds to the squared error is the variance that it has."""
    spread = np.full(x.shape, noise)
    log_likelihood = generative.gaussian_log_likelihood(x, w @ mean, spread)
    log_likelihood = log_likelihood - (w**2 @ np.exp(log_var)).sum() / (2 * noise)
    kl = generative.standard_normal_kl(mean, log_var)
    return generative.evidence_lower_bound(np.array(log_likelihood), kl)


def test_the_gap_is_the_divergence_from_the_posterior(generative, rng):
    w, x, noise, log_p, posterior, precision = linear_model(rng)
    mean, log_var = rng.normal(size=(2, 3))
    shift, cov = mean - posterior, np.diag(np.exp(log_var))
    gap = np.trace(precision @ cov) + shift @ precision @ shift - 3 - log_var.sum()
    gap = (gap - np.linalg.slogdet(precision)[1]) / 2
    got = bound(generative, w, x, noise, mean, log_var)
    np.testing.assert_allclose(got, log_p - gap, rtol=1e-10)


# Law


@given(
    drawn=arrays(float, (2, 3), elements=st.floats(-3, 3)),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_bound_is_never_above_the_evidence(generative, drawn, seed):
    w, x, noise, log_p, *_ = linear_model(np.random.default_rng(seed))
    assert bound(generative, w, x, noise, *drawn) <= log_p + 1e-9


def test_with_one_feature_the_best_q_closes_the_gap(generative, rng):
    w, x, noise, log_p, posterior, precision = linear_model(rng, d=1, features=2)
    got = bound(generative, w, x, noise, posterior, -np.log(precision)[0])
    np.testing.assert_allclose(got, log_p, rtol=1e-12)


def test_more_samples_are_nearer_on_average(generative, rng):
    """For three values of z, the mean over all draws is a sum."""
    q, weights = np.array([0.5, 0.3, 0.2]), np.array([0.2, 1.0, 3.0])
    log_p = np.log(q @ weights)
    means = []
    for samples in range(1, 6):
        drawn = np.array(list(np.ndindex((3,) * samples)))
        got = generative.importance_weighted_bound(np.log(weights)[drawn])
        means.append((q[drawn].prod(-1) * got).sum())
    np.testing.assert_allclose(means[0], q @ np.log(weights), rtol=1e-12)
    assert (np.diff(means) > 0.01).all()
    assert means[-1] < log_p


def test_one_sample_is_the_bound(generative, rng):
    log_likelihood, kl = random_terms(rng)
    got = generative.importance_weighted_bound((log_likelihood - kl)[..., None])
    want = generative.evidence_lower_bound(log_likelihood, kl)
    np.testing.assert_allclose(got, want, rtol=1e-12)


@given(
    log_weights=arrays(float, (3, SAMPLES), elements=st.floats(-30, 30)),
    shift=st.floats(-30, 30),
    order=st.permutations(range(SAMPLES)),
)
def test_order_and_unit_of_the_weights(generative, log_weights, shift, order):
    got = generative.importance_weighted_bound(log_weights[:, order] + shift)
    want = generative.importance_weighted_bound(log_weights) + shift
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)
    assert (want - shift >= log_weights.mean(-1) - 1e-12).all()


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_weights_stay_finite(generative, dtype):
    log_weights = np.array([[1e4, -1e4], [-1e4, -1e4], [1e4, 1e4]], dtype)
    got = generative.importance_weighted_bound(log_weights)
    np.testing.assert_allclose(got, [1e4 - np.log(2), -1e4, 1e4], rtol=1e-6)


@pytest.mark.parametrize(("dtype", "kl"), [("float32", -1e-5), ("float64", -2e-14)])
def test_a_divergence_rounded_below_0(generative, dtype, kl):
    """Of a collapsed model, 1 + log σ² − μ² − σ² added up may have the wrong sign."""
    got = generative.evidence_lower_bound(np.ones(1, dtype), np.full(1, kl, dtype))
    np.testing.assert_allclose(got, [1 - kl], rtol=1e-7)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(("dtype", "kl"), [("float32", -1e-4), ("float64", -1e-12)])
def test_a_divergence_below_0_is_refused(generative, dtype, kl):
    kl = np.full(1, kl, dtype)
    message = f"^kl must be at least 0; got kl={kl.item()}$"
    with pytest.raises(ValueError, match=message):
        generative.evidence_lower_bound(np.ones(1, dtype), kl)


def test_a_weight_of_0_counts_as_a_sample(generative):
    rows = np.array([[0.0, -INF, -INF], [-INF, -INF, -INF]])
    got = generative.importance_weighted_bound(rows)
    np.testing.assert_allclose(got, [-np.log(3), -INF], rtol=1e-12)


def test_what_is_impossible_has_a_bound_of_minus_infinity(generative):
    got = generative.evidence_lower_bound(np.array([-INF]), np.array([1.0]))
    assert got == -INF
    huge = np.array([3e38], "float32")
    assert generative.evidence_lower_bound(-huge, huge, beta=1e30) == -INF
    got = generative.evidence_lower_bound(-huge, 0 * huge, beta=1e30)
    np.testing.assert_array_equal(got, -huge)
    far = np.full((1, 2), 1e20, "float32")
    divergence = generative.standard_normal_kl(far, 0 * far)
    assert generative.evidence_lower_bound(huge, divergence, beta=1e-30) == -INF


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(generative, rng, dtype):
    terms = [x.astype(dtype) for x in random_terms(rng)]
    got = generative.evidence_lower_bound(*terms, beta=np.float64(0.5))
    assert got.dtype == dtype
    want = generative.evidence_lower_bound(*(x.astype(float) for x in terms), beta=0.5)
    np.testing.assert_allclose(got, want, rtol=0.003, atol=0.003)
    got = generative.importance_weighted_bound(terms[0])
    assert got.dtype == dtype
    want = generative.importance_weighted_bound(terms[0].astype(float))
    np.testing.assert_allclose(got, want, rtol=0.003, atol=0.003)


def test_many_samples_in_16_bits(generative):
    got = generative.importance_weighted_bound(np.full(70_001, 5, "float16"))
    np.testing.assert_allclose(got, 5, rtol=1e-3)


def test_bfloat16(rng):
    from dlref.torch import generative

    terms = [torch.tensor(x).bfloat16() for x in random_terms(rng)]
    for got, want in (
        (generative.evidence_lower_bound(*terms), terms[0].double() - terms[1].double()),
        (
            generative.importance_weighted_bound(terms[0]),
            terms[0].double().logsumexp(-1) - np.log(3),
        ),
    ):
        assert got.dtype == torch.bfloat16
        torch.testing.assert_close(got.double(), want, rtol=0.01, atol=0.01)


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(generative, rng, batch):
    terms = random_terms(rng, batch)
    got = generative.evidence_lower_bound(*terms)
    assert isinstance(got, np.ndarray)
    np.testing.assert_allclose(got, terms[0] - terms[1], rtol=1e-12)
    log_weights = np.array(rng.normal(size=(*batch, SAMPLES)))
    got = generative.importance_weighted_bound(log_weights)
    assert isinstance(got, np.ndarray)
    assert got.shape == batch
    for i in np.ndindex(batch):
        one = generative.importance_weighted_bound(log_weights[i])
        np.testing.assert_allclose(got[i], one, rtol=1e-12)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("generative")
    before = random_terms(rng)
    given = [lang.array(x) for x in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.evidence_lower_bound(*given, beta=2.0)
    module.importance_weighted_bound(given[0])
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


# Gradient


def test_gradcheck(rng):
    from dlref.torch import generative

    terms = [torch.tensor(x + 1, requires_grad=True) for x in random_terms(rng)]
    assert torch.autograd.gradcheck(
        lambda *x: generative.evidence_lower_bound(*x, beta=0.5), terms
    )
    assert torch.autograd.gradcheck(generative.importance_weighted_bound, terms[:1])


def test_the_gradient_is_the_share_of_each_weight_and_0_where_there_is_none():
    from dlref.torch.generative import importance_weighted_bound

    rows = [[0.0, 2.0, -torch.inf], [1e4, -1e4, 0.0], [-torch.inf] * 3]
    log_weights = torch.tensor(rows, requires_grad=True)
    importance_weighted_bound(log_weights)[:2].sum().backward()
    want = torch.tensor(rows[:2]).softmax(-1)
    torch.testing.assert_close(log_weights.grad[:2], want)
    log_weights.grad = None
    importance_weighted_bound(log_weights)[2].backward()
    assert not log_weights.grad.any()


# Errors


ROWS = np.ones((2, 3))
NAN = np.array([[0.0, np.nan, 0.0], [0.0, 0.0, 0.0]])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"log_likelihood": ROWS.astype(int)},
            TypeError,
            "log_likelihood must be floating point; got log_likelihood.dtype=int64",
        ),
        (
            {"kl": ROWS.astype("float32")},
            TypeError,
            "kl must have the dtype of log_likelihood, float64; got kl.dtype=float32",
        ),
        (
            {"kl": ROWS[:1]},
            ValueError,
            "kl must have the shape of log_likelihood; "
            "got kl.shape=(1, 3), log_likelihood.shape=(2, 3)",
        ),
        (
            {"log_likelihood": NAN},
            ValueError,
            "log_likelihood must be below ∞; got log_likelihood=nan",
        ),
        (
            {"log_likelihood": INF * ROWS},
            ValueError,
            "log_likelihood must be below ∞; got log_likelihood=inf",
        ),
        ({"kl": NAN}, ValueError, "kl must be at least 0; got kl=nan"),
        (
            {"kl": INF * ROWS, "beta": 0.0},
            ValueError,
            "kl must be below ∞ if beta is 0; got kl=inf",
        ),
        ({"kl": -ROWS}, ValueError, "kl must be at least 0; got kl=-1.0"),
        (
            {"beta": -0.5},
            ValueError,
            "beta must be between 0 and 1e+30; got beta=-0.5",
        ),
        (
            {"beta": 2e30},
            ValueError,
            "beta must be between 0 and 1e+30; got beta=2e+30",
        ),
        (
            {"beta": float("nan")},
            ValueError,
            "beta must be between 0 and 1e+30; got beta=nan",
        ),
    ],
)
def test_the_bound_refuses(generative, change, error, message):
    fits = {"log_likelihood": ROWS, "kl": ROWS}
    given = {**fits, **change}
    first, second = given.pop("log_likelihood"), given.pop("kl")
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        generative.evidence_lower_bound(first, second, **given)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("log_weights", "error", "message"),
    [
        (
            ROWS.astype(int),
            TypeError,
            "log_weights must be floating point; got log_weights.dtype=int64",
        ),
        (
            np.array(0.0),
            ValueError,
            "log_weights must have an axis; got log_weights.shape=()",
        ),
        (
            ROWS[:, :0],
            ValueError,
            "log_weights must have at least 1 sample; got log_weights.shape=(2, 0)",
        ),
        (NAN, ValueError, "log_weights must be below ∞; got log_weights=nan"),
        (INF * ROWS, ValueError, "log_weights must be below ∞; got log_weights=inf"),
    ],
)
def test_log_weights_are_refused(generative, log_weights, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        generative.importance_weighted_bound(log_weights)
