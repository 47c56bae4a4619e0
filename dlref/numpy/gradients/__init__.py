"""Gradients in NumPy: by hand, by differences to judge them, and clipped."""

from dlref.numpy.gradients.backpropagation import linear_gradient, mlp_gradients
from dlref.numpy.gradients.clipping import clip_by_norm, clip_by_value
from dlref.numpy.gradients.numerical import numerical_gradient

__all__ = [
    "clip_by_norm",
    "clip_by_value",
    "linear_gradient",
    "mlp_gradients",
    "numerical_gradient",
]
