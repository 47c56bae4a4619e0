"""Layers from scratch: arrays and weights in, arrays out."""

from dlref.numpy.layers.feed_forward import feed_forward, gated_feed_forward
from dlref.numpy.layers.layer_norm import group_norm, layer_norm, layer_norm_gradient
from dlref.numpy.layers.rms_norm import rms_norm, rms_norm_gradient

__all__ = [
    "feed_forward",
    "gated_feed_forward",
    "group_norm",
    "layer_norm",
    "layer_norm_gradient",
    "rms_norm",
    "rms_norm_gradient",
]
