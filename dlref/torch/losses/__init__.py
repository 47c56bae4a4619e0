"""Losses in PyTorch, differentiable: one loss per example, in nats."""

from dlref.torch.losses.contrastive import clip_loss, info_nce, nt_xent
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
from dlref.torch.losses.load_balancing import load_balancing_loss
from dlref.torch.losses.logit_scale import soft_cap, z_loss
from dlref.torch.losses.policy_loss import clipped_policy_loss, group_advantages
from dlref.torch.losses.preferences import (
    RegularizedOptimum,
    bradley_terry_loss,
    dpo_loss,
    regularized_optimum,
)
from dlref.torch.losses.sigmoid_contrastive import sigmoid_contrastive_loss
from dlref.torch.losses.skip_gram import skip_gram_loss
from dlref.torch.losses.tokens import mean_over_tokens
from dlref.torch.losses.triplet import triplet_loss
from dlref.torch.losses.uniformity import alignment, uniformity

__all__ = [
    "KLEstimates",
    "RegularizedOptimum",
    "alignment",
    "binary_cross_entropy",
    "binary_focal_loss",
    "bradley_terry_loss",
    "clip_loss",
    "clipped_policy_loss",
    "cross_entropy",
    "distillation_loss",
    "dpo_loss",
    "focal_loss",
    "gaussian_kl",
    "group_advantages",
    "info_nce",
    "js_divergence",
    "kl_divergence",
    "kl_estimates",
    "load_balancing_loss",
    "mean_over_tokens",
    "nt_xent",
    "regularized_optimum",
    "sigmoid_contrastive_loss",
    "skip_gram_loss",
    "soft_cap",
    "soft_cross_entropy",
    "triplet_loss",
    "uniformity",
    "z_loss",
]
