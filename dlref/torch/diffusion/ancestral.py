r"""The posterior of one step back, if the data is known, and the sampler made of it.

$$
\begin{aligned}
\mu &= \frac{\sqrt{\bar\alpha_{t-1}}\, \beta_t}{1 - \bar\alpha_t}\, x_0 \\
&+ \frac{\sqrt{\alpha_t}\, (1 - \bar\alpha_{t-1})}{1 - \bar\alpha_t}\, x_t \\
\tilde\beta_t &= \frac{1 - \bar\alpha_{t-1}}{1 - \bar\alpha_t}\, \beta_t
\end{aligned}
$$

Given x₀, and x_t = √α_t x_{t−1} + √β_t noise, x_{t−1} is Gaussian, with this mean and
variance. A sampler does not know x₀: it takes what the predicted noise says of it. The
mean is then

$$
\mu = \frac{1}{\sqrt{\alpha_t}}
\left(x_t - \frac{\beta_t}{\sqrt{1 - \bar\alpha_t}}\, \epsilon\right)
$$

At t = 1 the variance is 0: the last step adds no noise, without being told.

Source: Ho, Jain and Abbeel 2020, "Denoising Diffusion Probabilistic Models", equations 6
and 7. https://arxiv.org/abs/2006.11239

Question: [DL0083][dl0083]
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.diffusion import check_ancestral, check_step
from dlref.torch._arguments import check_rng, public
from dlref.torch._precision import widened
from dlref.torch.diffusion._mixing import mixed

__all__ = ["ddpm_step", "posterior"]


@public
def posterior(
    data: Float[Tensor, "*axes"],
    noisy: Float[Tensor, "*axes"],
    t: int,
    betas: Float[Tensor, " steps"],
) -> tuple[Float[Tensor, "*axes"], Float[Tensor, ""]]:
    """Say what x_{t−1} was, if x₀ and x_t are known: a Gaussian.

    At t = 1 it is the data, without a doubt.

    Args:
        data: x₀.
        noisy: x_t, of the same shape.
        t: Step, from 1: that which made x_t out of x_{t−1}.
        betas: Variance β of the noise of each step, in 32 bits or more.

    Returns:
        Mean μ, in the dtype of the data, and variance β̃ of each entry, in that of betas.

    Raises:
        TypeError: If an array is not floating point, their dtypes differ, betas has 16
            bits, or t is not an integer.
        ValueError: If shapes differ, t is no step, or β is not above 0 and at most 1.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import posterior

        betas = torch.tensor([0.1, 0.2])
        mean, variance = posterior(torch.ones(1), torch.tensor([1.3777]), 2, betas)
        print(f"mean {mean.item():.4f}, variance 0.2 · 0.1/0.28 = {variance:.4f}")
        ```

        ```text {.output}
        mean 1.1177, variance 0.2 · 0.1/0.28 = 0.0714
        ```
    """
    check_step(t, betas, data=data, noisy=noisy)

    beta, before, noise, now = _step(t, betas)
    mean = mixed(
        torch.sqrt(before) * beta / now, data, torch.sqrt(1 - beta) * noise / now, noisy
    )
    return mean, (beta * noise / now).to(betas.dtype)


@public
def ddpm_step(
    noisy: Float[Tensor, "*axes"],
    noise: Float[Tensor, "*axes"],
    t: int,
    betas: Float[Tensor, " steps"],
    *,
    rng: torch.Generator | None,
) -> Float[Tensor, "*axes"]:
    """Draw x_{t−1} from the posterior, with the data that the predicted noise tells.

    Args:
        noisy: x_t.
        noise: ε, as a network predicts it.
        t: Step, from 1: it leads to t − 1. At 1 nothing is drawn by chance.
        betas: Variance β of the noise of each step, in 32 bits or more.
        rng: PyTorch's random generator, on the device of x_t. None is the global one.

    Returns:
        x_{t−1}, in the dtype of x_t.

    Raises:
        TypeError: As `posterior`, and if rng is no generator, but a seed.
        ValueError: As `posterior`, and if β is 1 at t: nothing is left of the data.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import ddpm_step

        betas, rng = torch.tensor([0.1, 0.2]), torch.Generator().manual_seed(0)
        noisy, noise = torch.full((100_000,), 1.3777), torch.ones(100_000)
        drawn = ddpm_step(noisy, noise, 2, betas, rng=rng)
        print(f"mean {drawn.mean():.2f}, variance {drawn.var():.2f}")
        ```

        ```text {.output}
        mean 1.12, variance 0.07
        ```
    """
    check_ancestral(t, betas, noisy=noisy, noise=noise)
    check_rng(rng)

    beta, _, before, now = _step(t, betas)
    wide = widened(noisy)
    mean = mixed(1, wide, -beta / now.sqrt(), noise) / (1 - beta).sqrt()
    drawn = torch.empty_like(wide).normal_(generator=rng)
    return mixed(1, mean, (beta * before / now).sqrt(), drawn).to(noisy.dtype)


def _step(t: int, betas: Float[Tensor, " steps"]) -> tuple[Any, Any, Any, Any]:
    """Return β_t, ᾱ_{t−1}, 1 − ᾱ_{t−1} and 1 − ᾱ_t: at t = 1 the last is β_t exactly."""
    beta, before = betas[t - 1].double(), (1 - betas[: t - 1].double()).prod()
    return beta, before, 1 - before, beta + (1 - beta) * (1 - before)
