"""What initializers of every language share: fans, gains, the scale of a branch."""

from dlref.initializers.fans import fans, gain
from dlref.initializers.residual import residual_scale

__all__ = ["fans", "gain", "residual_scale"]
