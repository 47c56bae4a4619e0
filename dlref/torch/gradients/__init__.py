"""Gradients in PyTorch: clipped, by norm and by value, and measured layer by layer."""

from dlref.torch.gradients.clipping import clip_by_norm, clip_by_value
from dlref.torch.gradients.detection import layer_gradient_norms

__all__ = ["clip_by_norm", "clip_by_value", "layer_gradient_norms"]
