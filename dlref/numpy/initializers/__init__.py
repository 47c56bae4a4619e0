"""Initial weights from scratch: depth is to neither shrink nor swell a signal."""

from dlref.initializers import fans, gain, residual_scale
from dlref.numpy.initializers.second_moments import (
    backward_second_moments,
    forward_second_moments,
    second_moment,
)
from dlref.numpy.initializers.variance_scaling import (
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    variance_scaling,
    xavier_normal,
    xavier_uniform,
)

__all__ = [
    "backward_second_moments",
    "fans",
    "forward_second_moments",
    "gain",
    "he_normal",
    "he_uniform",
    "lecun_normal",
    "lecun_uniform",
    "residual_scale",
    "second_moment",
    "variance_scaling",
    "xavier_normal",
    "xavier_uniform",
]
