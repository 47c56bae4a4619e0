r"""Batch norm: each channel is centered and scaled by the batch, or by running averages.

<!-- formula
m, i = 7, range(1, 8)
x, gamma, beta, varepsilon = normal(m), normal(1), normal(1), real(0.01, 2)
mu_B, sigma_B = x.mean(), x.std()
norm = dlref.numpy.layers.batch_norm
BN = lambda x: norm(x[:, None], gamma, beta, eps=varepsilon)[:, 0]
-->

$$
\operatorname{BN}(x)_i
= \gamma\,\frac{x_i - \mu_B}{\sqrt{\sigma_B^2 + \varepsilon}} + \beta
$$

where x are the m values of one channel in the batch, over all examples and all positions,
μ_B is their mean and σ_B² their variance, divided by m. The gain γ and the shift β are
learned, one of each for a channel.

At inference μ and σ² are running averages over training. These take the variance divided
by m − 1: it estimates that of all data without bias. So the two variances differ.

Mean and variance depend on x, and the gradient goes through both. Let x̂ be the values
with their statistics removed, s the root above, and g the gradient of the loss in x̂.

$$
\frac{\partial L}{\partial x_i}
= \frac{1}{s} \left(g_i - \bar g - \frac{\hat x_i}{m} \sum_j g_j \hat x_j\right)
$$

In 16 bits the statistics are taken in 32, and the result is rounded once, at the end.

Source: Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training
by Reducing Internal Covariate Shift", algorithms 1 and 2, sections 3.1 and 3.2.
https://arxiv.org/abs/1502.03167

Question: [DL0055][dl0055]
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from dlref._checks.batch_norm import (
    check_batch,
    check_batch_backward,
    check_folded,
    check_inference,
    check_parts,
    check_update,
)
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.layers._norm import (
    affine,
    affine_by_channel,
    along_channels,
    standardized,
    standardized_gradient,
)

__all__ = [
    "BatchNormState",
    "batch_norm",
    "batch_norm_gradient",
    "batch_norm_inference",
    "fold_batch_norm",
    "merge_statistics",
    "update_statistics",
]


class BatchNormState(NamedTuple):
    """Mean and variance of each channel, as inference uses them.

    Attributes:
        mean: Mean μ of each channel.
        var: Variance σ² of each channel.
    """

    mean: Float[np.ndarray, " channels"]
    var: Float[np.ndarray, " channels"]


@public
def batch_norm(
    x: Float[np.ndarray, "batch channels *space"],
    scale: Float[np.ndarray, " channels"] | None = None,
    shift: Float[np.ndarray, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[np.ndarray, "batch channels *space"]:
    """Give each channel mean 0 and variance 1 over the batch, then a gain and a shift.

    This is what happens in training: an output depends on all examples of the batch.

    Args:
        x: Vectors, sequences or images, with the channels on the second axis.
        scale: Gain γ of each channel. None is 1.
        shift: Shift β of each channel. None is 0.
        eps: Number ε > 0 within the root.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or eps is
            not positive.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import batch_norm

        x = np.array([[1.0], [2.0], [3.0], [6.0]])  # four examples, one channel
        print(batch_norm(x, eps=1e-12).round(4).ravel())
        print((np.array([-2, -1, 0, 3]) / np.sqrt(3.5)).round(4))
        ```

        ```text {.output}
        [-1.069  -0.5345  0.      1.6036]
        [-1.069  -0.5345  0.      1.6036]
        ```
    """
    check_batch(x, eps, scale=scale, shift=shift)

    normed, _ = standardized(widened(x), _all_but_channels(x), eps)
    return affine_by_channel(normed, scale, shift).astype(x.dtype)


@public
def batch_norm_gradient(
    grad: Float[np.ndarray, "batch channels *space"],
    x: Float[np.ndarray, "batch channels *space"],
    scale: Float[np.ndarray, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[
    Float[np.ndarray, "batch channels *space"],
    Float[np.ndarray, " channels"],
    Float[np.ndarray, " channels"],
]:
    """Compute the gradients by hand; those in the values of one channel add up to 0.

    Args:
        grad: Gradient of the loss in the output.
        x: Batch that was normed.
        scale: Gain γ of each channel. None is 1.
        eps: Number ε > 0 within the root, as forward.

    Returns:
        Gradients of the loss in x, in the gain and in the shift. The last two are sums
        over examples and positions.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of grad.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or eps is
            not positive.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import batch_norm_gradient

        x = np.array([[1.0], [2.0], [3.0], [6.0]])
        grad = np.array([[0.0], [0.0], [0.0], [1.0]])  # of the last output alone
        in_x, in_scale, in_shift = batch_norm_gradient(grad, x, eps=1e-12)
        print(in_x.round(4).ravel())
        print(in_scale.round(4), in_shift)
        ```

        ```text {.output}
        [ 0.0955 -0.0191 -0.1336  0.0573]
        [1.6036] [1.]
        ```
    """
    check_batch_backward(grad, x, eps, scale)

    axes = _all_but_channels(x)
    normed, root = standardized(widened(x), axes, eps)
    wide = widened(grad)
    g = affine_by_channel(wide, scale, None)  # in normed
    in_x = standardized_gradient(g, normed, root, axes)
    in_scale, in_shift = (wide * normed).sum(axis=axes), wide.sum(axis=axes)
    return in_x.astype(x.dtype), in_scale.astype(x.dtype), in_shift.astype(x.dtype)


@public
def update_statistics(
    state: BatchNormState,
    x: Float[np.ndarray, "batch channels *space"],
    *,
    momentum: float = 0.1,
) -> BatchNormState:
    """Move the running averages toward a batch's mean and its variance over m − 1.

    Training norms with the variance over m. That is smaller on average than that of all
    data, by (m − 1) / m, so the average takes the other.

    Args:
        state: Running averages so far. PyTorch begins with means 0 and variances 1.
        x: Batch, with the channels on the second axis.
        momentum: Share of the new batch, in [0, 1]. Other libraries call the share of the
            old so.

    Returns:
        New averages, of the dtype of the old.

    Raises:
        TypeError: If an array is not floating point.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or
            momentum leaves [0, 1].

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import BatchNormState, update_statistics

        x = np.array([[1.0], [2.0], [3.0], [6.0]])  # mean 3, variance 14/4, or 14/3
        state = update_statistics(BatchNormState(np.zeros(1), np.ones(1)), x)
        print(state.mean.round(4), state.var.round(4))
        print(round(0.9 + 0.1 * 14 / 3, 4))
        ```

        ```text {.output}
        [0.3] [1.3667]
        1.3667
        ```
    """
    check_update(state, x, momentum)

    wide, axes = x.astype(np.float64), _all_but_channels(x)
    batch = wide.mean(axis=axes), wide.var(axis=axes, ddof=1)
    pairs = zip(state, batch, strict=True)
    moved = ((1 - momentum) * widened(old) + momentum * new for old, new in pairs)
    mean, var = (new.astype(old.dtype) for old, new in zip(state, moved, strict=True))
    return BatchNormState(mean, var)


@public
def batch_norm_inference(
    x: Float[np.ndarray, "batch channels *space"],
    state: BatchNormState,
    scale: Float[np.ndarray, " channels"] | None = None,
    shift: Float[np.ndarray, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[np.ndarray, "batch channels *space"]:
    """Norm with running averages: an affine map, the same for each example alone.

    Args:
        x: Vectors, sequences or images, with the channels on the second axis.
        state: Running averages.
        scale: Gain γ of each channel. None is 1.
        shift: Shift β of each channel. None is 0.
        eps: Number ε > 0 within the root.

    Returns:
        Output of the shape and the dtype of x.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, a variance is negative, or eps is not positive.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import BatchNormState, batch_norm_inference

        x = np.array([[1.0], [2.0], [3.0], [6.0]])
        state = BatchNormState(np.array([3.0]), np.array([4.0]))
        print(batch_norm_inference(x, state, eps=1e-12).ravel())
        ```

        ```text {.output}
        [-1.  -0.5  0.   1.5]
        ```
    """
    check_inference(x, state, eps, scale=scale, shift=shift)

    mean, var = (along_channels(widened(values), x.ndim) for values in state)
    normed = (widened(x) - mean) / np.sqrt(var + eps)
    return affine_by_channel(normed, scale, shift).astype(x.dtype)


@public
def merge_statistics(
    counts: Int[np.ndarray, " parts"],
    means: Float[np.ndarray, "parts channels"],
    variances: Float[np.ndarray, "parts channels"],
) -> BatchNormState:
    """Find mean and variance of a batch from those of its parts, as devices have them.

    The variance within the parts is not enough: their means differ too.

    Args:
        counts: Number of values of a channel in each part.
        means: Mean of each part.
        variances: Variance of each part, divided by its count.

    Returns:
        Mean and variance of the whole, divided by its count.

    Raises:
        TypeError: If counts are no integers, or statistics not floating point.
        ValueError: If shapes do not fit, or a part holds nothing.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import merge_statistics

        # 1, 3 on one device and 6 on another
        counts = np.array([2, 1])
        means, variances = np.array([[2.0], [6.0]]), np.array([[1.0], [0.0]])
        mean, var = merge_statistics(counts, means, variances)
        print(mean.round(4), var.round(4), round(38 / 9, 4))
        ```

        ```text {.output}
        [3.3333] [4.2222] 4.2222
        ```
    """
    check_parts(counts, means, variances)

    wide = widened(means)
    share = (counts / counts.sum())[:, None]
    mean = (share * wide).sum(axis=0)
    within, between = widened(variances), (wide - mean) ** 2
    var = (share * (within + between)).sum(axis=0)
    return BatchNormState(mean.astype(means.dtype), var.astype(means.dtype))


@public
def fold_batch_norm(
    weight: Float[np.ndarray, "channels inputs *kernel"],
    bias: Float[np.ndarray, " channels"] | None,
    state: BatchNormState,
    scale: Float[np.ndarray, " channels"] | None = None,
    shift: Float[np.ndarray, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[Float[np.ndarray, "channels inputs *kernel"], Float[np.ndarray, " channels"]]:
    """Merge batch norm at inference into the linear map or convolution before it.

    Args:
        weight: Weight before the norm, outputs first.
        bias: Bias before the norm. None is 0.
        state: Running averages.
        scale: Gain γ of each channel. None is 1.
        shift: Shift β of each channel. None is 0.
        eps: Number ε > 0 within the root.

    Returns:
        Weight and bias of one layer that does both.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, a variance is negative, or eps is not positive.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import BatchNormState, fold_batch_norm

        weight, bias = np.array([[2.0, 6.0]]), np.array([5.0])
        state = BatchNormState(np.array([3.0]), np.array([4.0]))
        print(*fold_batch_norm(weight, bias, state, eps=1e-12))
        ```

        ```text {.output}
        [[1. 3.]] [1.]
        ```
    """
    check_folded(weight, bias, state, eps, scale=scale, shift=shift)

    mean, var = (widened(values) for values in state)
    wide = widened(weight)
    before = -mean if bias is None else widened(bias) - mean
    factor = affine(1 / np.sqrt(var + eps), scale, None)
    folded = wide * factor.reshape(-1, *[1] * (wide.ndim - 1))
    after = factor * before if shift is None else factor * before + shift
    return folded.astype(weight.dtype), after.astype(weight.dtype)


def _all_but_channels(x: Float[np.ndarray, "batch channels *space"]) -> tuple[int, ...]:
    """Name all axes but the second."""
    return 0, *range(2, x.ndim)
