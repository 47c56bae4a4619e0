"""Activations, in NumPy: what they do to their inputs, and how fast it changes."""

from dlref.numpy.activations.softmax import softmax_jacobian

__all__ = ["softmax_jacobian"]
