"""Gain and shift of a norm."""

from jaxtyping import Float
from torch import Tensor


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
