"""Generative models from scratch: a VAE's bound, and what a GAN's game measures."""

from dlref.numpy.generative.divergences import optimal_discriminator, wasserstein_1d
from dlref.numpy.generative.evidence_lower_bound import (
    evidence_lower_bound,
    importance_weighted_bound,
)
from dlref.numpy.generative.frechet import frechet_distance
from dlref.numpy.generative.gaussian_latents import (
    gaussian_log_likelihood,
    reparameterize,
    standard_normal_kl,
)

__all__ = [
    "evidence_lower_bound",
    "frechet_distance",
    "gaussian_log_likelihood",
    "importance_weighted_bound",
    "optimal_discriminator",
    "reparameterize",
    "standard_normal_kl",
    "wasserstein_1d",
]
