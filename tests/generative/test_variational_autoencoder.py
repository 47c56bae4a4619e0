"""The variational autoencoder, of PyTorch alone."""

import re

import pytest
import torch
from torch import nn
from torch.distributions import Independent, Normal, kl_divergence

from dlref.torch.generative import VariationalAutoencoder

SIZES = FEATURES, LATENTS, HIDDEN = 7, 3, 5
BATCHES = [(), (2,), (2, 3), (0,)]


def random_model(dtype=torch.float64):
    """A model whose biases and noise do something."""
    torch.manual_seed(3)
    model = VariationalAutoencoder(*SIZES)
    nn.init.constant_(model.log_variance, -0.7)
    return model.to(dtype)


def random_data(*batch):
    generator = torch.Generator().manual_seed(5)
    options = {"generator": generator, "dtype": torch.float64}
    return torch.randn(*batch, FEATURES, **options), torch.randn(
        *batch, LATENTS, **options
    )


# By hand


def test_a_model_of_zeros_by_hand():
    """Latents of the prior, and a reconstruction of 0."""
    model = random_model()
    for weight in model.parameters():
        nn.init.zeros_(weight)
    x, noise = random_data(2)
    want = -(x.square().sum(-1) + FEATURES * torch.tensor(2 * torch.pi).log()) / 2
    torch.testing.assert_close(model(x, noise), want)


# Oracle


def test_equals_the_distributions_of_the_library():
    model = random_model()
    x, noise = random_data(2, 3)
    mean, log_var = model.encode(x)
    q = Independent(Normal(mean, (log_var / 2).exp()), 1)
    z = q.base_dist.mean + q.base_dist.stddev * noise
    deviation = (model.log_variance / 2).exp()
    p = Independent(Normal(model.decode(z), deviation.expand_as(x)), 1)
    prior = Independent(Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1)
    torch.testing.assert_close(model(x, noise), p.log_prob(x) - kl_divergence(q, prior))


# Law


def test_each_network_has_one_hidden_layer_with_a_relu():
    model = random_model()
    x, z = random_data(2)
    by_hand = {}
    for name, given in ("encoder", x), ("decoder", z):
        first, _, second = getattr(model, name)
        assert first.out_features == second.in_features == HIDDEN
        hidden = nn.functional.linear(given, *first.parameters()).clamp(min=0)
        by_hand[name] = nn.functional.linear(hidden, *second.parameters())
    torch.testing.assert_close(torch.cat(model.encode(x), -1), by_hand["encoder"])
    torch.testing.assert_close(model.decode(z), by_hand["decoder"])


def test_the_best_noise_is_the_mean_squared_error():
    model = random_model()
    x, noise = random_data(11)
    mean, log_var = model.encode(x)
    error = x - model.decode(mean + (log_var / 2).exp() * noise)
    model.log_variance.data = error.square().mean().log()
    (gradient,) = torch.autograd.grad(model(x, noise).sum(), model.log_variance)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient))


def test_a_step_uphill_raises_the_bound():
    model = random_model()
    x, noise = random_data(11)
    before = model(x, noise).mean()
    before.backward()
    with torch.no_grad():
        for weight in model.parameters():
            weight += 1e-3 * weight.grad
    assert model(x, noise).mean() > before


def test_a_new_model_has_a_noise_of_1():
    model = VariationalAutoencoder(*SIZES)
    assert model.log_variance.item() == 0
    assert model.log_variance.shape == ()


# Edge


@pytest.mark.parametrize("batch", BATCHES)
def test_any_number_of_batch_axes(batch):
    model = random_model()
    x, noise = random_data(*batch)
    got = model(x, noise)
    assert got.shape == batch
    flat = zip(x.reshape(-1, FEATURES), noise.reshape(-1, LATENTS), strict=True)
    for one, (row, epsilon) in zip(got.ravel(), flat, strict=True):
        torch.testing.assert_close(one, model(row, epsilon))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_dtype_stays(dtype):
    model = random_model(dtype)
    x, noise = (given.to(dtype) for given in random_data(2))
    assert model(x, noise).dtype == dtype
    assert model.decode(noise).dtype == dtype


# Gradient


def test_gradcheck_and_every_weight_has_a_gradient():
    model = random_model()
    x, noise = random_data(2)
    names, weights = zip(*model.named_parameters(), strict=True)

    def bound(*weights):
        given = dict(zip(names, weights, strict=True))
        return torch.func.functional_call(model, given, (x, noise))

    assert torch.autograd.gradcheck(bound, weights)
    model(x, noise).sum().backward()
    assert all(weight.grad.any() for weight in weights)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda model, x, z: model.encode(z),
            ValueError,
            "x must have a last axis of input_dim=7; got x.shape=(2, 3)",
        ),
        (
            lambda model, x, z: model(z, z),
            ValueError,
            "x must have a last axis of input_dim=7; got x.shape=(2, 3)",
        ),
        (
            lambda model, x, z: model.decode(x),
            ValueError,
            "z must have a last axis of latent_dim=3; got z.shape=(2, 7)",
        ),
        (
            lambda model, x, z: model.decode(z.int()),
            TypeError,
            "z must be floating point; got z.dtype=int32",
        ),
        (
            lambda model, x, z: model.encode(x.int()),
            TypeError,
            "x must be floating point; got x.dtype=int32",
        ),
        (
            lambda model, x, z: model(x, z[0]),
            ValueError,
            "noise must have the shape of mean; got noise.shape=(3,), mean.shape=(2, 3)",
        ),
        (
            lambda model, x, z: model(x, z.float()),
            TypeError,
            "noise must have the dtype of x, float64; got noise.dtype=float32",
        ),
    ],
)
def test_a_model_refuses(call, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        call(random_model(), *random_data(2))


@pytest.mark.parametrize("name", ["input_dim", "latent_dim", "hidden_dim"])
def test_a_size_of_0_is_refused(name):
    sizes = dict(zip(["input_dim", "latent_dim", "hidden_dim"], SIZES, strict=True))
    with pytest.raises(ValueError, match=f"^{name} must be at least 1; got {name}=0$"):
        VariationalAutoencoder(**{**sizes, name: 0})
