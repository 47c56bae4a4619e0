"""Activations, in PyTorch: what they do to their inputs, and how fast it changes."""

from dlref.torch.activations.rectifiers import (
    dead_units,
    elu,
    leaky_relu,
    relu,
)
from dlref.torch.activations.sigmoid import (
    sigmoid,
    softplus,
)
from dlref.torch.activations.smooth import (
    gelu,
    mish,
    silu,
    swiglu,
)
from dlref.torch.activations.softmax import (
    log_softmax,
    log_sum_exp,
    softmax,
)
from dlref.torch.activations.softmax_jacobian import softmax_jacobian

__all__ = [
    "dead_units",
    "elu",
    "gelu",
    "leaky_relu",
    "log_softmax",
    "log_sum_exp",
    "mish",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmax_jacobian",
    "softplus",
    "swiglu",
]
