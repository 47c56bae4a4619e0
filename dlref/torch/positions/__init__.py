"""Positions in PyTorch: where a token stands, and how far two are apart."""

from dlref.torch.positions.relative import (
    alibi_bias,
    alibi_slopes,
    relative_buckets,
)
from dlref.torch.positions.rotary import (
    interleaved_to_half,
    rotary_embedding,
    rotary_frequencies,
)
from dlref.torch.positions.rotary_scaling import (
    interpolated_frequencies,
    ntk_frequencies,
    yarn_attention_factor,
    yarn_frequencies,
)
from dlref.torch.positions.sinusoidal import shift_matrix, sinusoidal_positions

__all__ = [
    "alibi_bias",
    "alibi_slopes",
    "interleaved_to_half",
    "interpolated_frequencies",
    "ntk_frequencies",
    "relative_buckets",
    "rotary_embedding",
    "rotary_frequencies",
    "shift_matrix",
    "sinusoidal_positions",
    "yarn_attention_factor",
    "yarn_frequencies",
]
