"""Initial weights in PyTorch: depth is to neither shrink nor swell a signal."""

from dlref.initializers import fans, gain, residual_scale
from dlref.torch.initializers.variance_scaling import (
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
)

__all__ = [
    "fans",
    "gain",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "residual_scale",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
]
