"""Activations, in PyTorch: what they do to their inputs, and how fast it changes."""

from dlref.torch.activations.softmax import softmax_jacobian

__all__ = ["softmax_jacobian"]
