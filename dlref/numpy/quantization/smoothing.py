r"""SmoothQuant: what is too large in an activation is moved into the weight.

A few channels of an activation are far larger than the others. A scale for each of them
cannot leave an integer product, which sums over the channels. But the channel can be
divided by a number, and the column of the weight multiplied by it:

<!-- formula
x, W = normal(5, 3), normal(2, 3)
s = dlref.numpy.quantization.smoothing_scale(x, W, strength=0.3)
x, y = x[0], W @ x[0]
diag, tolerance = np.diag, 1e-12
equals = y
-->

$$
W x = \left(W \operatorname{diag}(s)\right) \left(\operatorname{diag}(s)^{-1} x\right)
$$

The factor of channel j lies between their largest entries, at a strength α:

<!-- formula
X, W, alpha, j = normal(5, 3), normal(2, 3), real(0.1, 0.9), range(1, 4)
s = dlref.numpy.quantization.smoothing_scale(X, W, strength=alpha)
a, w = abs(X).max(axis=0), abs(W).max(axis=0)
-->

$$
s_j = \frac{a_j^{\alpha}}{w_j^{1 - \alpha}}
$$

At α = 1 all channels of the activation become equally large, at 0 all columns of the
weight.

Source: Xiao et al. 2022, "SmoothQuant: Accurate and Efficient Post-Training Quantization
for Large Language Models", abstract. https://arxiv.org/abs/2211.10438

Question: [DL0073][dl0073]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.quantization import check_smoothing
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["smoothing_scale"]


@public
def smoothing_scale(
    x: Float[np.ndarray, "*batch inputs"],
    weight: Float[np.ndarray, "outputs inputs"],
    *,
    strength: float = 0.5,
) -> Float[np.ndarray, " inputs"]:
    """Return by what each channel is divided, and its column of the weight multiplied.

    Args:
        x: Activations of a few batches, for calibration.
        weight: Weight that they are multiplied by.
        strength: Share α of the difficulty that moves into the weight, 0 to 1.

    Returns:
        Factor of each channel, in 32 bits or more: 1 where the activations or the weights
        of a channel are all zero, or too small for a normal number.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If an array is empty or not finite, shapes do not fit, or strength is
            outside [0, 1].

    Example:
        ```python
        import numpy as np
        from dlref.numpy.quantization import smoothing_scale

        x, weight = np.array([[1.0, 64.0]]), np.array([[0.25, 1.0]])
        s = smoothing_scale(x, weight)
        print(s, x / s, weight * s)
        ```

        ```text {.output}
        [2. 8.] [[0.5 8. ]] [[0.5 8. ]]
        ```
    """
    check_smoothing(x, weight, strength)

    channels = np.abs(widened(x)).reshape(-1, x.shape[-1]).max(axis=0)
    columns = np.abs(widened(weight)).max(axis=0)
    tiny = np.finfo(channels.dtype).tiny  # by less, a division could overflow
    is_used = (channels >= tiny) & (columns >= tiny)
    channels, columns = (
        np.where(is_used, y, y.dtype.type(1)) for y in (channels, columns)
    )
    return np.asarray(channels**strength / columns ** (1 - strength))
