r"""A mixture of Gaussians with noise on it: the score is known, at every step.

<!-- formula
import torch
k, count_from = range(1, 4), 1
alpha_bar, x, w = real(0.1, 0.9), normal(), softmax(normal(3))
mu, sigma = normal(3), rng.uniform(0.3, 1, 3)
s = lambda x: dlref.numpy.diffusion.mixture_score(
    np.array(x), np.array(alpha_bar), w, mu, sigma
)
noisy = torch.distributions.Normal(
    torch.tensor(np.sqrt(alpha_bar) * mu),
    torch.tensor(np.sqrt(alpha_bar * sigma**2 + 1 - alpha_bar)),
)
r = (torch.tensor(w).log() + noisy.log_prob(torch.tensor(np.array(x)))).softmax(0).numpy()
-->

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

import numpy as np
from jaxtyping import Float

from dlref._checks.diffusion import check_mixture
from dlref.numpy._arguments import public
from dlref.numpy._precision import softmax, widened

__all__ = ["mixture_score"]


@public
def mixture_score(
    x: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
    weights: Float[np.ndarray, " parts"],
    means: Float[np.ndarray, " parts"],
    stds: Float[np.ndarray, " parts"],
) -> Float[np.ndarray, "*axes"]:
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
        import numpy as np
        from dlref.numpy.diffusion import mixture_score

        x, parts = np.array([-1.0, 0.0, 3.0]), np.array([0.5, 0.5])
        at = np.array([-2.0, 2.0]), np.array([1.0, 1.0])
        for alpha_bar in 1.0, 0.0:
            print(alpha_bar, mixture_score(x, alpha_bar, parts, *at).round(3))
        ```

        ```text {.output}
        1.0 [-0.928  0.    -1.   ]
        0.0 [ 1.  0. -3.]
        ```
    """
    check_mixture(x, alpha_bar, weights, means, stds)

    left = np.asarray(alpha_bar)[..., None]
    variance = left * widened(stds) ** 2 + 1 - left
    gap = np.sqrt(left) * widened(means) - widened(x)[..., None]
    logs = np.log(widened(weights)) - np.log(variance) / 2 - gap**2 / variance / 2
    pull = softmax(logs) * (gap / variance)
    return np.asarray(pull.sum(axis=-1), x.dtype)
