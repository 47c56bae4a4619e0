"""Attention in PyTorch, differentiable: functions, and the modules built on them."""

from dlref.torch.attention.flash import (
    flash_attention,
    flash_attention_backward,
    merge_attention,
    online_softmax,
)
from dlref.torch.attention.hierarchical import (
    HierarchicalAttention,
    attention_pooling,
    hierarchical_attention,
)
from dlref.torch.attention.kv_cache import KVCache
from dlref.torch.attention.masks import (
    causal_mask,
    document_mask,
    padding_mask,
    prefix_mask,
    sliding_window_mask,
)
from dlref.torch.attention.multi_head import (
    MultiHeadAttention,
    merge_heads,
    multi_head_attention,
    split_heads,
)
from dlref.torch.attention.scaled_dot_product import (
    masked_softmax,
    scaled_dot_product_attention,
)
from dlref.torch.attention.self_attention import attention_weights, entropy

__all__ = [
    "HierarchicalAttention",
    "KVCache",
    "MultiHeadAttention",
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
