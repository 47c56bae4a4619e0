"""Quantization from scratch: integers with scales, NF4, SmoothQuant and GPTQ."""

from dlref.numpy.quantization.gptq import gptq
from dlref.numpy.quantization.integers import (
    AffineParameters,
    absmax_scale,
    affine_parameters,
    dequantize,
    quantize,
    quantize_groups,
)
from dlref.numpy.quantization.normal_float import normal_float_levels
from dlref.numpy.quantization.smoothing import smoothing_scale

__all__ = [
    "AffineParameters",
    "absmax_scale",
    "affine_parameters",
    "dequantize",
    "gptq",
    "normal_float_levels",
    "quantize",
    "quantize_groups",
    "smoothing_scale",
]
