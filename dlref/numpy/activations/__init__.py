"""Activations, in NumPy: what they do to their inputs, and how fast it changes."""

from dlref.numpy.activations.rectifiers import (
    dead_units,
    elu,
    elu_gradient,
    leaky_relu,
    leaky_relu_gradient,
    relu,
    relu_gradient,
)
from dlref.numpy.activations.sigmoid import (
    sigmoid,
    sigmoid_gradient,
    softplus,
    softplus_gradient,
)
from dlref.numpy.activations.smooth import (
    gelu,
    gelu_gradient,
    mish,
    mish_gradient,
    silu,
    silu_gradient,
    swiglu,
)
from dlref.numpy.activations.softmax import (
    log_softmax,
    log_sum_exp,
    softmax,
    softmax_gradient,
)
from dlref.numpy.activations.softmax_jacobian import softmax_jacobian

__all__ = [
    "dead_units",
    "elu",
    "elu_gradient",
    "gelu",
    "gelu_gradient",
    "leaky_relu",
    "leaky_relu_gradient",
    "log_softmax",
    "log_sum_exp",
    "mish",
    "mish_gradient",
    "relu",
    "relu_gradient",
    "sigmoid",
    "sigmoid_gradient",
    "silu",
    "silu_gradient",
    "softmax",
    "softmax_gradient",
    "softmax_jacobian",
    "softplus",
    "softplus_gradient",
    "swiglu",
]
