r"""RMSNorm: a token's features are divided by their root mean square, and not centered.

<!-- formula
d, i, j = 5, range(1, 6), range(1, 6)
x, gamma, varepsilon = normal(d), normal(d), real(0, 2)
RMS = lambda x: dlref.numpy.layers.rms_norm(x, gamma, eps=varepsilon)
-->

$$
\operatorname{RMS}(x)_i
= \gamma_i\,\frac{x_i}{\sqrt{\frac{1}{d} \sum_j x_j^2 + \varepsilon}}
$$

There is no mean and no shift. A token whose mean is 0 gives the same as in layer norm.
The gradient lacks one direction only, the stretch of x. With g, the gradient of the loss
in x̂ = y / γ, and r for the root,

$$
\frac{\partial L}{\partial x_i}
= \frac{1}{r} \left(g_i - \frac{\hat x_i}{d} \sum_j g_j \hat x_j\right)
$$

In 16 bits the square of 300 is too large and the sum of thousands too coarse: the mean
of squares is taken in 32. Then the gain is multiplied in 32 bits and the result rounded
once, as PyTorch does. Llama's code rounds before it multiplies, and so twice.

Gains that are stored as w for 1 + w, as Gemma's are, need no option: the gain is 1 + w,
added in 32 bits.

Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", section 4.
https://arxiv.org/abs/1910.07467

Question: [DL0056][dl0056]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.layer_norm import check_normed, check_normed_backward
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["rms_norm", "rms_norm_gradient"]


@public
def rms_norm(
    x: Float[np.ndarray, "*batch features"],
    scale: Float[np.ndarray, " features"] | None = None,
    *,
    eps: float = 1e-6,
) -> Float[np.ndarray, "*batch features"]:
    """Give the features of each token a mean square of 1, then a gain.

    Args:
        x: Tokens, or queries and keys of heads, along any number of leading axes.
        scale: Gain γ of each feature. None is 1.
        eps: Number ε ≥ 0 within the root. With 0, a token of zeros is NaN.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import rms_norm

        x = np.array([1.0, 2.0, 3.0, 6.0])  # mean square 50/4
        print(rms_norm(x, eps=0.0).round(4))
        print((x / np.sqrt(12.5)).round(4))
        ```

        ```text {.output}
        [0.2828 0.5657 0.8485 1.6971]
        [0.2828 0.5657 0.8485 1.6971]
        ```
    """
    check_normed(x, eps, scale=scale)

    normed, _ = _normalized(widened(x), eps)
    return (normed if scale is None else normed * scale).astype(x.dtype)


@public
def rms_norm_gradient(
    grad: Float[np.ndarray, "*batch features"],
    x: Float[np.ndarray, "*batch features"],
    scale: Float[np.ndarray, " features"] | None = None,
    *,
    eps: float = 1e-6,
) -> tuple[Float[np.ndarray, "*batch features"], Float[np.ndarray, " features"]]:
    """Compute the gradients by hand; for ε = 0, that of a token is orthogonal to it.

    Args:
        grad: Gradient of the loss in the output.
        x: Tokens that were normed.
        scale: Gain γ of each feature. None is 1.
        eps: Number ε ≥ 0 within the root, as forward.

    Returns:
        Gradients of the loss in x and in the gain. The latter is a sum over all tokens.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of grad.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import rms_norm_gradient

        x = np.array([3.0, 4.0])
        grad = np.array([1.0, 0.0])
        in_x, in_scale = rms_norm_gradient(grad, x, eps=0.0)
        print("in x is a multiple of (4, -3):", (in_x / [4, -3]).round(4))
        print("in scale:", in_scale.round(4))
        ```

        ```text {.output}
        in x is a multiple of (4, -3): [0.0453 0.0453]
        in scale: [0.8485 0.    ]
        ```
    """
    check_normed_backward(grad, x, eps, scale=scale)

    normed, root = _normalized(widened(x), eps)
    wide = widened(grad)
    g = wide if scale is None else wide * scale  # in normed
    in_x = (g - normed * (g * normed).mean(axis=-1, keepdims=True)) / root
    in_scale = (wide * normed).reshape(-1, x.shape[-1]).sum(axis=0)
    return in_x.astype(x.dtype), in_scale.astype(x.dtype)


def _normalized(
    x: Float[np.ndarray, "*batch features"], eps: float
) -> tuple[Float[np.ndarray, "*batch features"], Float[np.ndarray, "*batch 1"]]:
    """Divide the last axis by its root mean square; return both."""
    root = np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return x / root, root
