"""The score of a mixture with noise on it: both languages judged once."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

WEIGHTS, MEANS, STDS = np.array([[0.3, 0.5, 0.2], [-2, 0.5, 3], [0.3, 0.5, 0.2]])
PARTS = WEIGHTS, MEANS, STDS
HALVES = np.array([0.25, 0.5, 0.25])  # which no type rounds


def share(value):
    return np.array(value)


def density(left, weights=WEIGHTS, means=MEANS, stds=STDS):
    """The library's own mixture, with the noise on it."""
    parts = torch.distributions.Normal(
        torch.tensor(left**0.5 * means), torch.tensor((left * stds**2 + 1 - left) ** 0.5)
    )
    choice = torch.distributions.Categorical(torch.tensor(weights))
    return torch.distributions.MixtureSameFamily(choice, parts)


# By hand


def test_one_part_by_hand(diffusion):
    """ᾱ = 0.36, μ = 5, σ = 2: a mean of 3, a variance of 1.44 + 0.64."""
    part = np.array([1.0]), np.array([5.0]), np.array([2.0])
    got = diffusion.mixture_score(np.array([1.0, 3.0]), share(0.36), *part)
    np.testing.assert_allclose(got, [2 / 2.08, 0], rtol=1e-13, atol=1e-15)


def test_two_parts_by_hand(diffusion):
    """At 1 between ±2, both of deviation 1, the right one is e⁴ times as likely."""
    parts = np.array([0.5, 0.5]), np.array([-2.0, 2.0]), np.ones(2)
    got = diffusion.mixture_score(np.array([1.0]), share(1.0), *parts)
    right = 1 / (1 + np.exp(-4))
    np.testing.assert_allclose(got, [right - 3 * (1 - right)], rtol=1e-12)


# Oracle


@given(left=st.floats(0, 1), at=st.floats(-6, 6))
def test_the_slope_of_the_librarys_density(diffusion, left, at):
    x = torch.tensor([at, 0.5 - at], dtype=torch.float64, requires_grad=True)
    density(left).log_prob(x).sum().backward()
    got = diffusion.mixture_score(x.detach().numpy(), share(left), *PARTS)
    np.testing.assert_allclose(got, x.grad, rtol=1e-9, atol=1e-9)


# Law


def test_pure_noise_pulls_to_the_middle(diffusion):
    x = np.linspace(-5, 5, 11)
    got = diffusion.mixture_score(x, share(0.0), *PARTS)
    np.testing.assert_allclose(got, -x, rtol=1e-13, atol=1e-15)


@given(left=st.floats(0.05, 0.95))
def test_the_mean_of_the_data_follows_from_it(diffusion, left):
    """Tweedie: E[x₀ | x] = (x + (1 − ᾱ) score)/√ᾱ, here by Bayes' rule on a grid."""
    data = np.linspace(-6, 6, 6001)
    prior = density(1.0).log_prob(torch.tensor(data)).exp().numpy()
    x = np.array([-1.5, 0.2, 2.0])
    likely = prior * np.exp(-((x[:, None] - left**0.5 * data) ** 2) / 2 / (1 - left))
    want = (likely * data).sum(-1) / likely.sum(-1)
    score = diffusion.mixture_score(x, share(left), *PARTS)
    np.testing.assert_allclose((x + (1 - left) * score) / left**0.5, want, rtol=1e-6)


@given(order=st.permutations(range(3)))
def test_the_order_of_the_parts_does_not_matter(diffusion, order):
    x = np.linspace(-3, 3, 7)
    want = diffusion.mixture_score(x, share(0.4), *PARTS)
    got = diffusion.mixture_score(x, share(0.4), *(a[list(order)] for a in PARTS))
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


def test_one_share_for_each_number(diffusion):
    x, left = np.linspace(-3, 3, 6).reshape(2, 3), np.array([[0.2], [0.9]])
    got = diffusion.mixture_score(x, left, *PARTS)
    for i in range(2):
        alone = diffusion.mixture_score(x[i], share(left[i, 0]), *PARTS)
        np.testing.assert_allclose(got[i], alone, rtol=1e-14)


@pytest.mark.parametrize("left", [0.0, 0.3, 1.0])
def test_a_share_may_be_a_number(diffusion, left):
    x = np.random.default_rng(4).normal(size=(2, 3))
    parts = np.array([0.25, 0.75]), np.array([-1.0, 2.0]), np.array([0.5, 1.5])
    want = diffusion.mixture_score(x, np.array(left), *parts)
    got = diffusion.mixture_score(x, left, *parts)
    np.testing.assert_allclose(got, want, rtol=1e-13)


# Edge


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_away_the_nearest_part_pulls(diffusion, dtype):
    x = np.array([-1e4, 1e4], dtype)
    parts = (a.astype(dtype) for a in PARTS)
    got = diffusion.mixture_score(x, share(1.0), *parts)
    want = np.array([9998 / 0.09, -9999.5 / 0.25])  # the widest, in the end
    want[0] = 10000.5 / 0.25
    np.testing.assert_allclose(got, want, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(diffusion, dtype):
    given_ = np.linspace(-3, 3, 7), HALVES, MEANS, STDS
    short = [a.astype(dtype) for a in given_]
    x, *parts = (a.astype(float) for a in short)
    got = diffusion.mixture_score(short[0], share(0.4), *short[1:])
    assert got.dtype == dtype
    want = diffusion.mixture_score(x, share(0.4), *parts)
    rtol = 0.002 if dtype == "float16" else 1e-5
    np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol)


def test_bfloat16():
    from dlref.torch.diffusion import mixture_score

    x, *parts = (torch.tensor(a).bfloat16() for a in (MEANS, HALVES, MEANS, STDS))
    got = mixture_score(x, torch.tensor(0.4), *parts)
    assert got.dtype == torch.bfloat16
    want = mixture_score(x.double(), torch.tensor(0.4), *(a.double() for a in parts))
    torch.testing.assert_close(got.double(), want, rtol=0.01, atol=0.01)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
def test_any_shape(diffusion, shape):
    got = diffusion.mixture_score(np.zeros(shape), share(0.4), *PARTS)
    assert isinstance(got, np.ndarray)
    assert got.shape == shape


def test_inputs_are_left_alone(lang):
    arrays = [np.linspace(-3, 3, 7), share(0.4), *PARTS]
    given_ = [lang.array(a) for a in arrays]
    lang.module("diffusion").mixture_score(*given_)
    for array, before in zip(given_, arrays, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def test_gradients():
    from dlref.torch.diffusion import mixture_score

    x = torch.linspace(-3, 3, 7, dtype=torch.float64, requires_grad=True)
    left = torch.tensor(0.4, dtype=torch.float64)
    weights, means, stds = map(torch.tensor, PARTS)
    means.requires_grad_()
    stds.requires_grad_()

    def score(x, means, stds):
        return mixture_score(x, left, weights, means, stds)

    assert torch.autograd.gradcheck(score, (x, means, stds))


# Errors


X = np.zeros(4)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"weights": np.array([0.5, 0.25, 0.125])},
            ValueError,
            "weights must sum to 1 over the classes; got weights.sum(-1)=0.875",
        ),
        (
            {"weights": np.array([0.5, 0.5, 0.0])},
            ValueError,
            "weights must be above 0 and finite; got weights=0.0",
        ),
        (
            {"stds": np.array([0.5, 0.5, 0.0])},
            ValueError,
            "stds must be above 0 and finite; got stds=0.0",
        ),
        (
            {"stds": np.array([0.5, 0.5, np.inf])},
            ValueError,
            "stds must be above 0 and finite; got stds=inf",
        ),
        (
            {"means": np.zeros(1)},
            ValueError,
            "means must have the shape of weights; "
            "got means.shape=(1,), weights.shape=(3,)",
        ),
        (
            {"weights": np.ones((1, 1))},
            ValueError,
            "weights must have shape (parts,), with 1 or more; got weights.shape=(1, 1)",
        ),
        (
            {"weights": np.ones(0)},
            ValueError,
            "weights must have shape (parts,), with 1 or more; got weights.shape=(0,)",
        ),
        (
            {"x": np.zeros(4, int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"stds": STDS.astype("float32")},
            TypeError,
            "stds must have the dtype of x, float64; got stds.dtype=float32",
        ),
        (
            {"alpha_bar": np.array(1.5)},
            ValueError,
            "alpha_bar must be between 0 and 1; got alpha_bar=1.5",
        ),
        (
            {"alpha_bar": np.ones(3)},
            ValueError,
            "alpha_bar must have no axis, or those of x, of its sizes or of 1; "
            "got alpha_bar.shape=(3,), x.shape=(4,)",
        ),
    ],
)
def test_what_is_refused(diffusion, change, error, message):
    names = "x", "alpha_bar", "weights", "means", "stds"
    fits = dict(zip(names, (X, share(0.4), *PARTS), strict=True))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        diffusion.mixture_score(*(fits | change).values())
