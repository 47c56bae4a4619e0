"""Layers from scratch: arrays and weights in, arrays out."""

from dlref.numpy.layers.feed_forward import feed_forward, gated_feed_forward

__all__ = ["feed_forward", "gated_feed_forward"]
