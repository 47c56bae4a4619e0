"""Fréchet distance: two sets of features, as if each were a Gaussian.

FD = ‖μ₁ − μ₂‖² + tr(C₁ + C₂ − 2 (C₁C₂)^½)

It is the *squared* Wasserstein distance W₂² of two Gaussians with the means μ and the
covariances C. With the features of an Inception network it is the FID of a generator. The
root is that of a matrix, not of its entries, and the covariances need not commute.

The trace is also the smallest squared distance of two roots, where A Aᵀ = C₁ and B Bᵀ =
C₂: ‖A − B Q‖², with the rotation Q that makes it smallest. Nothing cancels in it, so it
is not below 0, and is 0 if both are equal. That is what is computed.

Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule Converge to a
Local Nash Equilibrium", section "Experiments". https://arxiv.org/abs/1706.08500

Question: [DL0082][dl0082]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.adversarial import check_two_moments
from dlref.numpy._arguments import public

__all__ = ["frechet_distance"]


@public
def frechet_distance(
    mean1: Float[np.ndarray, " d"],
    cov1: Float[np.ndarray, "d d"],
    mean2: Float[np.ndarray, " d"],
    cov2: Float[np.ndarray, "d d"],
) -> Float[np.ndarray, ""]:
    """Return W₂² of two Gaussians: symmetric, at least 0, and 0 if both are equal.

    Turning all features alike changes nothing. The distance of samples is biased: the
    fewer they are, the larger.

    Args:
        mean1: Mean of the features of one set.
        cov1: Their covariance, symmetric, without negative eigenvalues.
        mean2: Mean of the features of the other set.
        cov2: Their covariance.

    Returns:
        The distance, squared, in the squared unit of the features.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If a shape does not fit, an entry is not finite, a covariance is not
            symmetric, or has a negative eigenvalue.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generative import frechet_distance

        one, three = np.array([1.0]), np.array([3.0])
        print(f"{frechet_distance(one, np.array([[4.0]]), three, np.array([[9.0]])):.4f}")
        ```

        ```text {.output}
        5.0000
        ```
    """
    check_two_moments(mean1, cov1, mean2, cov2)

    a, b = _root(cov1), _root(cov2)
    left, _, right = np.linalg.svd(b.T @ a)  # the rotation that turns b towards a
    gap = a - b @ left @ right
    with np.errstate(over="ignore"):
        shift = mean1.astype(float) - mean2.astype(float)
        return np.asarray(np.sum(shift**2) + np.sum(gap**2)).astype(mean1.dtype)


def _root(covariance: Float[np.ndarray, "d d"]) -> Float[np.ndarray, "d d"]:
    """Return A with A Aᵀ the covariance; what rounding made negative counts as 0."""
    values, vectors = np.linalg.eigh(covariance.astype(float))
    root: np.ndarray = vectors * np.sqrt(values.clip(min=0))
    return root
