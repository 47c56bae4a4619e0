r"""Evidence lower bound (ELBO): what can be computed of log p(x), and never above it.

$$
\begin{aligned}
\log p(x) &= \operatorname{ELBO} + \operatorname{KL}(q(z \mid x) \,\|\, p(z \mid x)) \\
\operatorname{ELBO} &= \mathbb{E}_{q(z \mid x)}[\log p(x \mid z)] \\
&\quad - \operatorname{KL}(q(z \mid x) \,\|\, p(z))
\end{aligned}
$$

It is too low by the divergence of q from the true posterior of z, so that a better q
closes the gap. A factor β of the KL divergence makes another objective. For β above 1 it
is still below log p(x); below 1 it may be above.

With K samples of q, the logarithm of their mean weight is nearer, on average, the more
there are. It is the ELBO at K = 1:

$$
L_K = \log \left(\frac{1}{K} \sum_{k=1}^{K} w_k\right)
$$

where w is p(x, z) / q(z|x) at a sample.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", section 2.2.
https://arxiv.org/abs/1312.6114. Burda, Grosse and Salakhutdinov 2016, "Importance
Weighted Autoencoders", abstract. https://arxiv.org/abs/1509.00519

Question: [DL0081][dl0081]
"""

import math

import numpy as np
from jaxtyping import Float

from dlref._checks.variational import check_bound, check_log_weights
from dlref.numpy._arguments import public
from dlref.numpy._precision import log_sum_exp, widened

__all__ = ["evidence_lower_bound", "importance_weighted_bound"]


@public
def evidence_lower_bound(
    log_likelihood: Float[np.ndarray, "*batch"],
    kl: Float[np.ndarray, "*batch"],
    *,
    beta: float = 1.0,
) -> Float[np.ndarray, "*batch"]:
    """Subtract the divergence from the reconstruction: to be maximized.

    Both are sums: over the features of x, and over the latents. If one of them is a mean,
    that is another β: the mean over D features and a sum over the latents make it D.

    Args:
        log_likelihood: log p(x|z) at a sample z of q, or its mean over several.
        kl: KL(q ‖ p), at least 0 but for rounding. What is estimated from samples may be
            below: take `importance_weighted_bound` for that.
        beta: Factor β of the divergence, from 0 to 1e30.

    Returns:
        Bound in nats, one for each example; its negative is the loss.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If shapes differ, log_likelihood is NaN or ∞, or kl is below 0, or
            ∞ where beta is 0, or beta is not between 0 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import evidence_lower_bound

        log_likelihood, kl = np.array([-1.0, -3.0]), np.array([0.5, 0.25])
        print(evidence_lower_bound(log_likelihood, kl))
        print(evidence_lower_bound(log_likelihood, kl, beta=4.0))
        ```

        ```text {.output}
        [-1.5  -3.25]
        [-3. -4.]
        ```
    """
    check_bound(log_likelihood, kl, beta)

    with np.errstate(over="ignore"):  # far away, it is −∞
        bound = widened(log_likelihood) - beta * widened(kl)
        return np.asarray(bound, log_likelihood.dtype)


@public
def importance_weighted_bound(
    log_weights: Float[np.ndarray, "*batch samples"],
) -> Float[np.ndarray, "*batch"]:
    """Take the logarithm of the mean weight: nearer to log p(x) the more samples.

    On average it grows with their number, and never exceeds log p(x); one draw may. The
    mean of the logarithms stays where one sample is.

    Args:
        log_weights: log p(x, z) − log q(z|x) at samples z of q; −∞ is a weight of 0.

    Returns:
        Bound in nats, one for each example; −∞ if all weights are 0.

    Raises:
        TypeError: If log_weights are not floating point.
        ValueError: If there is no axis or no sample, or a weight is NaN or ∞.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import importance_weighted_bound

        log_weights = np.log([1.0, 3.0])
        print(f"{importance_weighted_bound(log_weights):.4f} = log 2")
        print(f"{log_weights.mean():.4f}, the mean of the logarithms")
        ```

        ```text {.output}
        0.6931 = log 2
        0.5493, the mean of the logarithms
        ```
    """
    check_log_weights(log_weights)

    summed = log_sum_exp(widened(log_weights))[..., 0]
    return np.asarray(summed - math.log(log_weights.shape[-1]), log_weights.dtype)
