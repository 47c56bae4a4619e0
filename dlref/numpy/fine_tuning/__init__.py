"""Low-rank adapters of frozen weights, in NumPy."""

from dlref.numpy.fine_tuning.lora import (
    dora_weight,
    lora_linear,
    low_rank_update,
    merge_lora,
)

__all__ = ["dora_weight", "lora_linear", "low_rank_update", "merge_lora"]
