"""The loss of a variational autoencoder, from one sample of its latents."""

import numpy as np
from hypothesis import strategies as st

from dlref.numpy.generative import (
    evidence_lower_bound,
    gaussian_log_likelihood,
    reparameterize,
    standard_normal_kl,
)
from dlref.practice import draw
from dlref.practice.exercise import Bug, Case, Exercise, Law

VARIANCE = (
    "`exp(log_var)` is the variance. A sample takes the deviation, `exp(log_var / 2)`."
)


@st.composite
def inputs(choose):
    batch, features, latents = (choose(st.integers(1, 4)) for _ in range(3))
    return {
        "x": choose(draw.floats((batch, features), -2, 2)),
        "mean": choose(draw.floats((batch, latents), -2, 2)),
        "log_var": choose(draw.floats((batch, latents), -2, 2)),
        "noise": choose(draw.floats((batch, latents), -2, 2)),
        "w": choose(draw.floats((features, latents), -2, 2)),
        "variance": choose(st.sampled_from([0.25, 1.0, 3.0])),
    }


def reference(x, mean, log_var, noise, w, variance):
    decoded = reparameterize(mean, log_var, noise) @ w.T
    log_p = gaussian_log_likelihood(x, decoded, variance)
    return -evidence_lower_bound(log_p, standard_normal_kl(mean, log_var))


def with_a_blind_decoder(answer, x, mean, log_var, noise, w, variance):
    given = {"x": x, "mean": mean, "w": 0 * w, "variance": variance}
    got = answer(log_var=log_var, noise=noise, **given)
    right = gaussian_log_likelihood(x, 0 * x, variance)
    return got, standard_normal_kl(mean, log_var) - right


def case(log_var, noise, right):
    numbers = {"x": 1.0, "mean": 0.5, "log_var": log_var, "noise": noise, "w": 1.0}
    arrays = {name: np.array([[number]]) for name, number in numbers.items()}
    given = {**arrays, "variance": 1.0}
    return Case(given, np.array([right]))


ONE = np.log(2 * np.pi) / 2

EXERCISE = Exercise(
    asks="Write the loss of a VAE with a linear decoder.",
    question="DL0081",
    page="generative/variational-autoencoder",
    level="full",
    minutes=12,
    numpy='''
import numpy as np


def negative_elbo(x, mean, log_var, noise, w, variance):
    """Return minus the ELBO of each example, in nats, from one sample z of q.

    x: floats (batch, features)
    mean, log_var: of q(z|x), floats (batch, latents); the prior is N(0, 1)
    noise: samples of N(0, 1), of the same shape
    w: the decoder: p(x|z) is a Gaussian with the mean w z, (features, latents)
    variance: of each feature of x in that Gaussian, a number
    """
    z = mean + np.exp(log_var / 2) * noise
    error = x - z @ w.T
    fit = error**2 / variance + np.log(2 * np.pi * variance)
    kl = mean**2 + np.exp(log_var) - 1 - log_var
    return (fit.sum(axis=-1) + kl.sum(axis=-1)) / 2
''',
    torch='''
import torch
from torch.distributions import Normal, kl_divergence


def negative_elbo(x, mean, log_var, noise, w, variance):
    """Return minus the ELBO of each example, in nats, from one sample z of q.

    x: floats (batch, features)
    mean, log_var: of q(z|x), floats (batch, latents); the prior is N(0, 1)
    noise: samples of N(0, 1), of the same shape
    w: the decoder: p(x|z) is a Gaussian with the mean w z, (features, latents)
    variance: of each feature of x in that Gaussian, a number
    """
    q = Normal(mean, torch.exp(log_var / 2))
    z = mean + q.stddev * noise
    fit = Normal(z @ w.T, variance**0.5).log_prob(x)
    prior = Normal(torch.zeros_like(mean), 1.0)
    kl = kl_divergence(q, prior)
    return kl.sum(dim=-1) - fit.sum(dim=-1)
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(np.log(0.25), 1.0, ONE + (0.25 + 0.25 - 1 + np.log(4)) / 2),
        case(0.0, -1.0, ONE + 1.5**2 / 2 + 0.125),
    ),
    laws=(Law("a blind decoder leaves the KL and a constant", with_a_blind_decoder),),
    gradient=("mean", "log_var"),
    bugs=(
        Bug("np.exp(log_var / 2) * noise", "np.exp(log_var) * noise", VARIANCE),
        Bug(
            "fit.sum(axis=-1) +",
            "fit.mean(axis=-1) +",
            "A mean over D features and a sum over latents is a β of D. Both are sums.",
        ),
        Bug(
            "mean**2 + np.exp(log_var)",
            "mean**2 + np.exp(log_var / 2)",
            "The KL has the variance, `exp(log_var)`, not the deviation.",
        ),
        Bug(
            "(fit.sum(axis=-1) + kl",
            "(2 * fit.sum(axis=-1) + kl",
            "The likelihood of a Gaussian has a half before the square. Without it, β is "
            "a half.",
        ),
        Bug(
            " + np.log(2 * np.pi * variance)",
            "",
            "The normalizer is missing. While the variance learns, it must not be.",
        ),
        Bug(
            "+ kl.sum(axis=-1)",
            "- kl.sum(axis=-1)",
            "The ELBO is reconstruction minus KL: in the loss, the KL is added.",
        ),
        Bug(
            "Normal(mean, torch.exp(log_var / 2))",
            "Normal(mean, torch.exp(log_var))",
            "`Normal` takes the deviation, `exp(log_var / 2)`, not the variance.",
            language="torch",
        ),
        Bug(
            "variance**0.5",
            "variance",
            "`Normal` takes the deviation: the root of the variance.",
            language="torch",
        ),
        Bug(
            "q.stddev * noise",
            "q.stddev.detach() * noise",
            "Detached, as with `sample()`, the sample has no gradient in log_var.",
            language="torch",
        ),
        Bug(
            "kl_divergence(q, prior)",
            "kl_divergence(prior, q)",
            "This is KL(p ‖ q). The bound has q, over which it averages, first.",
            language="torch",
        ),
    ),
    prints=(
        """
pixels = 28 * 28  # what is the β of a mean over them plus a KL, at a variance of 1?
print(pixels / 2)
""",
    ),
)
