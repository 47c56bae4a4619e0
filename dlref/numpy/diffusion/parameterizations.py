r"""What a network may predict: the noise ε, the data x₀, or the velocity v.

<!-- formula
x_0, epsilon, alpha_bar = normal(3), normal(3), np.array(real(0.05, 0.95))
x_t = dlref.numpy.diffusion.add_noise(x_0, epsilon, alpha_bar)
v = dlref.numpy.diffusion.velocity(x_0, epsilon, alpha_bar)
-->

$$
\begin{aligned}
x_t &= \sqrt{\bar\alpha}\, x_0 + \sqrt{1 - \bar\alpha}\, \epsilon \\
v &= \sqrt{\bar\alpha}\, \epsilon - \sqrt{1 - \bar\alpha}\, x_0
\end{aligned}
$$

The two amplitudes are cosine and sine of one angle: (x_t, v) is (x₀, ε), turned by it. To
turn back never divides, and so gives data and noise at ᾱ = 0 and at 1, too:

<!-- formula
x_t, v, alpha_bar = normal(3), normal(3), np.array(real(0.05, 0.95))
x_0 = dlref.numpy.diffusion.data_from_velocity(x_t, v, alpha_bar)
epsilon = dlref.numpy.diffusion.noise_from_velocity(x_t, v, alpha_bar)
-->

$$
\begin{aligned}
x_0 &= \sqrt{\bar\alpha}\, x_t - \sqrt{1 - \bar\alpha}\, v \\
\epsilon &= \sqrt{1 - \bar\alpha}\, x_t + \sqrt{\bar\alpha}\, v
\end{aligned}
$$

From the noise alone one divides by √ᾱ: where little of the data is left, a small error of
the noise is a large one of the data.

Source: Ho, Jain and Abbeel 2020, "Denoising Diffusion Probabilistic Models", equations 4
and 15. https://arxiv.org/abs/2006.11239 Ho et al. 2022, "Imagen Video: High Definition
Video Generation with Diffusion Models", section 2.4 (v). https://arxiv.org/abs/2210.02303

Question: [DL0083][dl0083]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.diffusion import check_mixed, check_with_noise, check_with_signal
from dlref.numpy._arguments import public
from dlref.numpy.diffusion._mixing import amplitudes, mixed

__all__ = [
    "add_noise",
    "data_from_noise",
    "data_from_velocity",
    "noise_from_data",
    "noise_from_velocity",
    "velocity",
]


@public
def add_noise(
    data: Float[np.ndarray, "*axes"],
    noise: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Go to any step at once: data and noise, mixed so that variance 1 stays 1.

    Args:
        data: x₀, of mean 0 and variance about 1: images in [−1, 1].
        noise: ε, drawn from the standard normal distribution, of the same shape.
        alpha_bar: Share ᾱ of the data that is left, between 0 and 1: a number, or in 32
            bits or more, without an axis or with those of the data, each of its size or
            of 1. One for each image has shape (B, 1, 1, 1).

    Returns:
        x_t, in the dtype of the data.

    Raises:
        TypeError: If an array is not floating point, their dtypes differ, or alpha_bar
            has 16 bits.
        ValueError: If shapes do not fit, or alpha_bar is not between 0 and 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import add_noise

        print(add_noise(np.ones(1), np.ones(1), 0.72).round(4))
        ```

        ```text {.output}
        [1.3777]
        ```
    """
    check_mixed(alpha_bar, data=data, noise=noise)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(signal, data, sigma, noise)


@public
def data_from_noise(
    noisy: Float[np.ndarray, "*axes"],
    noise: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Take the noise away, and scale up what is left.

    An error of the noise is multiplied by √((1 − ᾱ)/ᾱ): 157 at the end of the linear
    schedule.

    Args:
        noisy: x_t.
        noise: ε, as a network predicts it.
        alpha_bar: As in `add_noise`, above 0.

    Returns:
        x₀, in the dtype of x_t.

    Raises:
        TypeError: As `add_noise`.
        ValueError: As `add_noise`, and if alpha_bar is 0.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import data_from_noise

        print(data_from_noise(np.array([1.3777]), np.ones(1), 0.72).round(3))
        ```

        ```text {.output}
        [1.]
        ```
    """
    check_with_signal(alpha_bar, noisy=noisy, noise=noise)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(1 / signal, noisy, -sigma / signal, noise)


@public
def noise_from_data(
    noisy: Float[np.ndarray, "*axes"],
    data: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Take the data away, and scale up what is left.

    Args:
        noisy: x_t.
        data: x₀, as a network predicts it.
        alpha_bar: As in `add_noise`, below 1.

    Returns:
        ε, in the dtype of x_t.

    Raises:
        TypeError: As `add_noise`.
        ValueError: As `add_noise`, and if alpha_bar is 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import noise_from_data

        print(noise_from_data(np.array([1.3777]), np.ones(1), 0.72).round(3))
        ```

        ```text {.output}
        [1.]
        ```
    """
    check_with_noise(alpha_bar, noisy=noisy, data=data)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(1 / sigma, noisy, -signal / sigma, data)


@public
def velocity(
    data: Float[np.ndarray, "*axes"],
    noise: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Make the target v: the noise where all is data, minus the data where all is noise.

    Args:
        data: x₀.
        noise: ε, of the same shape.
        alpha_bar: As in `add_noise`.

    Returns:
        v, in the dtype of the data.

    Raises:
        TypeError: As `add_noise`.
        ValueError: As `add_noise`.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import velocity

        for alpha_bar in 1.0, 0.5, 0.0:
            v = velocity(np.array([2.0]), np.array([3.0]), alpha_bar)
            print(alpha_bar, v.round(4))
        ```

        ```text {.output}
        1.0 [3.]
        0.5 [0.7071]
        0.0 [-2.]
        ```
    """
    check_mixed(alpha_bar, data=data, noise=noise)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(signal, noise, -sigma, data)


@public
def data_from_velocity(
    noisy: Float[np.ndarray, "*axes"],
    velocity: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Find the data, at any ᾱ: an error of v is never multiplied by more than 1.

    Args:
        noisy: x_t.
        velocity: v, as a network predicts it.
        alpha_bar: As in `add_noise`.

    Returns:
        x₀, in the dtype of x_t.

    Raises:
        TypeError: As `add_noise`.
        ValueError: As `add_noise`.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import data_from_velocity

        noise = np.array([3.0])  # at ᾱ = 0, all that is left: the data is in v alone
        print(data_from_velocity(noise, np.array([-2.0]), 0.0))
        ```

        ```text {.output}
        [2.]
        ```
    """
    check_mixed(alpha_bar, noisy=noisy, velocity=velocity)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(signal, noisy, -sigma, velocity)


@public
def noise_from_velocity(
    noisy: Float[np.ndarray, "*axes"],
    velocity: Float[np.ndarray, "*axes"],
    alpha_bar: Float[np.ndarray, "*#axes"] | float,
) -> Float[np.ndarray, "*axes"]:
    """Find the noise, at any ᾱ.

    Args:
        noisy: x_t.
        velocity: v, as a network predicts it.
        alpha_bar: As in `add_noise`.

    Returns:
        ε, in the dtype of x_t.

    Raises:
        TypeError: As `add_noise`.
        ValueError: As `add_noise`.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.diffusion import noise_from_velocity

        data = np.array([2.0])  # at ᾱ = 1, all that is left: the noise is in v alone
        print(noise_from_velocity(data, np.array([3.0]), 1.0))
        ```

        ```text {.output}
        [3.]
        ```
    """
    check_mixed(alpha_bar, noisy=noisy, velocity=velocity)

    signal, sigma = amplitudes(alpha_bar)
    return mixed(sigma, noisy, signal, velocity)
