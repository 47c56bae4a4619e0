r"""Batch norm: each channel is centered and scaled by the batch, or by running averages.

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

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dlref._checks.batch_norm import (
    check_batch,
    check_batch_backward,
    check_folded,
    check_inference,
    check_parts,
    check_update,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.layers._norm import (
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

    mean: Float[Tensor, " channels"]
    var: Float[Tensor, " channels"]


@public
def batch_norm(
    x: Float[Tensor, "batch channels *space"],
    scale: Float[Tensor, " channels"] | None = None,
    shift: Float[Tensor, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[Tensor, "batch channels *space"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or eps is
            not positive.

    Example:
        ```python
        import torch
        from dlref.torch.layers import batch_norm

        x = torch.tensor([[1.0], [2.0], [3.0], [6.0]])  # four examples, one channel
        print(batch_norm(x, eps=1e-12).ravel())
        print(torch.tensor([-2, -1, 0, 3]) / 3.5**0.5)
        ```

        ```text {.output}
        tensor([-1.0690, -0.5345,  0.0000,  1.6036])
        tensor([-1.0690, -0.5345,  0.0000,  1.6036])
        ```
    """
    check_batch(x, eps, scale=scale, shift=shift)

    normed, _ = standardized(widened(x), _all_but_channels(x), eps)
    return affine_by_channel(normed, scale, shift).to(x.dtype)


@public
def batch_norm_gradient(
    grad: Float[Tensor, "batch channels *space"],
    x: Float[Tensor, "batch channels *space"],
    scale: Float[Tensor, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[
    Float[Tensor, "batch channels *space"],
    Float[Tensor, " channels"],
    Float[Tensor, " channels"],
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
        TypeError: If a tensor is not floating point, or not of the dtype of grad.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or eps is
            not positive.

    Example:
        ```python
        import torch
        from dlref.torch.layers import batch_norm_gradient

        x = torch.tensor([[1.0], [2.0], [3.0], [6.0]])
        grad = torch.tensor([[0.0], [0.0], [0.0], [1.0]])  # of the last output alone
        in_x, in_scale, in_shift = batch_norm_gradient(grad, x, eps=1e-12)
        print(in_x.ravel())
        print(in_scale, in_shift)
        ```

        ```text {.output}
        tensor([ 0.0955, -0.0191, -0.1336,  0.0573])
        tensor([1.6036]) tensor([1.])
        ```
    """
    check_batch_backward(grad, x, eps, scale)

    axes = _all_but_channels(x)
    normed, root = standardized(widened(x), axes, eps)
    wide = widened(grad)
    g = affine_by_channel(wide, scale, None)  # in normed
    in_x = standardized_gradient(g, normed, root, axes)
    in_scale, in_shift = (wide * normed).sum(dim=axes), wide.sum(dim=axes)
    return in_x.to(x.dtype), in_scale.to(x.dtype), in_shift.to(x.dtype)


@public
def update_statistics(
    state: BatchNormState,
    x: Float[Tensor, "batch channels *space"],
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
        TypeError: If a tensor is not floating point.
        ValueError: If a channel holds fewer than two values, shapes do not fit, or
            momentum leaves [0, 1].

    Example:
        ```python
        import torch
        from dlref.torch.layers import BatchNormState, update_statistics

        x = torch.tensor([[1.0], [2.0], [3.0], [6.0]])  # mean 3, variance 14/4, or 14/3
        state = update_statistics(BatchNormState(torch.zeros(1), torch.ones(1)), x)
        print(state.mean, state.var)
        print(round(0.9 + 0.1 * 14 / 3, 4))
        ```

        ```text {.output}
        tensor([0.3000]) tensor([1.3667])
        1.3667
        ```
    """
    check_update(state, x, momentum)

    wide, axes = widened(x), _all_but_channels(x)
    batch = wide.mean(dim=axes), wide.var(dim=axes, correction=1)
    pairs = zip(state, batch, strict=True)
    moved = ((1 - momentum) * widened(old) + momentum * new for old, new in pairs)
    mean, var = (new.to(old.dtype) for old, new in zip(state, moved, strict=True))
    return BatchNormState(mean, var)


@public
def batch_norm_inference(
    x: Float[Tensor, "batch channels *space"],
    state: BatchNormState,
    scale: Float[Tensor, " channels"] | None = None,
    shift: Float[Tensor, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> Float[Tensor, "batch channels *space"]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of x.
        ValueError: If shapes do not fit, a variance is negative, or eps is not positive.

    Example:
        ```python
        import torch
        from dlref.torch.layers import BatchNormState, batch_norm_inference

        x = torch.tensor([[1.0], [2.0], [3.0], [6.0]])
        state = BatchNormState(torch.tensor([3.0]), torch.tensor([4.0]))
        print(batch_norm_inference(x, state, eps=1e-12).ravel())
        ```

        ```text {.output}
        tensor([-1.0000, -0.5000,  0.0000,  1.5000])
        ```
    """
    check_inference(x, state, eps, scale=scale, shift=shift)

    mean, var = (along_channels(widened(values), x.ndim) for values in state)
    normed = (widened(x) - mean) / torch.sqrt(var + eps)
    return affine_by_channel(normed, scale, shift).to(x.dtype)


@public
def merge_statistics(
    counts: Int[Tensor, " parts"],
    means: Float[Tensor, "parts channels"],
    variances: Float[Tensor, "parts channels"],
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
        import torch
        from dlref.torch.layers import merge_statistics

        # 1, 3 on one device and 6 on another
        counts = torch.tensor([2, 1])
        means, variances = torch.tensor([[2.0], [6.0]]), torch.tensor([[1.0], [0.0]])
        mean, var = merge_statistics(counts, means, variances)
        print(mean, var, round(38 / 9, 4))
        ```

        ```text {.output}
        tensor([3.3333]) tensor([4.2222]) 4.2222
        ```
    """
    check_parts(counts, means, variances)

    wide = widened(means)
    share = (counts.to(wide.dtype) / counts.sum())[:, None]  # else 32 bits
    mean = (share * wide).sum(dim=0)
    within, between = widened(variances), (wide - mean) ** 2
    var = (share * (within + between)).sum(dim=0)
    return BatchNormState(mean.to(means.dtype), var.to(means.dtype))


@public
def fold_batch_norm(
    weight: Float[Tensor, "channels inputs *kernel"],
    bias: Float[Tensor, " channels"] | None,
    state: BatchNormState,
    scale: Float[Tensor, " channels"] | None = None,
    shift: Float[Tensor, " channels"] | None = None,
    *,
    eps: float = 1e-5,
) -> tuple[Float[Tensor, "channels inputs *kernel"], Float[Tensor, " channels"]]:
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
        TypeError: If a tensor is not floating point, or not of the dtype of weight.
        ValueError: If shapes do not fit, a variance is negative, or eps is not positive.

    Example:
        ```python
        import torch
        from dlref.torch.layers import BatchNormState, fold_batch_norm

        weight, bias = torch.tensor([[2.0, 6.0]]), torch.tensor([5.0])
        state = BatchNormState(torch.tensor([3.0]), torch.tensor([4.0]))
        print(*fold_batch_norm(weight, bias, state, eps=1e-12))
        ```

        ```text {.output}
        tensor([[1., 3.]]) tensor([1.])
        ```
    """
    check_folded(weight, bias, state, eps, scale=scale, shift=shift)

    mean, var = (widened(values) for values in state)
    wide = widened(weight)
    before = -mean if bias is None else widened(bias) - mean
    factor = affine(1 / torch.sqrt(var + eps), scale, None)
    folded = wide * factor.reshape(-1, *[1] * (wide.ndim - 1))
    after = factor * before if shift is None else factor * before + shift
    return folded.to(weight.dtype), after.to(weight.dtype)


def _all_but_channels(x: Float[Tensor, "batch channels *space"]) -> tuple[int, ...]:
    """Name all axes but the second."""
    return 0, *range(2, x.ndim)
