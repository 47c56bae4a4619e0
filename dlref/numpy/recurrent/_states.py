"""States of all tokens, one after the other, as outputs."""

import numpy as np
from jaxtyping import Float

__all__ = ["joined"]


def joined(
    states: list[Float[np.ndarray, "*batch d_h"]], like: Float[np.ndarray, "*axes"]
) -> Float[np.ndarray, "*batch tokens d_h"]:
    """Put all states but the one before the first token side by side, in a dtype."""
    outputs = np.stack(states, axis=-2)[..., 1:, :]
    return outputs.astype(like.dtype)
