"""Lipschitz constraints: how a critic is kept from growing steeper than 1.

The gradient penalty (‖∇f(x̃)‖ − 1)² asks for a slope of 1 between a real and a fake
sample, at x̃ = εx + (1 − ε)G(z). The norm is that of the whole gradient of one example,
and the share ε one number for each example. Mind `norm(dim=1)` of an image: it is a norm
for each pixel.

Spectral normalization divides a weight by its largest singular value instead, so that a
linear layer is 1-Lipschitz. It finds that value by power iteration: v is Wᵀu, made a unit
vector, then u is Wv, made one, and so on; the value is uᵀWv.

A convolution's weight is flattened for it, which is not the matrix of the convolution:
that one may stretch more.

Source: Gulrajani et al. 2017, "Improved Training of Wasserstein GANs", section 4,
equation 3. https://arxiv.org/abs/1704.00028. Miyato et al. 2018, "Spectral Normalization
for Generative Adversarial Networks", section 2.1. https://arxiv.org/abs/1802.05957

Question: [DL0082][dl0082]
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from dlref._checks.adversarial import check_mixed, check_scores, check_weight
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["gradient_penalty", "spectral_norm"]


@public
def gradient_penalty(
    critic: Callable[[Tensor], Tensor],
    real: Float[Tensor, "batch *axes"],
    fake: Float[Tensor, "batch *axes"],
    epsilon: Float[Tensor, "batch *ones"],
) -> Float[Tensor, " batch"]:
    """Return (‖∇f‖ − 1)² for each example, at a point between a real and a fake one.

    It can be differentiated again, in the weights of the critic. A critic with BatchNorm
    has no gradient of one example: its score depends on the others.

    Args:
        critic: From a batch like real to one score for each example.
        real: Data, one example after the other.
        fake: As many samples of the generator, detached.
        epsilon: Share of the real example at each point, between 0 and 1: drawn anew for
            each example, and the same for all its entries. Axes of 1 may follow.

    Returns:
        Penalty, for each example, not reduced: multiply its mean by λ.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ, or critic
            is no function.
        ValueError: If shapes differ, epsilon is not one share per example, or the critic
            does not give one score per example, or one that has no gradient.

    Example:
        ```python
        import torch
        from dlref.torch.generative import gradient_penalty

        real, fake = torch.ones(2, 3, 4), torch.zeros(2, 3, 4)
        penalty = gradient_penalty(
            lambda x: x.flatten(1).sum(1), real, fake, torch.tensor([0.25, 0.75])
        )
        print(penalty.detach())  # (√12 − 1)²
        ```

        ```text {.output}
        tensor([6.0718, 6.0718])
        ```
    """
    check_mixed(real, fake, epsilon)

    share = epsilon.reshape(-1, *[1] * (real.ndim - 1))
    with torch.enable_grad():
        tracked = torch.zeros_like(real, requires_grad=True)
        between = share * real + (1 - share) * fake + tracked
        summed = _total(critic(between), len(between))
    (slopes,) = torch.autograd.grad(summed, between, create_graph=True)
    norms = torch.linalg.vector_norm(widened(slopes).flatten(1), dim=1)
    penalty: Tensor = (norms - 1).square()
    return penalty.to(real.dtype)


@public
def spectral_norm(weight: Float[Tensor, "out *axes"], steps: int) -> Float[Tensor, ""]:
    """Estimate the largest singular value from below: the more steps, the closer.

    Its gradient in the weight is u vᵀ, with u and v taken as constants.

    Args:
        weight: Of a linear layer or a convolution; the axes behind the first are one.
        steps: Steps of power iteration, at least 1.

    Returns:
        σ, one number: weight / σ is 1-Lipschitz as a matrix, once σ has converged.

    Raises:
        TypeError: If weight is not floating point.
        ValueError: If weight has fewer than 2 axes, is empty or not finite, or steps is
            below 1.

    Example:
        ```python
        import torch
        from dlref.torch.generative import spectral_norm

        weight = torch.tensor([[3.0, 0.0], [4.0, 5.0]])  # singular values √45 and √5
        for steps in 1, 9:
            print(f"{spectral_norm(weight, steps):.4f}")
        ```

        ```text {.output}
        5.0832
        6.7082
        ```
    """
    check_weight(weight, steps)

    matrix = widened(weight).flatten(1)
    with torch.no_grad():
        # cos 1, cos 2, …: to this no vector of fractions and roots is orthogonal.
        u = torch.arange(1, len(matrix) + 1).to(matrix).cos()
        peak = matrix.abs().max().clamp(min=torch.finfo(matrix.dtype).tiny)
        scaled = matrix / peak  # or squares would overflow, or vanish
        for _ in range(steps):
            v = F.normalize(scaled.mT @ u, dim=0)
            u = F.normalize(scaled @ v, dim=0)
    return (u @ matrix @ v).to(weight.dtype)


def _total(scores: Float[Tensor, "batch *one"], examples: int) -> Float[Tensor, ""]:
    """Add up the scores: each depends on its own example, and so does its gradient."""
    check_scores(scores, examples)
    return scores.sum()
