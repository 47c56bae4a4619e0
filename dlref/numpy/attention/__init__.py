"""Attention from scratch: masks, and the average of values that they steer."""

from dlref.numpy.attention.flash import (
    flash_attention,
    flash_attention_backward,
    merge_attention,
    online_softmax,
)
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
    "flash_attention",
    "flash_attention_backward",
    "hierarchical_attention",
    "masked_softmax",
    "merge_attention",
    "merge_heads",
    "multi_head_attention",
    "online_softmax",
    "padding_mask",
    "prefix_mask",
    "scaled_dot_product_attention",
    "sliding_window_mask",
    "split_heads",
]
