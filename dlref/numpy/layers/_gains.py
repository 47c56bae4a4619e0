"""Gain and shift of a norm."""

import numpy as np
from jaxtyping import Float


def affine(
    normed: Float[np.ndarray, "*axes"],
    scale: Float[np.ndarray, "*#gain"] | None,
    shift: Float[np.ndarray, "*#gain"] | None,
) -> Float[np.ndarray, "*axes"]:
    """Multiply by the gain and add the shift, as far as there are any."""
    scaled = normed if scale is None else normed * scale
    return np.asarray(scaled if shift is None else scaled + shift)


def affine_by_channel(
    normed: Float[np.ndarray, "batch channels *space"],
    scale: Float[np.ndarray, " channels"] | None,
    shift: Float[np.ndarray, " channels"] | None,
) -> Float[np.ndarray, "batch channels *space"]:
    """Multiply each channel by its gain and add its shift, as far as there are any."""
    gains = (
        None if gain is None else along_channels(gain, normed.ndim)
        for gain in (scale, shift)
    )
    return affine(normed, *gains)


def along_channels(
    values: Float[np.ndarray, " channels"], axes: int
) -> Float[np.ndarray, "channels *ones"]:
    """Give axes of size 1, so that values lie along the second of so many axes."""
    return values.reshape(-1, *[1] * max(axes - 2, 0))
