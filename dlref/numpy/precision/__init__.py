"""Precision from scratch: formats in numbers, bfloat16 bit by bit, the loss's scale."""

from dlref.numpy.precision.bfloat16 import round_to_bfloat16
from dlref.precision import FloatFormat, LossScale, float_format, loss_scale_step

__all__ = [
    "FloatFormat",
    "LossScale",
    "float_format",
    "loss_scale_step",
    "round_to_bfloat16",
]
