"""Images as tokens: patches, positions of another grid, windows, and the whole model."""

from dlref.torch.vision.interpolation import interpolate_positions
from dlref.torch.vision.patches import patchify, unpatchify
from dlref.torch.vision.vision_transformer import PatchEmbedding, VisionTransformer
from dlref.torch.vision.windows import shifted_window_mask

__all__ = [
    "PatchEmbedding",
    "VisionTransformer",
    "interpolate_positions",
    "patchify",
    "shifted_window_mask",
    "unpatchify",
]
