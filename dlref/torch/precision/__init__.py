"""Precision in PyTorch: rounding by chance, formats in numbers, the loss's scale."""

from dlref.precision import FloatFormat, LossScale, float_format, loss_scale_step
from dlref.torch.precision.stochastic import stochastic_round

__all__ = [
    "FloatFormat",
    "LossScale",
    "float_format",
    "loss_scale_step",
    "stochastic_round",
]
