"""Layers in PyTorch: the same functions, differentiable, and their modules."""

from dlref.torch.layers.feed_forward import (
    FeedForward,
    GatedFeedForward,
    feed_forward,
    gated_feed_forward,
)

__all__ = [
    "FeedForward",
    "GatedFeedForward",
    "feed_forward",
    "gated_feed_forward",
]
