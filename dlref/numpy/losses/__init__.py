"""Losses from scratch: one loss per example, in nats, and their gradients by hand."""

from dlref.numpy.losses.cross_entropy import binary_cross_entropy, cross_entropy
from dlref.numpy.losses.focal import (
    binary_focal_loss,
    binary_focal_loss_gradient,
    focal_loss,
    focal_loss_gradient,
)

__all__ = [
    "binary_cross_entropy",
    "binary_focal_loss",
    "binary_focal_loss_gradient",
    "cross_entropy",
    "focal_loss",
    "focal_loss_gradient",
]
