r"""A mixture of Gaussians with noise on it: the score is known, at every step.

$$
s(x) = \sum_k r_k \,
\frac{\sqrt{\bar\alpha}\, \mu_k - x}{\bar\alpha \sigma_k^2 + 1 - \bar\alpha}
$$

The score s is the slope of log p: what pulls x towards the mean of each part, averaged by
the probability r that the part has made x. All that a network could learn follows from
it: the best noise is −√(1 − ᾱ) times the score. So a sampler can be judged without a
network, and each of its errors is its own.

Source: Song et al. 2021, "Score-Based Generative Modeling through Stochastic
Differential Equations" (the score). https://arxiv.org/abs/2011.13456

Question: [DL0083][dl0083]
"""

from jaxtyping import Float
from torch import Tensor

from dlref._checks.diffusion import check_mixture
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["mixture_score"]


@public
def mixture_score(
    x: Float[Tensor, "*axes"],
    alpha_bar: Float[Tensor, "*#axes"] | float,
    weights: Float[Tensor, " parts"],
    means: Float[Tensor, " parts"],
    stds: Float[Tensor, " parts"],
) -> Float[Tensor, "*axes"]:
    """Return the slope of log p, for numbers from a mixture to which noise was added.

    Args:
        x: Noisy numbers, of any shape: each is one example.
        alpha_bar: Share ᾱ of the data that is left, as in `add_noise`.
        weights: Share of each part, which sum to 1.
        means: Mean μ of each part, without noise.
        stds: Standard deviation σ of each, above 0.

    Returns:
        Score of each number.

    Raises:
        TypeError: If an array is not floating point, their dtypes differ, or alpha_bar
            has 16 bits.
        ValueError: If shapes do not fit, weights do not sum to 1, or one of them or a
            deviation is not above 0.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import mixture_score

        x, parts = torch.tensor([-1.0, 0.0, 3.0]), torch.tensor([0.5, 0.5])
        at = torch.tensor([-2.0, 2.0]), torch.tensor([1.0, 1.0])
        for alpha_bar in 1.0, 0.0:
            score = mixture_score(x, alpha_bar, parts, *at)
            print(alpha_bar, score)
        ```

        ```text {.output}
        1.0 tensor([-0.9281,  0.0000, -1.0000])
        0.0 tensor([ 1.,  0., -3.])
        ```
    """
    check_mixture(x, alpha_bar, weights, means, stds)

    left = alpha_bar[..., None] if isinstance(alpha_bar, Tensor) else alpha_bar
    variance = left * widened(stds) ** 2 + 1 - left
    gap = left**0.5 * widened(means) - widened(x)[..., None]
    logs = widened(weights).log() - variance.log() / 2 - gap**2 / variance / 2
    pull = logs.softmax(-1) * (gap / variance)
    return pull.sum(-1).to(x.dtype)
