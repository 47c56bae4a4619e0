"""Attention from scratch: masks, and the average of values that they steer."""

from dlref.numpy.attention.hierarchical import (
    attention_pooling,
    hierarchical_attention,
)
from dlref.numpy.attention.masks import (
    causal_mask,
    document_mask,
    padding_mask,
    prefix_mask,
    sliding_window_mask,
)
from dlref.numpy.attention.multi_head import (
    merge_heads,
    multi_head_attention,
    split_heads,
)
from dlref.numpy.attention.scaled_dot_product import (
    masked_softmax,
    scaled_dot_product_attention,
)
from dlref.numpy.attention.self_attention import attention_weights, entropy

__all__ = [
    "attention_pooling",
    "attention_weights",
    "causal_mask",
    "document_mask",
    "entropy",
    "hierarchical_attention",
    "masked_softmax",
    "merge_heads",
    "multi_head_attention",
    "padding_mask",
    "prefix_mask",
    "scaled_dot_product_attention",
    "sliding_window_mask",
    "split_heads",
]
