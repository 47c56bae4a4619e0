"""Gradients in NumPy: by hand, and by differences to judge them."""

from dlref.numpy.gradients.backpropagation import linear_gradient, mlp_gradients
from dlref.numpy.gradients.numerical import numerical_gradient

__all__ = ["linear_gradient", "mlp_gradients", "numerical_gradient"]
