"""Low-rank adapters of frozen weights, in PyTorch."""

from dlref.torch.fine_tuning.lora import (
    LoRALinear,
    dora_weight,
    lora_linear,
    low_rank_update,
    merge_lora,
)

__all__ = [
    "LoRALinear",
    "dora_weight",
    "lora_linear",
    "low_rank_update",
    "merge_lora",
]
