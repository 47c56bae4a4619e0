"""What the norms share: to center and scale, the way back, gain and shift."""

import torch
from jaxtyping import Float
from torch import Tensor


def standardized(
    x: Float[Tensor, "*axes"], axes: tuple[int, ...], eps: float
) -> tuple[Float[Tensor, "*axes"], Float[Tensor, "*ones"]]:
    """Remove mean and scale over some axes; return what is left, and the scale."""
    centered = x - x.mean(dim=axes, keepdim=True)  # E[x²] − μ² would cancel
    root = torch.sqrt((centered**2).mean(dim=axes, keepdim=True) + eps)
    return centered / root, root


def standardized_gradient(
    grad: Float[Tensor, "*axes"],
    normed: Float[Tensor, "*axes"],
    root: Float[Tensor, "*ones"],
    axes: tuple[int, ...],
) -> Float[Tensor, "*axes"]:
    """Take a gradient back through what `standardized` returned."""
    stretch = (grad * normed).mean(dim=axes, keepdim=True)
    return (grad - grad.mean(dim=axes, keepdim=True) - normed * stretch) / root


def affine(
    normed: Float[Tensor, "*axes"],
    scale: Float[Tensor, "*#gain"] | None,
    shift: Float[Tensor, "*#gain"] | None,
) -> Float[Tensor, "*axes"]:
    """Multiply by the gain and add the shift, as far as there are any."""
    scaled = normed if scale is None else normed * scale
    return scaled if shift is None else scaled + shift


def affine_by_channel(
    normed: Float[Tensor, "batch channels *space"],
    scale: Float[Tensor, " channels"] | None,
    shift: Float[Tensor, " channels"] | None,
) -> Float[Tensor, "batch channels *space"]:
    """Multiply each channel by its gain and add its shift, as far as there are any."""
    gains = (
        None if gain is None else along_channels(gain, normed.ndim)
        for gain in (scale, shift)
    )
    return affine(normed, *gains)


def along_channels(
    values: Float[Tensor, " channels"], axes: int
) -> Float[Tensor, "channels *ones"]:
    """Give axes of size 1, so that values lie along the second of so many axes."""
    return values.reshape(-1, *[1] * max(axes - 2, 0))
