"""Losses from scratch, in nats per example; their gradients and their minimizers."""

from dlref.numpy.losses.co_occurrence import noise_distribution, shifted_pmi
from dlref.numpy.losses.contrastive import clip_loss, info_nce, nt_xent
from dlref.numpy.losses.cross_entropy import (
    binary_cross_entropy,
    cross_entropy,
    cross_entropy_gradient,
    soft_cross_entropy,
)
from dlref.numpy.losses.distillation import (
    distillation_gradient,
    distillation_loss,
)
from dlref.numpy.losses.focal import (
    binary_focal_loss,
    binary_focal_loss_gradient,
    focal_loss,
    focal_loss_gradient,
)
from dlref.numpy.losses.kl_divergence import (
    KLEstimates,
    gaussian_kl,
    js_divergence,
    kl_divergence,
    kl_estimates,
)
from dlref.numpy.losses.load_balancing import load_balancing_loss
from dlref.numpy.losses.logit_scale import soft_cap, z_loss
from dlref.numpy.losses.minimizers import (
    focal_minimizer,
    prior_bias,
    weighted_cross_entropy_minimizer,
)
from dlref.numpy.losses.perplexity import bits_per_byte, perplexity
from dlref.numpy.losses.policy_loss import clipped_policy_loss, group_advantages
from dlref.numpy.losses.preferences import (
    RegularizedOptimum,
    bradley_terry_loss,
    dpo_loss,
    regularized_optimum,
)
from dlref.numpy.losses.sigmoid_contrastive import sigmoid_contrastive_loss
from dlref.numpy.losses.skip_gram import (
    SkipGramGradient,
    skip_gram_gradient,
    skip_gram_loss,
)
from dlref.numpy.losses.tokens import mean_over_tokens
from dlref.numpy.losses.triplet import triplet_loss
from dlref.numpy.losses.uniformity import alignment, uniformity

__all__ = [
    "KLEstimates",
    "RegularizedOptimum",
    "SkipGramGradient",
    "alignment",
    "binary_cross_entropy",
    "binary_focal_loss",
    "binary_focal_loss_gradient",
    "bits_per_byte",
    "bradley_terry_loss",
    "clip_loss",
    "clipped_policy_loss",
    "cross_entropy",
    "cross_entropy_gradient",
    "distillation_gradient",
    "distillation_loss",
    "dpo_loss",
    "focal_loss",
    "focal_loss_gradient",
    "focal_minimizer",
    "gaussian_kl",
    "group_advantages",
    "info_nce",
    "js_divergence",
    "kl_divergence",
    "kl_estimates",
    "load_balancing_loss",
    "mean_over_tokens",
    "noise_distribution",
    "nt_xent",
    "perplexity",
    "prior_bias",
    "regularized_optimum",
    "shifted_pmi",
    "sigmoid_contrastive_loss",
    "skip_gram_gradient",
    "skip_gram_loss",
    "soft_cap",
    "soft_cross_entropy",
    "triplet_loss",
    "uniformity",
    "weighted_cross_entropy_minimizer",
    "z_loss",
]
