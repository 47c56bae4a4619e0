"""Positions from scratch: where a token stands, and how far two are apart."""

from dlref.numpy.positions.relative import (
    alibi_bias,
    alibi_slopes,
    relative_buckets,
)
from dlref.numpy.positions.sinusoidal import shift_matrix, sinusoidal_positions

__all__ = [
    "alibi_bias",
    "alibi_slopes",
    "relative_buckets",
    "shift_matrix",
    "sinusoidal_positions",
]
