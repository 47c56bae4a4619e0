"""Layers from scratch: arrays and weights in, arrays out."""

from dlref.numpy.layers.dropout import (
    drop_path,
    drop_path_rates,
    dropout,
    dropout_mask,
)
from dlref.numpy.layers.dropout_noise import (
    dropout_ridge,
    dropout_variance_ratio,
    expected_dropout_loss,
)
from dlref.numpy.layers.feed_forward import feed_forward, gated_feed_forward
from dlref.numpy.layers.layer_norm import group_norm, layer_norm, layer_norm_gradient
from dlref.numpy.layers.rms_norm import rms_norm, rms_norm_gradient

__all__ = [
    "drop_path",
    "drop_path_rates",
    "dropout",
    "dropout_mask",
    "dropout_ridge",
    "dropout_variance_ratio",
    "expected_dropout_loss",
    "feed_forward",
    "gated_feed_forward",
    "group_norm",
    "layer_norm",
    "layer_norm_gradient",
    "rms_norm",
    "rms_norm_gradient",
]
