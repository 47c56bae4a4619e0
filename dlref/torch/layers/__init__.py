"""Layers in PyTorch: the same functions, differentiable, and their modules."""

from dlref.torch.layers.batch_norm import (
    BatchNormState,
    batch_norm,
    batch_norm_gradient,
    batch_norm_inference,
    fold_batch_norm,
    merge_statistics,
    update_statistics,
)
from dlref.torch.layers.dropout import (
    drop_path,
    drop_path_rates,
    dropout,
    dropout_mask,
)
from dlref.torch.layers.embedding import embedding
from dlref.torch.layers.feed_forward import (
    FeedForward,
    GatedFeedForward,
    feed_forward,
    gated_feed_forward,
)
from dlref.torch.layers.layer_norm import group_norm, layer_norm, layer_norm_gradient
from dlref.torch.layers.mixture_of_experts import (
    MixtureOfExperts,
    balance_step,
    biased_top_k_gates,
    mixture_of_experts,
    top_k_gates,
)
from dlref.torch.layers.rms_norm import RMSNorm, rms_norm, rms_norm_gradient
from dlref.torch.layers.tied_embedding import TiedEmbedding
from dlref.torch.layers.transformer_block import TransformerBlock

__all__ = [
    "BatchNormState",
    "FeedForward",
    "GatedFeedForward",
    "MixtureOfExperts",
    "RMSNorm",
    "TiedEmbedding",
    "TransformerBlock",
    "balance_step",
    "batch_norm",
    "batch_norm_gradient",
    "batch_norm_inference",
    "biased_top_k_gates",
    "drop_path",
    "drop_path_rates",
    "dropout",
    "dropout_mask",
    "embedding",
    "feed_forward",
    "fold_batch_norm",
    "gated_feed_forward",
    "group_norm",
    "layer_norm",
    "layer_norm_gradient",
    "merge_statistics",
    "mixture_of_experts",
    "rms_norm",
    "rms_norm_gradient",
    "top_k_gates",
    "update_statistics",
]
