"""Positions from scratch: where a token stands, and how far two are apart."""

from dlref.numpy.positions.relative import (
    alibi_bias,
    alibi_slopes,
    relative_buckets,
)
from dlref.numpy.positions.rotary import (
    interleaved_to_half,
    rotary_embedding,
    rotary_frequencies,
)
from dlref.numpy.positions.rotary_scaling import (
    interpolated_frequencies,
    ntk_frequencies,
    yarn_attention_factor,
    yarn_frequencies,
)
from dlref.numpy.positions.sinusoidal import shift_matrix, sinusoidal_positions

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
