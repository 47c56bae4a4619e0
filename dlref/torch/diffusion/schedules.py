r"""Noise schedules: how much of the data each step keeps, and what is left by then.

$$
\bar\alpha_t = \prod_{i=1}^{t} (1 - \beta_i)
$$

Step t, counted from 1, keeps 1 − β of the variance of what it is given, and adds β of
noise. ᾱ is the share that is left of the data's own; the signal-to-noise ratio is
ᾱ/(1 − ᾱ). Arrays count from 0: ᾱ of step t is entry t − 1, and ᾱ of step 0 is 1.

The cosine schedule sets ᾱ itself, and cuts β off at 0.999:

$$
\sqrt{\bar\alpha_t} = \cos\left(\frac{\pi}{2} \cdot \frac{t/T + s}{1 + s}\right)
/ \cos\left(\frac{\pi}{2} \cdot \frac{s}{1 + s}\right)
$$

where s = 0.008.

No usual schedule ends in pure noise: with Stable Diffusion's, 6.8 % of the data's
amplitude is left. `zero_terminal_snr` moves √ᾱ so that its last entry is 0.

Source: Ho, Jain and Abbeel 2020, "Denoising Diffusion Probabilistic Models", equation 4.
https://arxiv.org/abs/2006.11239 The cosine: Nichol and Dhariwal 2021, "Improved
Denoising Diffusion Probabilistic Models", as `betas_for_alpha_bar` of diffusers has it.
https://arxiv.org/abs/2102.09672 Lin, Liu, Li and Yang 2024, "Common Diffusion Noise
Schedules and Sample Steps are Flawed", algorithm 1. https://arxiv.org/abs/2305.08891

Question: [DL0083][dl0083]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.diffusion import check_betas, check_line
from dlref._checks.numbers import check_sizes
from dlref.torch._arguments import public

__all__ = ["alpha_bars", "cosine_betas", "linear_betas", "zero_terminal_snr"]


@public
def linear_betas(
    steps: int = 1000,
    first: float = 1e-4,
    last: float = 0.02,
    *,
    device: torch.device | str | None = None,
) -> Float[Tensor, " steps"]:
    """Lay the variances β along a line, both ends included.

    Stable Diffusion lays their roots along a line: it is the square of such a line.

    Args:
        steps: Number of steps T.
        first: Variance β₁ of the noise of the first step.
        last: Variance of that of the last.
        device: Where the variances are; torch's default if None.

    Returns:
        β of each step: entry 0 is that of step 1.

    Raises:
        TypeError: If steps is not an integer, or an end not a number.
        ValueError: If there is no step, or an end is not strictly between 0 and 1.

    Example:
        ```python
        from dlref.torch.diffusion import alpha_bars, linear_betas

        print(f"left of the data: {alpha_bars(linear_betas())[-1] ** 0.5:.5f}")
        ```

        ```text {.output}
        left of the data: 0.00635
        ```
    """
    check_line(steps, first, last)

    betas = torch.linspace(first, last, steps, dtype=torch.float64, device="cpu")
    return _placed(betas, device)


@public
def cosine_betas(
    steps: int = 1000, *, device: torch.device | str | None = None
) -> Float[Tensor, " steps"]:
    """Choose the variances β so that ᾱ follows the square of a cosine.

    In the middle it falls nearly along a line, and it is flat at both ends.

    Args:
        steps: Number of steps T.
        device: Where the variances are; torch's default if None.

    Returns:
        β of each step, at most 0.999: the last is cut off, which else would be 1.

    Raises:
        TypeError: If steps is not an integer.
        ValueError: If there is no step.

    Example:
        ```python
        from dlref.torch.diffusion import alpha_bars, cosine_betas

        left = alpha_bars(cosine_betas())
        print(f"more than half is left for {(left > 0.5).sum()} steps")
        ```

        ```text {.output}
        more than half is left for 496 steps
        ```
    """
    check_sizes(steps=steps)

    time = torch.arange(steps + 1, dtype=torch.float64, device="cpu") / steps
    left = torch.cos((time + 0.008) / 1.008 * math.pi / 2) ** 2
    return _placed((1 - left[1:] / left[:-1]).clamp(max=0.999), device)


@public
def alpha_bars(betas: Float[Tensor, " steps"]) -> Float[Tensor, " steps"]:
    """Multiply what each step keeps: the share ᾱ of the data that is left after it.

    Args:
        betas: Variance β of the noise that each step adds, in 32 bits or more. Only the
            last may be 1.

    Returns:
        ᾱ after each step: entry 0 is after step 1.

    Raises:
        TypeError: If betas is not floating point, with 32 bits or more.
        ValueError: If it is no vector, or β is not above 0 and at most 1.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import alpha_bars

        print(alpha_bars(torch.tensor([0.1, 0.2])))
        ```

        ```text {.output}
        tensor([0.9000, 0.7200])
        ```
    """
    check_betas(betas)

    return (1 - betas.double()).cumprod(0).to(betas.dtype)


@public
def zero_terminal_snr(betas: Float[Tensor, " steps"]) -> Float[Tensor, " steps"]:
    """Move √ᾱ along a line, so that the first stays and nothing is left in the end.

    From then on a network that predicts the noise learns nothing at the last step: let
    it predict v, or the data.

    Args:
        betas: Variance β of the noise of each step, two or more, in 32 bits or more.

    Returns:
        The new variances, of which the last is 1.

    Raises:
        TypeError: If betas is not floating point, with 32 bits or more.
        ValueError: If it is no vector of two or more, or β is not above 0 and at most 1.

    Example:
        ```python
        from dlref.torch.diffusion import alpha_bars, linear_betas, zero_terminal_snr

        left = alpha_bars(zero_terminal_snr(linear_betas()))
        print(f"{left[0]:.4f} … {left[499]:.4f} … {left[-1]}")
        ```

        ```text {.output}
        0.9999 … 0.0760 … 0.0
        ```
    """
    check_betas(betas, at_least=2)

    root = (1 - betas.double()).cumprod(0).sqrt()
    moved = (root - root[-1]) * (root[0] / (root[0] - root[-1]))
    kept = moved / torch.cat([torch.ones_like(moved[:1]), moved[:-1]])
    return (1 - kept**2).to(betas.dtype)


def _placed(
    betas: Float[Tensor, " steps"], device: torch.device | str | None
) -> Float[Tensor, " steps"]:
    """Round float64, which not all devices have, and move it to where it belongs."""
    return betas.to(torch.empty(0, device=device))
