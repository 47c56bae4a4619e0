"""What initializers of every language share: the fans of a shape, and gains."""

from dlref.initializers.fans import fans, gain

__all__ = ["fans", "gain"]
