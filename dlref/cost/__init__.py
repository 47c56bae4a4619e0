"""Costs in exact integers: parameters, FLOPs (multiply-add = 2), bytes, pairs.

What speculative decoding gains is an expectation, and a float.
"""

from dlref.cost.activations import (
    AttentionActivations,
    BlockActivations,
    attention_activation_bytes,
    block_activation_bytes,
    feed_forward_activation_bytes,
)
from dlref.cost.attention import (
    AttentionFlops,
    attention_flops,
    attention_pairs,
    attention_parameters,
    projection_crossover,
)
from dlref.cost.backpropagation import (
    Checkpointing,
    MLPFlops,
    checkpointing,
    mlp_flops,
)
from dlref.cost.block import (
    BlockFlops,
    BlockParameters,
    block_crossover,
    block_flops,
    block_parameters,
)
from dlref.cost.convolution import (
    ReceptiveField,
    conv_flops,
    conv_output_size,
    conv_parameters,
    conv_transpose_output_size,
    receptive_field,
)
from dlref.cost.feed_forward import (
    feed_forward_flops,
    feed_forward_parameters,
    gated_hidden_dim,
)
from dlref.cost.hierarchical import best_num_segments, hierarchical_pairs
from dlref.cost.kv_cache import kv_cache_bytes
from dlref.cost.lora import lora_parameters
from dlref.cost.mixture import (
    MixtureParameters,
    expert_capacity,
    experts_touched,
    mixture_parameters,
)
from dlref.cost.model import ModelParameters, model_parameters
from dlref.cost.quantized import quantized_bits
from dlref.cost.recurrent import recurrent_parameters
from dlref.cost.sizes import Block
from dlref.cost.speculative import expected_tokens, speculative_speedup
from dlref.cost.traffic import attention_traffic
from dlref.cost.training import TrainingBytes, training_bytes
from dlref.cost.vision import (
    VisionFlops,
    VisionParameters,
    vit_flops,
    vit_parameters,
)

__all__ = [
    "AttentionActivations",
    "AttentionFlops",
    "Block",
    "BlockActivations",
    "BlockFlops",
    "BlockParameters",
    "Checkpointing",
    "MLPFlops",
    "MixtureParameters",
    "ModelParameters",
    "ReceptiveField",
    "TrainingBytes",
    "VisionFlops",
    "VisionParameters",
    "attention_activation_bytes",
    "attention_flops",
    "attention_pairs",
    "attention_parameters",
    "attention_traffic",
    "best_num_segments",
    "block_activation_bytes",
    "block_crossover",
    "block_flops",
    "block_parameters",
    "checkpointing",
    "conv_flops",
    "conv_output_size",
    "conv_parameters",
    "conv_transpose_output_size",
    "expected_tokens",
    "expert_capacity",
    "experts_touched",
    "feed_forward_activation_bytes",
    "feed_forward_flops",
    "feed_forward_parameters",
    "gated_hidden_dim",
    "hierarchical_pairs",
    "kv_cache_bytes",
    "lora_parameters",
    "mixture_parameters",
    "mlp_flops",
    "model_parameters",
    "projection_crossover",
    "quantized_bits",
    "receptive_field",
    "recurrent_parameters",
    "speculative_speedup",
    "training_bytes",
    "vit_flops",
    "vit_parameters",
]
