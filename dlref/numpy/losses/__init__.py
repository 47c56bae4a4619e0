"""Losses from scratch, in nats per example; their gradients and their minimizers."""

from dlref.numpy.losses.cross_entropy import (
    binary_cross_entropy,
    cross_entropy,
    cross_entropy_gradient,
    soft_cross_entropy,
)
from dlref.numpy.losses.focal import (
    binary_focal_loss,
    binary_focal_loss_gradient,
    focal_loss,
    focal_loss_gradient,
)
from dlref.numpy.losses.minimizers import (
    focal_minimizer,
    prior_bias,
    weighted_cross_entropy_minimizer,
)

__all__ = [
    "binary_cross_entropy",
    "binary_focal_loss",
    "binary_focal_loss_gradient",
    "cross_entropy",
    "cross_entropy_gradient",
    "focal_loss",
    "focal_loss_gradient",
    "focal_minimizer",
    "prior_bias",
    "soft_cross_entropy",
    "weighted_cross_entropy_minimizer",
]
