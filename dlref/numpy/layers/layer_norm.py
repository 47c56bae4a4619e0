r"""Layer norm: each token is centered and scaled by its own features alone.

<!-- formula
d, i = 5, range(1, 6)
x, gamma, beta, varepsilon = normal(d), normal(d), normal(d), real(0, 2)
mu, sigma = x.mean(), x.std()
LN = lambda x: dlref.numpy.layers.layer_norm(x, gamma, beta, eps=varepsilon)
-->

$$
\operatorname{LN}(x)_i
= \gamma_i\,\frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta_i
$$

where μ is the mean of the d features of one token and σ² their variance, divided by d
and not by d − 1. The gain γ and the shift β are learned, one of each for a feature. No
other token and no other example has a part in it, so training and inference are alike.

Let x̂ be the token with its statistics removed, s the root above, and g the gradient of
the loss in x̂, which is γ times that in the output, with the mean ḡ. The gradient in x
lacks what x̂ does not feel: a shift of all features alike, and a stretch.

$$
\frac{\partial L}{\partial x_i}
= \frac{1}{s} \left(g_i - \bar g - \frac{\hat x_i}{d} \sum_j g_j \hat x_j\right)
$$

Group norm does the same to groups of channels in an image. One group is layer norm over
channels and pixels together, with a gain for each channel; groups of one channel are
instance norm.

In 16 bits the statistics are taken in 32, and the result is rounded once, at the end.

Source: Ba, Kiros and Hinton 2016, "Layer Normalization", section 3.
https://arxiv.org/abs/1607.06450 Groups: Wu and He 2018, "Group Normalization",
section 3. https://arxiv.org/abs/1803.08494

Question: [DL0056][dl0056]
"""

from math import prod

import numpy as np
from jaxtyping import Float

from dlref._checks.layer_norm import check_grouped, check_normed, check_normed_backward
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.layers._norm import (
    affine,
    affine_by_channel,
    standardized,
    standardized_gradient,
)

__all__ = ["group_norm", "layer_norm", "layer_norm_gradient"]

_LAST = (-1,)


@public
def layer_norm(
    x: Float[np.ndarray, "*batch features"],
    scale: Float[np.ndarray, " features"] | None = None,
    shift: Float[np.ndarray, " features"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[np.ndarray, "*batch features"]:
    """Give the features of each token mean 0 and variance 1, then a gain and a shift.

    A token of equal features has nothing left: it becomes the shift. So does one of a
    single feature.

    Args:
        x: Tokens, along any number of leading axes.
        scale: Gain γ of each feature. None is 1.
        shift: Shift β of each feature. None is 0.
        eps: Number ε ≥ 0 within the root. With 0, a token of equal features is NaN.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import layer_norm

        x = np.array([1.0, 2.0, 3.0, 6.0])  # mean 3, variance 14/4
        print(layer_norm(x, eps=0.0).round(4))
        print((np.array([-2, -1, 0, 3]) / np.sqrt(3.5)).round(4))
        ```

        ```text {.output}
        [-1.069  -0.5345  0.      1.6036]
        [-1.069  -0.5345  0.      1.6036]
        ```
    """
    check_normed(x, eps, scale=scale, shift=shift)

    normed, _ = standardized(widened(x), _LAST, eps)
    return affine(normed, scale, shift).astype(x.dtype)


@public
def layer_norm_gradient(
    grad: Float[np.ndarray, "*batch features"],
    x: Float[np.ndarray, "*batch features"],
    scale: Float[np.ndarray, " features"] | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[
    Float[np.ndarray, "*batch features"],
    Float[np.ndarray, " features"],
    Float[np.ndarray, " features"],
]:
    """Compute the gradients by hand; those in the features of one token add up to 0.

    Args:
        grad: Gradient of the loss in the output.
        x: Tokens that were normed.
        scale: Gain γ of each feature. None is 1.
        eps: Number ε ≥ 0 within the root, as forward.

    Returns:
        Gradients of the loss in x, in the gain and in the shift. The last two are sums
        over all tokens.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of grad.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import layer_norm_gradient

        x = np.array([1.0, 2.0, 3.0, 6.0])
        grad = np.array([0.0, 0.0, 0.0, 1.0])  # of the last output alone
        in_x, in_scale, in_shift = layer_norm_gradient(grad, x, eps=0.0)
        print("in x:    ", in_x.round(4), "sum:", abs(in_x.sum().round(9)))
        print("in scale:", in_scale.round(4))
        ```

        ```text {.output}
        in x:     [ 0.0955 -0.0191 -0.1336  0.0573] sum: 0.0
        in scale: [0.     0.     0.     1.6036]
        ```
    """
    check_normed_backward(grad, x, eps, scale=scale)

    normed, root = standardized(widened(x), _LAST, eps)
    wide = widened(grad)
    g = affine(wide, scale, None)  # in normed
    in_x = standardized_gradient(g, normed, root, _LAST)
    in_scale, in_shift = _sum_of_tokens(wide * normed), _sum_of_tokens(wide)
    return in_x.astype(x.dtype), in_scale.astype(x.dtype), in_shift.astype(x.dtype)


@public
def group_norm(
    x: Float[np.ndarray, "batch channels *space"],
    num_groups: int,
    scale: Float[np.ndarray, " channels"] | None = None,
    shift: Float[np.ndarray, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[np.ndarray, "batch channels *space"]:
    """Give each group of channels of each example mean 0 and variance 1.

    Channels that are neighbors form a group, with all of their positions. One channel a
    group is instance norm. On tokens of text, (batch, channels, positions), a group mixes
    the positions: even with one group, this is no layer norm of a Transformer.

    Args:
        x: Images, sequences or vectors, with the channels on the second axis.
        num_groups: Number of groups; it divides the number of channels.
        scale: Gain γ of each channel. None is 1.
        shift: Shift β of each channel. None is 0.
        eps: Number ε ≥ 0 within the root. With 0, a group of equal entries is NaN.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If an array is not floating point or not of the dtype of x, or
            num_groups no integer.
        ValueError: If shapes do not fit, or eps is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import group_norm

        x = np.array([[1.0, 3.0, 10.0, 50.0]])  # one example of four channels
        print("two groups:", *group_norm(x, 2, eps=0.0))
        print("one group: ", *group_norm(x, 1, eps=0.0).round(2))
        ```

        ```text {.output}
        two groups: [-1.  1. -1.  1.]
        one group:  [-0.75 -0.65 -0.3   1.71]
        ```
    """
    check_grouped(x, num_groups, eps, scale=scale, shift=shift)

    groups = widened(x).reshape(len(x), num_groups, prod(x.shape[1:]) // num_groups)
    normed, _ = standardized(groups, _LAST, eps)
    return affine_by_channel(normed.reshape(x.shape), scale, shift).astype(x.dtype)


def _sum_of_tokens(
    x: Float[np.ndarray, "*batch features"],
) -> Float[np.ndarray, " features"]:
    """Add up all axes but the last."""
    return np.asarray(x.reshape(-1, x.shape[-1]).sum(axis=0))
