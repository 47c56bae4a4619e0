"""Images as tokens: patches, and the windows of attention."""

from dlref.numpy.vision.patches import patchify, unpatchify
from dlref.numpy.vision.windows import shifted_window_mask

__all__ = ["patchify", "shifted_window_mask", "unpatchify"]
