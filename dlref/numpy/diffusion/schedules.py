r"""Noise schedules: how much of the data each step keeps, and what is left by then.

<!-- formula
beta, t = rng.uniform(0.01, 0.4, 7), integer(1, 7)
alpha_bar_t = dlref.numpy.diffusion.alpha_bars(beta)[t - 1]
-->

$$
\bar\alpha_t = \prod_{i=1}^{t} (1 - \beta_i)
$$

Step t, counted from 1, keeps 1 − β of the variance of what it is given, and adds β of
noise. ᾱ is the share that is left of the data's own; the signal-to-noise ratio is
ᾱ/(1 − ᾱ). Arrays count from 0: ᾱ of step t is entry t − 1, and ᾱ of step 0 is 1.

The cosine schedule sets ᾱ itself, and cuts β off at 0.999:

<!-- formula
T, s, pi = integer(5, 20), 0.008, np.pi
t = integer(1, T - 1)
bars = dlref.numpy.diffusion.alpha_bars(dlref.numpy.diffusion.cosine_betas(T))
alpha_bar_t = bars[t - 1]
-->

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

import numpy as np
from jaxtyping import Float

from dlref._checks.diffusion import check_betas, check_line
from dlref._checks.numbers import check_sizes
from dlref.numpy._arguments import public

__all__ = ["alpha_bars", "cosine_betas", "linear_betas", "zero_terminal_snr"]


@public
def linear_betas(
    steps: int = 1000, first: float = 1e-4, last: float = 0.02
) -> Float[np.ndarray, " steps"]:
    """Lay the variances β along a line, both ends included.

    Stable Diffusion lays their roots along a line: it is the square of such a line.

    Args:
        steps: Number of steps T.
        first: Variance β₁ of the noise of the first step.
        last: Variance of that of the last.

    Returns:
        β of each step: entry 0 is that of step 1.

    Raises:
        TypeError: If steps is not an integer, or an end not a number.
        ValueError: If there is no step, or an end is not strictly between 0 and 1.

    Example:
        ```python
        from dlref.numpy.diffusion import alpha_bars, linear_betas

        print(f"left of the data: {alpha_bars(linear_betas())[-1] ** 0.5:.5f}")
        ```

        ```text {.output}
        left of the data: 0.00635
        ```
    """
    check_line(steps, first, last)

    return np.linspace(first, last, steps)


@public
def cosine_betas(steps: int = 1000) -> Float[np.ndarray, " steps"]:
    """Choose the variances β so that ᾱ follows the square of a cosine.

    In the middle it falls nearly along a line, and it is flat at both ends.

    Args:
        steps: Number of steps T.

    Returns:
        β of each step, at most 0.999: the last is cut off, which else would be 1.

    Raises:
        TypeError: If steps is not an integer.
        ValueError: If there is no step.

    Example:
        ```python
        from dlref.numpy.diffusion import alpha_bars, cosine_betas

        left = alpha_bars(cosine_betas())
        print(f"more than half is left for {(left > 0.5).sum()} steps")
        ```

        ```text {.output}
        more than half is left for 496 steps
        ```
    """
    check_sizes(steps=steps)

    time = np.arange(steps + 1) / steps
    left = np.cos((time + 0.008) / 1.008 * np.pi / 2) ** 2
    betas: np.ndarray = np.minimum(1 - left[1:] / left[:-1], 0.999)
    return betas


@public
def alpha_bars(betas: Float[np.ndarray, " steps"]) -> Float[np.ndarray, " steps"]:
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
        import numpy as np
        from dlref.numpy.diffusion import alpha_bars

        print(alpha_bars(np.array([0.1, 0.2])))
        ```

        ```text {.output}
        [0.9  0.72]
        ```
    """
    check_betas(betas)

    return np.cumprod(1 - betas.astype(float)).astype(betas.dtype)


@public
def zero_terminal_snr(betas: Float[np.ndarray, " steps"]) -> Float[np.ndarray, " steps"]:
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
        from dlref.numpy.diffusion import alpha_bars, linear_betas, zero_terminal_snr

        left = alpha_bars(zero_terminal_snr(linear_betas()))
        print(f"{left[0]:.4f} … {left[499]:.4f} … {left[-1]}")
        ```

        ```text {.output}
        0.9999 … 0.0760 … 0.0
        ```
    """
    check_betas(betas, at_least=2)

    root = np.sqrt(np.cumprod(1 - betas.astype(float)))
    moved = (root - root[-1]) * (root[0] / (root[0] - root[-1]))
    kept = moved / np.concatenate([[1], moved[:-1]])
    changed: np.ndarray = 1 - kept**2
    return changed.astype(betas.dtype)
