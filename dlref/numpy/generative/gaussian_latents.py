r"""Gaussians of a variational autoencoder: latents from an encoder, data from a decoder.

The encoder gives a mean μ and a log-variance log σ² for each latent. How far that is from
the prior, a standard normal, has a closed form:

$$
\operatorname{KL} = \tfrac{1}{2} \sum_j
\left(\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2\right)
$$

A latent z is drawn as a function of μ and σ, so that both have a gradient. All that is
random is ε, from a standard normal:

$$
z = \mu + \sigma \odot \varepsilon
$$

The decoder's output x̂ is the mean of a Gaussian with a variance s. Mean squared error is
its negative log-likelihood only up to a factor, 1 / 2s, and a constant; the factor says
how much the reconstruction counts beside the KL divergence.

$$
\log p(x \mid z) = -\sum_i \left(
\frac{(x_i - \hat x_i)^2}{2 s} + \frac{1}{2} \log (2 \pi s)\right)
$$

All are sums over the last axis: a mean over it would be another objective.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", section 2.4 and
appendix B. https://arxiv.org/abs/1312.6114

Question: [DL0081][dl0081]
"""

import math

import numpy as np
from jaxtyping import Float

from dlref._checks.variational import check_latents, check_noise, check_observed
from dlref.numpy._arguments import public
from dlref.numpy._precision import excess, total, widened

__all__ = ["gaussian_log_likelihood", "reparameterize", "standard_normal_kl"]


@public
def standard_normal_kl(
    mean: Float[np.ndarray, "*batch latents"],
    log_var: Float[np.ndarray, "*batch latents"],
) -> Float[np.ndarray, "*batch"]:
    """Return KL(q ‖ p) of independent Gaussians q and the standard normal p.

    0 if every mean is 0 and every variance 1, and above 0 if not. It is `gaussian_kl`
    with a mean of 0 and a deviation of 1 for q there, added up; but it takes the
    log-variance as it is, for its exponential may round to 0.

    Args:
        mean: Mean μ of each latent.
        log_var: Logarithm of its variance σ², not of σ; at most 88, or 709 in float64.

    Returns:
        Divergence in nats, one for each example: the sum over the latents.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If there is no axis, shapes differ, mean or log_var is not finite, or
            log_var is above 88 (in float64, 709), where the variance would overflow.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import standard_normal_kl

        mean = np.array([[0.0, 0.0], [1.0, 0.0]])
        log_var = np.log([[1.0, 1.0], [1.0, 0.25]])
        print(standard_normal_kl(mean, log_var).round(4))
        ```

        ```text {.output}
        [0.     0.8181]
        ```
    """
    check_latents(mean, log_var)

    with np.errstate(over="ignore"):  # far away, it is ∞
        twice = np.square(widened(mean)) + excess(widened(log_var))
        return np.asarray(total(twice)[..., 0] / 2, mean.dtype)


@public
def gaussian_log_likelihood(
    x: Float[np.ndarray, "*batch features"],
    mean: Float[np.ndarray, "*batch features"],
    variance: Float[np.ndarray, "*batch features"] | float,
) -> Float[np.ndarray, "*batch"]:
    """Return log p(x) of independent Gaussians: above 0 where the density is above 1.

    For one variance of all features, the best is the mean squared error.

    Args:
        x: Data, flattened.
        mean: What the decoder says of it.
        variance: Variance of each feature, above 0: neither its root nor its logarithm.
            A number, from 1e-30 to 1e30, is that of all.

    Returns:
        Log-likelihood in nats, one for each example: the sum over the features.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If there is no axis, shapes differ, x or mean is not finite, or a
            variance is not above 0 and finite, or as a number not between 1e-30 and
            1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import gaussian_log_likelihood

        x, mean = np.array([1.0, 2.0]), np.zeros(2)
        for variance in 1.0, 2.5:  # 2.5 is the mean squared error
            log_p = gaussian_log_likelihood(x, mean, variance)
            print(f"{log_p:.4f}")
        ```

        ```text {.output}
        -4.3379
        -3.7542
        ```
    """
    check_observed(x, mean, variance)

    wide = widened(x)
    spread = np.asarray(variance, wide.dtype)
    with np.errstate(over="ignore"):  # far away, it is −∞
        squares = np.square(wide - widened(mean)) / spread
        twice = squares + np.log(spread) + math.log(2 * math.pi)
        return np.asarray(-total(twice)[..., 0] / 2, x.dtype)


@public
def reparameterize(
    mean: Float[np.ndarray, "*batch latents"],
    log_var: Float[np.ndarray, "*batch latents"],
    noise: Float[np.ndarray, "*batch latents"],
) -> Float[np.ndarray, "*batch latents"]:
    """Turn noise of a standard normal into a sample of a Gaussian: z = μ + σε.

    The mean moves the sample by as much, the deviation by ε times as much: these are the
    gradients.

    Args:
        mean: Mean μ of each latent.
        log_var: Logarithm of its variance σ², not of σ; at most 88, or 709 in float64.
        noise: Samples ε of a standard normal; with zeros, the result is the mean.

    Returns:
        Latents z.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If there is no axis, shapes differ, an argument is not finite, or
            log_var is above 88 (in float64, 709), where the variance would overflow.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import reparameterize

        mean, log_var = np.ones(3), np.full(3, np.log(0.25))
        print(reparameterize(mean, log_var, np.array([0.0, 1.0, -2.0])))
        ```

        ```text {.output}
        [1.  1.5 0. ]
        ```
    """
    check_noise(mean, log_var, noise)

    deviation = np.exp(widened(log_var) / 2)
    with np.errstate(over="ignore"):  # 16 bits may not hold it
        return np.asarray(widened(mean) + deviation * widened(noise), mean.dtype)
