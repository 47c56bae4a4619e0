"""Images and maps that are cut into patches or windows, and positions on a grid."""

import math
from typing import Any

from dlref._checks.arrays import check_floating, require, require_shapes
from dlref._checks.numbers import check_sizes


def check_images(images: Any, patch_size: int, channels: int | None = None) -> None:
    """Refuse what is no image, and one that patches do not fill.

    A strided convolution would drop the rest at the right and at the bottom.
    """
    check_floating("images", images)
    check_sizes(patch_size=patch_size)
    has_axes = images.ndim >= 3 and 0 not in images.shape[-3:]
    what = "images must have axes of channels, height and width"
    require_shapes(has_axes, what, images=images)
    fills = not any(size % patch_size for size in images.shape[-2:])
    what = f"images must have height and width that are multiples of {patch_size}"
    require_shapes(fills, what, images=images)
    if channels is not None:
        what = f"images must have {channels} channels"
        require_shapes(images.shape[-3] == channels, what, images=images)


def check_patches(patches: Any, patch_size: int, height: int, width: int) -> None:
    """Refuse patches that are not as many and as long as the image needs."""
    check_floating("patches", patches)
    check_multiples(patch_size=patch_size, height=height, width=width)
    count, area = height * width // patch_size**2, patch_size**2
    fits = patches.ndim >= 2 and patches.shape[-2] == count
    what = f"patches must have {count} rows, of a multiple of {area} entries"
    fits = fits and patches.shape[-1] > 0 and patches.shape[-1] % area == 0
    require_shapes(fits, what, patches=patches)


def check_multiples(**sizes: int) -> None:
    """Refuse sides that are no multiples of the first size: all are at least 1."""
    check_sizes(**sizes)
    (first, size), *sides = sizes.items()
    for name, side in sides:
        what = f"{name} must be a multiple of {first}"
        require(side % size == 0, what, **{name: side, first: size})


def check_plain_block(block: Any) -> None:
    """Refuse a block that is not ViT's: its parameters would be miscounted."""
    heads = block.num_heads
    plain = block.bias and not block.gated and block.num_kv_heads == heads
    plain = plain and heads * block.head_dim == block.embed_dim
    what = "block must have biases, no gate, h_kv = h and d_k = d / h"
    require(plain, what, block=block)


def check_windows(height: int, width: int, window: int, shift: int) -> None:
    """Refuse a map that windows do not fill, and a shift of a whole window or more."""
    check_multiples(window=window, height=height, width=width)
    fits = 0 <= shift < window
    what = "shift must be at least 0 and below window"
    require(fits, what, shift=shift, window=window)


def check_grid(positions: Any, rows: int, columns: int, prefix: int) -> None:
    """Refuse positions that, without the prefix, are no square grid."""
    check_floating("positions", positions)
    check_sizes(rows=rows, columns=columns)
    check_sizes(at_least=0, prefix=prefix)
    what = "positions must have an axis of tokens and one of widths"
    fits = positions.ndim == 2 and positions.shape[1] > 0
    require_shapes(fits, what, positions=positions)
    count = positions.shape[0] - prefix
    what = f"positions must be {prefix} and a square number of others"
    square = count > 0 and math.isqrt(count) ** 2 == count
    require_shapes(square, what, positions=positions)
