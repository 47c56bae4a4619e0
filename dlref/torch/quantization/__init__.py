"""Quantization from scratch: integers with scales, NF4, SmoothQuant, GPTQ, training."""

from dlref.torch.quantization.fake import fake_quantize
from dlref.torch.quantization.gptq import gptq
from dlref.torch.quantization.integers import (
    AffineParameters,
    absmax_scale,
    affine_parameters,
    dequantize,
    quantize,
    quantize_groups,
)
from dlref.torch.quantization.normal_float import normal_float_levels
from dlref.torch.quantization.smoothing import smoothing_scale

__all__ = [
    "AffineParameters",
    "absmax_scale",
    "affine_parameters",
    "dequantize",
    "fake_quantize",
    "gptq",
    "normal_float_levels",
    "quantize",
    "quantize_groups",
    "smoothing_scale",
]
