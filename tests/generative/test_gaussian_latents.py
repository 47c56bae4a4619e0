"""Gaussian latents and data: both languages judged once."""

import re
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.losses import gaussian_kl

BATCHES = [(), (3,), (2, 3), (0,), (3, 0)]
LATENTS = 5


@st.composite
def latents(draw):
    shape = (*draw(st.sampled_from(BATCHES[:3])), LATENTS)
    elements = st.floats(-20, 20)
    return draw(arrays(float, shape, elements=elements)), draw(
        arrays(float, shape, elements=elements)
    )


def random_latents(rng, batch=(2, 3)):
    mean, log_var, noise = rng.normal(size=(3, *batch, LATENTS))
    return np.array(mean), np.array(log_var), np.array(noise)


def random_data(rng, batch=(2, 3)):
    x, mean, log_var = random_latents(rng, batch)
    return x, mean, np.array(np.exp(log_var))


# By hand


def test_the_divergence_by_hand(generative):
    mean = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    log_var = np.log([[1.0, 1.0], [0.25, 1.0], [0.25, 1.0]])
    want = [0.5, (0.25 - 1 + np.log(4)) / 2, 0.5 + (0.25 - 1 + np.log(4)) / 2]
    got = generative.standard_normal_kl(mean, log_var)
    np.testing.assert_allclose(got, want, rtol=1e-12)
    np.testing.assert_allclose(want, [0.5, 0.318147, 0.818147], atol=5e-7)


def test_the_likelihood_by_hand(generative):
    x, mean = np.array([3.0, 1.0]), np.array([1.0, 0.0])
    got = generative.gaussian_log_likelihood(x, mean, np.array([2.0, 0.5]))
    want = -1 - np.log(4 * np.pi) / 2 - 1 - np.log(np.pi) / 2
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_a_sample_by_hand(generative):
    mean, log_var = np.array([1.0, -1.0]), np.log([0.25, 9.0])
    got = generative.reparameterize(mean, log_var, np.array([2.0, -1.0]))
    np.testing.assert_allclose(got, [2.0, -4.0], rtol=1e-12)


# Oracle


def test_the_divergence_equals_the_library(generative, rng):
    mean, log_var, _ = random_latents(rng)
    q = torch.distributions.Normal(torch.tensor(mean), torch.tensor(np.exp(log_var / 2)))
    want = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    got = generative.standard_normal_kl(mean, log_var)
    np.testing.assert_allclose(got, want.sum(-1), rtol=1e-10)


def test_the_likelihood_equals_the_library(generative, rng):
    x, mean, variance = random_data(rng)
    tensors = [torch.tensor(array) for array in (mean, x, variance)]
    want = F.gaussian_nll_loss(*tensors, full=True, eps=0.0, reduction="none")
    got = generative.gaussian_log_likelihood(x, mean, variance)
    np.testing.assert_allclose(got, -want.sum(-1), rtol=1e-10)


# Law


@given(given_latents=latents())
def test_the_divergence_is_that_of_gaussians_added_up(generative, given_latents):
    mean, log_var = given_latents
    standard = np.zeros_like(mean), np.ones_like(mean)
    want = gaussian_kl(mean, np.exp(log_var / 2), *standard).sum(-1)
    got = generative.standard_normal_kl(mean, log_var)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12)
    assert (got >= 0).all()


def test_only_the_prior_has_no_divergence(generative, rng):
    zero = np.zeros((3, LATENTS))
    assert not generative.standard_normal_kl(zero, zero).any()
    for moved in np.eye(LATENTS):
        for pair in ((1e-6 * moved, 0 * moved), (0 * moved, -1e-6 * moved)):
            assert generative.standard_normal_kl(*pair) > 0


def test_an_event_beside_it_adds_its_own_divergence(generative, rng):
    mean, log_var, _ = random_latents(rng)
    whole = generative.standard_normal_kl(mean, log_var)
    parts = [
        generative.standard_normal_kl(mean[..., s], log_var[..., s])
        for s in (slice(2), slice(2, None))
    ]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-12)


def test_the_best_single_variance_is_the_mean_squared_error(generative, rng):
    x, mean, _ = random_data(rng, ())
    best = np.square(x - mean).mean()
    at = [
        generative.gaussian_log_likelihood(x, mean, np.full(LATENTS, factor * best))
        for factor in (0.99, 1.0, 1.01)
    ]
    assert at[1] > max(at[0], at[2])
    want = -LATENTS * (1 + np.log(2 * np.pi * best)) / 2
    np.testing.assert_allclose(at[1], want, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("variance", [0.25, 3])
def test_a_number_is_the_variance_of_all(generative, rng, variance, dtype):
    x, mean, _ = (values.astype(dtype) for values in random_data(rng))
    got = generative.gaussian_log_likelihood(x, mean, variance)
    want = generative.gaussian_log_likelihood(x, mean, np.full_like(x, variance))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, want)


def test_a_number_may_be_more_than_16_bits_hold(generative):
    zero = np.zeros(1, "float16")
    got = generative.gaussian_log_likelihood(zero, zero, 1e6)
    np.testing.assert_allclose(got, -np.log(2e6 * np.pi) / 2, rtol=1e-3)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("kind", [np.float32, np.float64, Fraction])
def test_numbers_of_every_library_are_variances(lang, rng, kind):
    function = lang.module("generative").gaussian_log_likelihood
    x, mean, _ = map(lang.array, random_data(rng))
    got, want = (function(x, mean, variance) for variance in (kind(2), 2.0))
    assert (got == want).all()


def test_another_unit_adds_a_constant(generative, rng):
    x, mean, variance = random_data(rng)
    got = generative.gaussian_log_likelihood(7 * x, 7 * mean, 49 * variance)
    want = generative.gaussian_log_likelihood(x, mean, variance) - LATENTS * np.log(7)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_samples_have_the_mean_and_the_variance(generative, rng):
    mean, log_var, _ = random_latents(rng, ())
    noise, weights = np.polynomial.hermite_e.hermegauss(9)
    weights = weights[:, None] / weights.sum()
    wide = [np.tile(x, (9, 1)) for x in (mean, log_var)]
    z = generative.reparameterize(*wide, np.tile(noise[:, None], LATENTS))
    np.testing.assert_allclose((weights * z).sum(0), mean, rtol=1e-10)
    spread = (weights * (z - mean) ** 2).sum(0)
    np.testing.assert_allclose(spread, np.exp(log_var), rtol=1e-10)


def test_without_noise_a_sample_is_the_mean(generative, rng):
    mean, log_var, _ = random_latents(rng)
    np.testing.assert_array_equal(
        generative.reparameterize(mean, log_var, 0 * mean), mean
    )


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_variance_of_almost_nothing_has_a_finite_divergence(generative, dtype):
    mean, log_var = np.zeros(2, dtype), np.array([-1e4, 0], dtype)
    assert generative.standard_normal_kl(mean, log_var) == 4999.5
    noise = np.ones(2, dtype)
    np.testing.assert_array_equal(
        generative.reparameterize(mean, log_var, noise), np.array([0, 1], dtype)
    )


@pytest.mark.parametrize(("dtype", "widest"), [("float32", 88), ("float64", 709)])
def test_the_widest_variance_still_counts(generative, dtype, widest):
    mean, log_var = np.zeros(2, dtype), np.array([widest, 0], dtype)
    got = generative.standard_normal_kl(mean, log_var)
    np.testing.assert_allclose(got, np.exp(widest) / 2, rtol=1e-6)
    got = generative.reparameterize(mean, log_var, np.array([1, 1], dtype))
    np.testing.assert_allclose(got, [np.exp(widest / 2), 1], rtol=1e-5)


@pytest.mark.parametrize("variance", [1e-30, 1e38])
def test_the_logarithm_of_any_variance_is_finite(generative, variance):
    x, spread = np.full(2, 3, "float32"), np.full(2, variance, "float32")
    got = generative.gaussian_log_likelihood(x, x, spread)
    np.testing.assert_allclose(got, -np.log(2 * np.pi) - np.log(variance), rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_small_divergences_keep_their_digits(generative, dtype):
    mean, log_var = np.zeros(1, dtype), np.full(1, 1e-4, dtype)
    got = generative.standard_normal_kl(mean, log_var)
    np.testing.assert_allclose(got, 1e-8 / 4, rtol=1e-2 if dtype == "float32" else 1e-4)


def test_far_away_is_infinite_and_not_a_warning(generative):
    far, zero = np.array([3e38], "float32"), np.zeros(1, "float32")
    one = np.ones(1, "float32")
    assert generative.standard_normal_kl(far, zero) == np.inf
    assert generative.gaussian_log_likelihood(far, zero, one) == -np.inf
    short = np.full(1, 80, "float16")
    assert generative.reparameterize(short, short, short) == np.inf


def test_many_features_in_16_bits(generative):
    x = np.full(70_001, 0.1, "float16")
    got = generative.gaussian_log_likelihood(x, 0 * x, np.ones_like(x))
    want = -70_001 * (np.log(2 * np.pi) + 0.01) / 2  # just within 16 bits
    np.testing.assert_allclose(got, want, rtol=1e-3)
    got = generative.standard_normal_kl(x, 0 * x)
    np.testing.assert_allclose(got, 350, rtol=1e-3)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(generative, rng, dtype):
    mean, log_var, noise = (x.astype(dtype) for x in random_latents(rng))
    spread = np.exp(log_var)
    for function, short in (
        (generative.standard_normal_kl, (mean, log_var)),
        (generative.reparameterize, (mean, log_var, noise)),
        (generative.gaussian_log_likelihood, (mean, noise, spread)),
    ):
        got = function(*short)
        assert got.dtype == dtype
        want = function(*(x.astype(float) for x in short))
        np.testing.assert_allclose(got, want, rtol=0.003, atol=0.003)


def test_bfloat16(rng):
    from dlref.torch import generative

    mean, log_var, noise = map(torch.tensor, random_latents(rng))
    short = mean.bfloat16(), log_var.bfloat16(), noise.bfloat16()
    wide = [x.double() for x in short]
    for function, among in (
        (generative.standard_normal_kl, [0, 1]),
        (generative.reparameterize, [0, 1, 2]),
    ):
        got = function(*(short[i] for i in among))
        assert got.dtype == torch.bfloat16
        want = function(*(wide[i] for i in among))
        torch.testing.assert_close(got.double(), want, rtol=0.01, atol=0.01)


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(generative, rng, batch):
    mean, log_var, noise = random_latents(rng, batch)
    spread = np.exp(log_var)
    for function, arrays_of in (
        (generative.standard_normal_kl, (mean, log_var)),
        (generative.reparameterize, (mean, log_var, noise)),
        (generative.gaussian_log_likelihood, (mean, noise, spread)),
    ):
        got = function(*arrays_of)
        assert isinstance(got, np.ndarray)
        assert got.shape[: len(batch)] == batch
        for i in np.ndindex(batch):
            one = function(*(x[i] for x in arrays_of))
            np.testing.assert_allclose(got[i], one, rtol=1e-12)


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("generative")
    before = [abs(x) for x in random_latents(rng)]
    given = [lang.array(x) for x in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.standard_normal_kl(*given[:2])
    module.reparameterize(*given)
    module.gaussian_log_likelihood(*given)
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


# Gradient


def test_gradcheck(rng):
    from dlref.torch import generative

    three = [torch.tensor(x, requires_grad=True) for x in random_latents(rng)]
    assert torch.autograd.gradcheck(generative.standard_normal_kl, three[:2])
    assert torch.autograd.gradgradcheck(generative.standard_normal_kl, three[:2])
    assert torch.autograd.gradcheck(generative.reparameterize, three)
    data = [torch.tensor(x, requires_grad=True) for x in random_data(rng)]
    assert torch.autograd.gradcheck(generative.gaussian_log_likelihood, data)


def test_the_gradients_of_the_divergence_are_the_mean_and_half_the_excess(rng):
    from dlref.torch.generative import standard_normal_kl

    mean, log_var = (torch.tensor(x, requires_grad=True) for x in random_latents(rng)[:2])
    standard_normal_kl(mean, log_var).sum().backward()
    torch.testing.assert_close(mean.grad, mean.detach())
    torch.testing.assert_close(log_var.grad, (log_var.detach().exp() - 1) / 2)


def test_a_sample_moves_with_its_mean_and_by_the_noise_with_its_deviation(rng):
    from dlref.torch.generative import reparameterize

    mean, log_var, noise = map(torch.tensor, random_latents(rng))
    mean.requires_grad_()
    log_var.requires_grad_()
    reparameterize(mean, log_var, noise).sum().backward()
    torch.testing.assert_close(mean.grad, torch.ones_like(noise))
    want = noise * (log_var.detach() / 2).exp() / 2
    torch.testing.assert_close(log_var.grad, want)


def test_gradients_are_finite_at_extremes():
    from dlref.torch import generative

    mean = torch.tensor([1e4, -1e4, 0.0], requires_grad=True)
    log_var = torch.tensor([-1e4, 80.0, 0.0], requires_grad=True)
    noise = torch.tensor([3.0, -3.0, 0.0])
    generative.standard_normal_kl(mean, log_var).backward()
    generative.reparameterize(mean, log_var, noise).sum().backward()
    assert mean.grad.isfinite().all()
    assert log_var.grad.isfinite().all()


# Errors


ROWS = np.ones((2, 3))
NAN = np.array([[0.0, np.nan, 0.0], [0.0, 0.0, 0.0]])
FINITE = "{0} must be finite; got {0}=nan"


def refused(function, fits, change, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        function(**{**fits, **change})


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["standard_normal_kl", "reparameterize"])
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"mean": ROWS.astype(int)},
            TypeError,
            "mean must be floating point; got mean.dtype=int64",
        ),
        (
            {"log_var": ROWS.astype(int)},
            TypeError,
            "log_var must be floating point; got log_var.dtype=int64",
        ),
        (
            {"log_var": ROWS.astype("float32")},
            TypeError,
            "log_var must have the dtype of mean, float64; got log_var.dtype=float32",
        ),
        (
            {"log_var": ROWS[:1]},
            ValueError,
            "log_var must have the shape of mean; "
            "got log_var.shape=(1, 3), mean.shape=(2, 3)",
        ),
        (
            {"mean": np.array(0.0)},
            ValueError,
            "mean must have an axis; got mean.shape=()",
        ),
        ({"mean": NAN}, ValueError, FINITE.format("mean")),
        (
            {"log_var": NAN},
            ValueError,
            "log_var must be finite and at most 709; got log_var=nan",
        ),
        (
            {"log_var": 709.5 * ROWS},
            ValueError,
            "log_var must be finite and at most 709; got log_var=709.5",
        ),
        (
            {"log_var": -np.inf * ROWS},
            ValueError,
            "log_var must be finite and at most 709; got log_var=-inf",
        ),
    ],
)
def test_latents_are_refused(generative, name, change, error, message):
    fits = {"mean": ROWS, "log_var": ROWS}
    if name == "reparameterize":
        fits["noise"] = ROWS
    refused(getattr(generative, name), fits, change, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_32_bits_hold_less(generative, dtype):
    rows, log_var = ROWS.astype(dtype), np.full((2, 3), 88.5, dtype)
    message = "log_var must be finite and at most 88; got log_var=88.5"
    given = {"mean": rows, "log_var": log_var}
    refused(generative.standard_normal_kl, given, {}, ValueError, message)
    given |= {"noise": rows}
    refused(generative.reparameterize, given, {}, ValueError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("variance", [True, "1", [1.0], None])
def test_what_is_no_variance(generative, lang, variance):
    called = {"numpy": "a NumPy array", "torch": "a PyTorch tensor"}[lang.name]
    kind = type(variance).__name__
    message = f"variance must be {called} or a number; got type(variance)={kind}"
    fits = {"x": ROWS, "mean": ROWS, "variance": variance}
    refused(generative.gaussian_log_likelihood, fits, {}, TypeError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("noise", "error", "message"),
    [
        (
            ROWS.astype("float32"),
            TypeError,
            "noise must have the dtype of mean, float64; got noise.dtype=float32",
        ),
        (
            ROWS[0],
            ValueError,
            "noise must have the shape of mean; got noise.shape=(3,), mean.shape=(2, 3)",
        ),
        (NAN, ValueError, FINITE.format("noise")),
    ],
)
def test_noise_is_refused(generative, noise, error, message):
    fits = {"mean": ROWS, "log_var": ROWS}
    refused(generative.reparameterize, fits, {"noise": noise}, error, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": ROWS.astype(int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        ({"x": np.array(0.0)}, ValueError, "x must have an axis; got x.shape=()"),
        (
            {"mean": ROWS.astype("float32")},
            TypeError,
            "mean must have the dtype of x, float64; got mean.dtype=float32",
        ),
        (
            {"variance": ROWS.astype("float32")},
            TypeError,
            "variance must have the dtype of x, float64; got variance.dtype=float32",
        ),
        (
            {"variance": 0.0},
            ValueError,
            "variance must be between 1e-30 and 1e+30; got variance=0.0",
        ),
        (
            {"variance": np.nan},
            ValueError,
            "variance must be between 1e-30 and 1e+30; got variance=nan",
        ),
        (
            {"variance": 2e30},
            ValueError,
            "variance must be between 1e-30 and 1e+30; got variance=2e+30",
        ),
        (
            {"mean": ROWS[:1]},
            ValueError,
            "mean must have the shape of x; got mean.shape=(1, 3), x.shape=(2, 3)",
        ),
        (
            {"variance": ROWS[:, :1]},
            ValueError,
            "variance must have the shape of x; "
            "got variance.shape=(2, 1), x.shape=(2, 3)",
        ),
        ({"x": NAN}, ValueError, FINITE.format("x")),
        ({"mean": NAN}, ValueError, FINITE.format("mean")),
        (
            {"variance": NAN},
            ValueError,
            "variance must be above 0 and finite; got variance=nan",
        ),
        (
            {"variance": 0 * ROWS},
            ValueError,
            "variance must be above 0 and finite; got variance=0.0",
        ),
        (
            {"variance": -2 * ROWS},
            ValueError,
            "variance must be above 0 and finite; got variance=-2.0",
        ),
    ],
)
def test_data_are_refused(generative, change, error, message):
    fits = {"x": ROWS, "mean": ROWS, "variance": ROWS}
    refused(generative.gaussian_log_likelihood, fits, change, error, message)
