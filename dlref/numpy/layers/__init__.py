"""Layers from scratch: arrays and weights in, arrays out."""

from dlref.numpy.layers.batch_norm import (
    BatchNormState,
    batch_norm,
    batch_norm_gradient,
    batch_norm_inference,
    fold_batch_norm,
    merge_statistics,
    update_statistics,
)
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
from dlref.numpy.layers.embedding import embedding, embedding_gradient
from dlref.numpy.layers.feed_forward import feed_forward, gated_feed_forward
from dlref.numpy.layers.layer_norm import group_norm, layer_norm, layer_norm_gradient
from dlref.numpy.layers.mixture_of_experts import (
    balance_step,
    biased_top_k_gates,
    mixture_of_experts,
    top_k_gates,
)
from dlref.numpy.layers.rms_norm import rms_norm, rms_norm_gradient

__all__ = [
    "BatchNormState",
    "balance_step",
    "batch_norm",
    "batch_norm_gradient",
    "batch_norm_inference",
    "biased_top_k_gates",
    "drop_path",
    "drop_path_rates",
    "dropout",
    "dropout_mask",
    "dropout_ridge",
    "dropout_variance_ratio",
    "embedding",
    "embedding_gradient",
    "expected_dropout_loss",
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
