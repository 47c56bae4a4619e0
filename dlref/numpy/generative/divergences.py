"""Divergences of a GAN: what a perfect discriminator knows, and what a critic measures.

With the generator fixed, the best discriminator knows the share of the data among what
lies at x: D*(x) = p(x) / (p(x) + q(x)). Its logit is log p(x) − log q(x). In the minimax
loss it leaves 2 JS(p, q) − log 4, which is flat where p and q do not overlap: the better
the discriminator, the less the generator learns from that loss. The Jensen-Shannon
divergence itself is `js_divergence` of the losses.

The Wasserstein distance asks instead how far mass must move. On a line, the cheapest
transport keeps the order, so that both sets are sorted, and the mean of |aᵢ − bᵢ| is W₁.
It grows with the distance, however far apart they are.

Source: Goodfellow et al. 2014, "Generative Adversarial Nets", section 4.1, Proposition 1.
https://arxiv.org/abs/1406.2661. Arjovsky, Chintala and Bottou 2017, "Wasserstein GAN",
section 3. https://arxiv.org/abs/1701.07875

Question: [DL0082][dl0082]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.adversarial import check_densities, check_sorted_samples
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.activations.sigmoid import sigmoid

__all__ = ["optimal_discriminator", "wasserstein_1d"]


@public
def optimal_discriminator(
    log_p: Float[np.ndarray, "*batch"], log_q: Float[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch"]:
    """Return p/(p + q): the probability that a point is real, if half of all are.

    It is ½ where both densities are equal, and swapping them gives the rest to 1.

    Args:
        log_p: Logarithm of the data's density at each point; −∞ where there is none.
        log_q: Logarithm of the generator's density at the same points.

    Returns:
        D*(x) in [0, 1], for each point.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, a logarithm is NaN or +∞, or both densities are 0
            at a point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import optimal_discriminator

        p, q = np.array([0.3, 0.2, 0.0]), np.array([0.1, 0.2, 0.5])
        with np.errstate(divide="ignore"):
            print(optimal_discriminator(np.log(p), np.log(q)).round(4))
        ```

        ```text {.output}
        [0.75 0.5  0.  ]
        ```
    """
    check_densities(log_p, log_q)

    with np.errstate(over="ignore"):
        logit = np.asarray(widened(log_p) - widened(log_q))
    return sigmoid(logit).astype(log_p.dtype)


@public
def wasserstein_1d(
    a: Float[np.ndarray, "*batch samples"], b: Float[np.ndarray, "*batch samples"]
) -> Float[np.ndarray, "*batch"]:
    """Return the least mean distance by which samples on a line must move.

    The i-th smallest goes to the i-th smallest. Moving all of one side by c changes it by
    at most |c|.

    Args:
        a: Samples of one distribution, on the last axis, in any order.
        b: As many samples of the other.

    Returns:
        W₁ of the two sets, in the unit of the samples, one per row; ∞ where the dtype
        cannot hold it.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no sample, or one is not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import wasserstein_1d

        print(wasserstein_1d(np.array([0.0, 1.0]), np.array([5.0, 3.0])))
        ```

        ```text {.output}
        3.5
        ```
    """
    check_sorted_samples(a, b)

    with np.errstate(over="ignore"):
        gap = np.sort(a.astype(np.float64)) - np.sort(b.astype(np.float64))
        return np.asarray(abs(gap).mean(axis=-1)).astype(a.dtype)
