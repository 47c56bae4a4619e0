"""Losses in PyTorch, differentiable: one loss per example, in nats."""

from dlref.torch.losses.cross_entropy import (
    binary_cross_entropy,
    cross_entropy,
    soft_cross_entropy,
)
from dlref.torch.losses.distillation import distillation_loss
from dlref.torch.losses.focal import binary_focal_loss, focal_loss
from dlref.torch.losses.kl_divergence import (
    KLEstimates,
    gaussian_kl,
    js_divergence,
    kl_divergence,
    kl_estimates,
)
from dlref.torch.losses.logit_scale import soft_cap, z_loss
from dlref.torch.losses.tokens import mean_over_tokens

__all__ = [
    "KLEstimates",
    "binary_cross_entropy",
    "binary_focal_loss",
    "cross_entropy",
    "distillation_loss",
    "focal_loss",
    "gaussian_kl",
    "js_divergence",
    "kl_divergence",
    "kl_estimates",
    "mean_over_tokens",
    "soft_cap",
    "soft_cross_entropy",
    "z_loss",
]
