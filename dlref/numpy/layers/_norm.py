"""What the norms share: to center and scale, the way back, gain and shift."""

import numpy as np
from jaxtyping import Float


def standardized(
    x: Float[np.ndarray, "*axes"], axes: tuple[int, ...], eps: float
) -> tuple[Float[np.ndarray, "*axes"], Float[np.ndarray, "*ones"]]:
    """Remove mean and scale over some axes; return what is left, and the scale."""
    centered = x - _mean(x, axes)  # E[x²] − μ² would cancel
    root = np.sqrt(_mean(centered**2, axes) + eps)
    return centered / root, root


def standardized_gradient(
    grad: Float[np.ndarray, "*axes"],
    normed: Float[np.ndarray, "*axes"],
    root: Float[np.ndarray, "*ones"],
    axes: tuple[int, ...],
) -> Float[np.ndarray, "*axes"]:
    """Take a gradient back through what `standardized` returned."""
    stretch = _mean(grad * normed, axes)
    back: np.ndarray = (grad - _mean(grad, axes) - normed * stretch) / root
    return back


def _mean(
    x: Float[np.ndarray, "*axes"], axes: tuple[int, ...]
) -> Float[np.ndarray, "*ones"]:
    """Add up in 64 bits: over the first axis, NumPy takes one after the other."""
    mean: np.ndarray = x.mean(axis=axes, keepdims=True, dtype=np.float64)
    return mean.astype(x.dtype)


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
