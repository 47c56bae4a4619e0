r"""Steps without chance, by the noise or by a velocity, and predictions that are pushed.

DDIM goes from any ᾱ to any other, here s: it finds the data, and adds the same noise.

$$
x_s = \sqrt{\bar\alpha_s}\, x_0 + \sqrt{1 - \bar\alpha_s}\, \epsilon
$$

Flow matching mixes along a line, x_t = (1 − t) x₀ + t ε, whose velocity is u = ε − x₀. A
step of Euler's method follows it:

$$
x_s = x_t + (s - t)\, u
$$

It is a step of DDIM, in which the amplitudes √ᾱ and √(1 − ᾱ) are 1 − t and t.

Guidance pushes a prediction for a condition away from that without one:

$$
\epsilon = \epsilon_u + w\, (\epsilon_c - \epsilon_u)
$$

Here a scale w of 1 is no guidance. Ho and Salimans count it from 0: theirs is w − 1.

Source: Song, Meng and Ermon 2021, "Denoising Diffusion Implicit Models", equation 12.
https://arxiv.org/abs/2010.02502 Ho and Salimans 2022, "Classifier-Free Diffusion
Guidance". https://arxiv.org/abs/2207.12598 Liu, Gong and Liu 2023, "Flow Straight and
Fast" (the line). https://arxiv.org/abs/2209.03003

Question: [DL0083][dl0083]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.diffusion import check_ddim, check_flow, check_guided
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.diffusion._mixing import amplitudes, mixed

__all__ = ["ddim_step", "flow_step", "guided"]


@public
def ddim_step(
    noisy: Float[Tensor, "*axes"],
    noise: Float[Tensor, "*axes"],
    alpha_bar: Float[Tensor, "*#axes"] | float,
    next_alpha_bar: Float[Tensor, "*#axes"] | float,
) -> Float[Tensor, "*axes"]:
    """Go to any other step: the same data and the same noise, in other shares.

    To ᾱ = 1 it gives the predicted data. Backwards it turns an image into noise.

    Args:
        noisy: x_t.
        noise: ε, as a network predicts it.
        alpha_bar: ᾱ of x_t, as in `add_noise`, above 0.
        next_alpha_bar: ᾱ of the step to go to; that of step 0 is 1.

    Returns:
        x_s, in the dtype of x_t.

    Raises:
        TypeError: If an array is not floating point, their dtypes differ, or a share has
            16 bits.
        ValueError: If shapes do not fit, a share is not between 0 and 1, or alpha_bar is
            0.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import ddim_step

        noisy, noise = torch.tensor([1.3777]), torch.ones(1)
        for next_alpha_bar in 0.9, 1.0:
            step = ddim_step(noisy, noise, 0.72, next_alpha_bar)
            print(f"{next_alpha_bar}: {step.item():.4f}")
        ```

        ```text {.output}
        0.9: 1.2649
        1.0: 1.0000
        ```
    """
    check_ddim(alpha_bar, next_alpha_bar, noisy, noise)

    (signal, sigma), (after, left) = amplitudes(alpha_bar), amplitudes(next_alpha_bar)
    scale = after / signal
    return mixed(scale, noisy, left - scale * sigma, noise)


@public
def flow_step(
    x: Float[Tensor, "*axes"],
    velocity: Float[Tensor, "*axes"],
    time: float,
    next_time: float,
) -> Float[Tensor, "*axes"]:
    """Go straight on, as the velocity says: a step of Euler's method.

    Args:
        x: x_t.
        velocity: u = ε − x₀, as a network predicts it: from the data to the noise.
        time: t, at which x is: 0 is data, 1 is noise. Some papers have it the other way.
        next_time: Time to go to.

    Returns:
        x at that time, in the dtype of x.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or a time is not between 0 and 1.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import flow_step

        data, noise = torch.tensor([2.0]), torch.tensor([4.0])
        print(flow_step(noise, noise - data, 1.0, 0.25))
        ```

        ```text {.output}
        tensor([2.5000])
        ```
    """
    check_flow(x, velocity, time=time, next_time=next_time)

    moved = torch.add(widened(x), widened(velocity), alpha=next_time - time)
    return moved.to(x.dtype)


@public
def guided(
    unconditional: Float[Tensor, "*axes"],
    conditional: Float[Tensor, "*axes"],
    scale: float,
) -> Float[Tensor, "*axes"]:
    """Push what is predicted for a condition away from what is predicted without it.

    Args:
        unconditional: Prediction without the condition: noise, data or velocity.
        conditional: Prediction with it, of the same kind.
        scale: w: 1 is no guidance, 0 no condition; above 1 it goes beyond.

    Returns:
        The prediction to sample with.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or scale is not finite.

    Example:
        ```python
        import torch
        from dlref.torch.diffusion import guided

        for scale in 0.0, 1.0, 7.5:
            print(scale, guided(torch.tensor([0.25]), torch.tensor([0.5]), scale))
        ```

        ```text {.output}
        0.0 tensor([0.2500])
        1.0 tensor([0.5000])
        7.5 tensor([2.1250])
        ```
    """
    check_guided(unconditional, conditional, scale)

    beyond = torch.lerp(widened(unconditional), widened(conditional), scale)
    return beyond.to(unconditional.dtype)
