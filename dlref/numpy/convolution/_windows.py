"""What a sliding kernel sees at each place: a view, which copies nothing but padding."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

__all__ = ["windows"]


def windows(
    x: Float[np.ndarray, "*batch height width"],
    kernel: Sequence[int],
    *,
    stride: int,
    padding: int,
    dilation: int = 1,
    fill: float = 0.0,
) -> Float[np.ndarray, "*batch out_height out_width kernel_height kernel_width"]:
    """Pad, look at all windows of the kernel's span, keep those that the stride meets."""
    around = [(0, 0)] * (x.ndim - 2) + [(padding, padding)] * 2
    padded = np.pad(x, around, constant_values=fill)  # a copy, so it may be written to
    span = [dilation * (size - 1) + 1 for size in kernel]
    slide = np.lib.stride_tricks.sliding_window_view
    seen = slide(padded, span, axis=(-2, -1), writeable=True)
    return seen[..., ::stride, ::stride, ::dilation, ::dilation]
