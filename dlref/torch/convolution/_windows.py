"""What a sliding kernel sees at each place: a view, which copies nothing but padding."""

from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

__all__ = ["windows"]


def windows(
    x: Float[Tensor, "*batch height width"],
    kernel: Sequence[int],
    *,
    stride: int,
    padding: int,
    dilation: int = 1,
    fill: float = 0.0,
) -> Float[Tensor, "*batch out_height out_width kernel_height kernel_width"]:
    """Pad, and step through memory: by stride to a place, by dilation within a window.

    `Tensor.unfold` would do, but `vmap` takes its gradient one by one, and warns.
    """
    padded = F.pad(x, [padding] * 4, value=fill)
    sizes = zip(padded.shape[-2:], kernel, strict=True)
    places = [(n - dilation * (k - 1) - 1) // stride + 1 for n, k in sizes]
    *outer, down, right = padded.stride()
    steps = stride * down, stride * right, dilation * down, dilation * right
    return padded.as_strided((*x.shape[:-2], *places, *kernel), (*outer, *steps))
