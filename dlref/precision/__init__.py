"""What precision of every language shares: formats in numbers, and the loss's scale."""

from dlref.precision.formats import FloatFormat, float_format
from dlref.precision.loss_scale import LossScale, loss_scale_step

__all__ = ["FloatFormat", "LossScale", "float_format", "loss_scale_step"]
