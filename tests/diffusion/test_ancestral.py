"""The posterior of a step back, and the sampler made of it: both languages judged."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

BETAS = np.array([0.1, 0.2, 0.15, 0.3, 0.05, 0.4, 0.25])
STEPS = st.integers(1, len(BETAS))


def drawn(seed=0, shape=(2, 3, 5)):
    return np.random.default_rng(seed).normal(size=(2, *shape))


def left_at(t):
    return np.prod(1 - BETAS[:t])


# By hand


def test_by_hand(diffusion):
    """β = 0.1, 0.2: ᾱ = 0.9, 0.72."""
    noisy = np.array([0.72**0.5 + 0.28**0.5])
    mean, variance = diffusion.posterior(np.ones(1), noisy, 2, np.array([0.1, 0.2]))
    np.testing.assert_allclose(variance, 0.2 * 0.1 / 0.28, rtol=1e-12)
    want = 0.9**0.5 * 0.2 / 0.28 + 0.8**0.5 * 0.1 / 0.28 * noisy
    np.testing.assert_allclose(mean, want, rtol=1e-12)
    np.testing.assert_allclose(
        [mean.item(), variance.item()], [1.1177, 0.0714], atol=5e-5
    )


def test_a_step_by_hand(diffusion, chance):
    """From t = 1 nothing is drawn: (1 − 0.1/√0.1 · 2)/√0.9."""
    got = diffusion.ddpm_step(np.ones(3), 2 * np.ones(3), 1, BETAS, rng=chance)
    want = (1 - 0.1 / 0.1**0.5 * 2) / 0.9**0.5
    np.testing.assert_allclose(got, want, rtol=1e-12)


# Oracle


@given(t=STEPS)
def test_the_rules_of_gaussians(diffusion, t):
    """Condition x_{t−1} on x_t by their covariance, with x₀ known."""
    data, noisy = drawn(t)
    before, keep = left_at(t - 1), 1 - BETAS[t - 1]
    spread = 1 - before
    gain = np.sqrt(keep) * spread / (keep * spread + BETAS[t - 1])
    prior = np.sqrt(before) * data
    want = prior + gain * (noisy - np.sqrt(keep) * prior)
    mean, variance = diffusion.posterior(data, noisy, t, BETAS)
    np.testing.assert_allclose(mean, want, rtol=1e-10, atol=1e-12)
    want = spread - gain * np.sqrt(keep) * spread
    np.testing.assert_allclose(variance, want, rtol=1e-10, atol=1e-15)


@given(t=STEPS)
def test_the_density_of_two_steps(diffusion, t):
    """q(x_{t−1} | x₀) q(x_t | x_{t−1}) as a function of x_{t−1}: its peak and width."""
    data, noisy = np.array(0.7), np.array(-1.2)
    x = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    before, beta = (torch.tensor(value) for value in (left_at(t - 1), BETAS[t - 1]))

    def log_density(x):
        late = torch.distributions.Normal((1 - beta) ** 0.5 * x, beta**0.5)
        density = late.log_prob(torch.tensor(noisy))
        if t > 1:
            early = torch.distributions.Normal(before**0.5 * 0.7, (1 - before) ** 0.5)
            density = density + early.log_prob(x)
        return density

    mean, variance = diffusion.posterior(data, noisy, t, BETAS)
    if t == 1:
        np.testing.assert_array_equal([mean, variance], [0.7, 0])
        return
    (slope,) = torch.autograd.grad(log_density(x), x, create_graph=True)
    (curve,) = torch.autograd.grad(slope, x)
    np.testing.assert_allclose(variance, -1 / curve.item(), rtol=1e-10)
    want = 0.3 - slope.item() / curve.item()
    np.testing.assert_allclose(mean, want, rtol=1e-10)


# Law


def test_the_first_step_back_is_the_data(diffusion):
    data, noisy = drawn(1)
    mean, variance = diffusion.posterior(data, noisy, 1, BETAS)
    np.testing.assert_array_equal(mean, data)
    assert variance == 0


@given(t=STEPS)
def test_a_step_has_the_mean_and_the_variance_of_the_posterior(diffusion, lang, t):
    noisy, noise = (np.full(20_000, value) for value in (1.3, 0.4))
    rng = np.random.default_rng(t) if lang.name == "numpy" else None
    torch.manual_seed(t)
    got = diffusion.ddpm_step(noisy, noise, t, BETAS, rng=rng)
    data = diffusion.data_from_noise(noisy, noise, np.array(left_at(t)))
    mean, variance = diffusion.posterior(data, noisy, t, BETAS)
    error = 5 * np.sqrt(variance / len(got))
    np.testing.assert_allclose(got.mean(), mean[0], rtol=1e-9, atol=error)
    np.testing.assert_allclose(got.var(), variance, rtol=0.05, atol=1e-20)


def test_each_number_has_a_chance_of_its_own(diffusion, chance):
    got = diffusion.ddpm_step(np.zeros((3, 5)), np.zeros((3, 5)), 4, BETAS, rng=chance)
    assert got.shape == (3, 5)
    assert len(np.unique(got)) == 15


def test_the_generator_is_the_one_that_was_given(lang, diffusion):
    def made():
        if lang.name == "numpy":
            return np.random.default_rng(7)
        return torch.Generator().manual_seed(7)

    one, other = (
        diffusion.ddpm_step(np.zeros(5), np.ones(5), 3, BETAS, rng=made())
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)


def test_a_whole_chain_keeps_the_law_of_the_data(diffusion, chance):
    """The best noise for Gaussian data is known: samples have its mean and variance."""
    mean, variance = 0.5, 0.25
    betas = np.linspace(1e-3, 0.05, 300)
    bars = np.cumprod(1 - betas)
    x = np.random.default_rng(2).normal(size=20_000)
    for t in range(300, 0, -1):
        left = bars[t - 1]
        score = (np.sqrt(left) * mean - x) / (left * variance + 1 - left)
        x = diffusion.ddpm_step(x, -np.sqrt(1 - left) * score, t, betas, rng=chance)
    np.testing.assert_allclose([x.mean(), x.var()], [mean, variance], atol=0.02)


# Edge


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("t", [1, 4])
def test_the_dtype_stays(diffusion, chance, dtype, t):
    data, noisy = drawn(3).astype(dtype)
    for kind in "float32", "float64":
        mean, variance = diffusion.posterior(data, noisy, t, BETAS.astype(kind))
        assert (mean.dtype, variance.dtype) == (dtype, kind)
        assert variance.shape == ()
        want, _ = diffusion.posterior(data.astype(float), noisy.astype(float), t, BETAS)
        np.testing.assert_allclose(mean, want, rtol=0.001, atol=0.002)
        got = diffusion.ddpm_step(noisy, data, t, BETAS.astype(kind), rng=chance)
        assert got.dtype == dtype
    want = diffusion.ddpm_step(
        noisy.astype(float), data.astype(float), 1, BETAS, rng=chance
    )
    got = diffusion.ddpm_step(noisy, data, 1, BETAS, rng=chance)
    rtol = 4.9e-4 if dtype == "float16" else 1e-6  # rounded once, at the end
    np.testing.assert_allclose(got, want, rtol=rtol, atol=1e-6)


def test_a_long_schedule_in_32_bits(diffusion):
    betas = np.linspace(1e-4, 0.02, 1000).astype("float32")
    for t in 1, 2, 500, 1000:
        short = diffusion.posterior(np.ones(1), np.ones(1), t, betas)
        exact = diffusion.posterior(np.ones(1), np.ones(1), t, betas.astype(float))
        np.testing.assert_allclose(short[0], exact[0], rtol=1e-12)
        np.testing.assert_allclose(short[1], exact[1], rtol=1e-7)


def test_bfloat16():
    from dlref.torch.diffusion import ddpm_step, posterior

    pair = [torch.tensor(x).bfloat16() for x in drawn(4)]
    mean, _ = posterior(*pair, 3, torch.tensor(BETAS))
    step = ddpm_step(*pair, 3, torch.tensor(BETAS), rng=None)
    assert mean.dtype == step.dtype == torch.bfloat16


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (2, 3)])
def test_any_shape(diffusion, chance, shape):
    data, noisy = (np.asarray(x) for x in drawn(5, shape))
    mean, _ = diffusion.posterior(data, noisy, 2, BETAS)
    step = diffusion.ddpm_step(noisy, data, 2, BETAS, rng=chance)
    for got in mean, step:
        assert isinstance(got, np.ndarray)
        assert got.shape == shape


def test_from_pure_noise(diffusion):
    """At β = 1, x_t tells nothing: the mean is that of x_{t−1} alone."""
    data, noisy = drawn(6)
    mean, variance = diffusion.posterior(data, noisy, 3, np.array([0.1, 0.2, 1.0]))
    np.testing.assert_allclose(mean, np.sqrt(0.72) * data, rtol=1e-12)
    np.testing.assert_allclose(variance, 0.28, rtol=1e-12)


def test_a_small_first_step_keeps_its_digits(diffusion):
    betas = np.array([1e-9, 1e-9])
    _, variance = diffusion.posterior(np.ones(1), np.ones(1), 2, betas)
    np.testing.assert_allclose(variance, 5e-10, rtol=1e-7)


def test_inputs_are_left_alone(lang, chance):
    module = lang.module("diffusion")
    pair = drawn(7)
    given_ = [lang.array(x) for x in (*pair, BETAS)]
    module.posterior(*given_[:2], 3, given_[2])
    module.ddpm_step(*given_[:2], 3, given_[2], rng=chance)
    for array, before in zip(given_, (*pair, BETAS), strict=True):
        np.testing.assert_array_equal(array, before)


def test_chance_is_drawn_in_32_bits():
    """In 16 it would be another draw, and a rounded one."""
    from dlref.torch.diffusion import ddpm_step

    half = [torch.linspace(-2, 2, 64).half(), torch.linspace(1, -1, 64).half()]
    betas, rng = torch.tensor([0.1, 0.5]), torch.Generator()
    got = ddpm_step(*half, 2, betas, rng=rng.manual_seed(0))
    want = ddpm_step(*(x.float() for x in half), 2, betas, rng=rng.manual_seed(0))
    assert torch.equal(got, want.half())


# Gradient


@pytest.mark.parametrize("t", [1, 4])
def test_gradients(t):
    from dlref.torch.diffusion import ddpm_step, posterior

    pair = [torch.tensor(x, requires_grad=True) for x in drawn(8, (2, 3))]
    betas = torch.tensor(BETAS)
    assert torch.autograd.gradcheck(lambda x, y: posterior(x, y, t, betas)[0], pair)

    def step(x, y):
        return ddpm_step(x, y, t, betas, rng=torch.Generator().manual_seed(0))

    assert torch.autograd.gradcheck(step, pair)


# Errors


ONES = np.ones((2, 3))


def refused(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call()


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("t", "betas", "error", "message"),
    [
        (0, BETAS, ValueError, "t must be between 1 and 7; got t=0"),
        (8, BETAS, ValueError, "t must be between 1 and 7; got t=8"),
        (
            1,
            np.array([0.5, 1.5]),
            ValueError,
            "betas must be above 0 and at most 1; got betas=1.5",
        ),
        (
            1,
            BETAS.astype("float16"),
            TypeError,
            "betas must have 32 bits or more: most of 1 − β is 1; "
            "got betas.dtype=float16",
        ),
    ],
)
def test_steps_that_cannot_be(diffusion, chance, t, betas, error, message):
    refused(lambda: diffusion.posterior(ONES, ONES, t, betas), error, message)
    step = lambda: diffusion.ddpm_step(ONES, ONES, t, betas, rng=chance)  # noqa: E731
    refused(step, error, message)


@pytest.mark.usefixtures("unchecked")
def test_arrays_that_do_not_fit(diffusion, chance):
    for name, (first, second), more in [
        ("posterior", ("data", "noisy"), {}),
        ("ddpm_step", ("noisy", "noise"), {"rng": chance}),
    ]:
        function = getattr(diffusion, name)
        message = f"{second} must have the shape of {first}; "
        message += f"got {second}.shape=(2, 1), {first}.shape=(2, 3)"
        call = lambda: function(ONES, ONES[:, :1], 1, BETAS, **more)  # noqa: B023, E731
        refused(call, ValueError, message)
        message = f"{first} must be floating point; got {first}.dtype=int64"
        call = lambda: function(ONES.astype(int), ONES, 1, BETAS, **more)  # noqa: B023, E731
        refused(call, TypeError, message)


def test_a_step_from_pure_noise(diffusion, chance):
    message = (
        "betas must be below 1 at t: the noise does not tell the data; got betas=1.0"
    )
    betas = np.array([0.1, 1.0])
    refused(
        lambda: diffusion.ddpm_step(ONES, ONES, 2, betas, rng=chance), ValueError, message
    )
    diffusion.ddpm_step(ONES, ONES, 1, betas, rng=chance)


@pytest.mark.usefixtures("unchecked")
def test_a_seed_is_no_generator(lang, diffusion):
    made = {
        "numpy": "a numpy.random.Generator, such as numpy.random.default_rng(0)",
        "torch": "a torch.Generator, such as torch.Generator().manual_seed(0), or None",
    }
    message = f"rng must be {made[lang.name]}; got type(rng)=int"
    refused(lambda: diffusion.ddpm_step(ONES, ONES, 1, BETAS, rng=0), TypeError, message)
