"""Layers in PyTorch: the same functions, differentiable, and their modules."""

from dlref.torch.layers.dropout import (
    drop_path,
    drop_path_rates,
    dropout,
    dropout_mask,
)
from dlref.torch.layers.feed_forward import (
    FeedForward,
    GatedFeedForward,
    feed_forward,
    gated_feed_forward,
)
from dlref.torch.layers.layer_norm import group_norm, layer_norm, layer_norm_gradient
from dlref.torch.layers.rms_norm import RMSNorm, rms_norm, rms_norm_gradient
from dlref.torch.layers.transformer_block import TransformerBlock

__all__ = [
    "FeedForward",
    "GatedFeedForward",
    "RMSNorm",
    "TransformerBlock",
    "drop_path",
    "drop_path_rates",
    "dropout",
    "dropout_mask",
    "feed_forward",
    "gated_feed_forward",
    "group_norm",
    "layer_norm",
    "layer_norm_gradient",
    "rms_norm",
    "rms_norm_gradient",
]
