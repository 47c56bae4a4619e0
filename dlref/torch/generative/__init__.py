"""Generative models: a VAE and its bound, the losses of a GAN and what tames them."""

from dlref.torch.generative.adversarial import (
    critic_loss,
    discriminator_loss,
    generator_loss,
)
from dlref.torch.generative.evidence_lower_bound import (
    evidence_lower_bound,
    importance_weighted_bound,
)
from dlref.torch.generative.gaussian_latents import (
    gaussian_log_likelihood,
    reparameterize,
    standard_normal_kl,
)
from dlref.torch.generative.lipschitz import gradient_penalty, spectral_norm
from dlref.torch.generative.variational_autoencoder import VariationalAutoencoder

__all__ = [
    "VariationalAutoencoder",
    "critic_loss",
    "discriminator_loss",
    "evidence_lower_bound",
    "gaussian_log_likelihood",
    "generator_loss",
    "gradient_penalty",
    "importance_weighted_bound",
    "reparameterize",
    "spectral_norm",
    "standard_normal_kl",
]
