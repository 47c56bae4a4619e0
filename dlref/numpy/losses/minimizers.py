r"""What a loss is after: the prediction of least expected loss at a true probability η.

<!-- formula
eta, gamma, tolerance = real(0.2, 0.8), real(0.5, 4), 0.005
p, FL = np.linspace(0.005, 0.995, 199), dlref.numpy.losses.binary_focal_loss
ell = lambda p: FL(np.array(np.log(p / (1 - p))), np.array(True), gamma=gamma)
p_star = lambda eta: dlref.numpy.losses.focal_minimizer(np.array(eta), gamma=gamma)
-->

$$
p^*(\eta) = \arg\min_p \; \eta\, \ell(p) + (1 - \eta)\, \ell(1 - p)
$$

Cross-entropy answers p* = η: its predictions are probabilities. Weighing the classes
moves the odds:

<!-- formula
eta, alpha = real(0.1, 0.9), real(0.1, 0.9)
p_star = dlref.numpy.losses.weighted_cross_entropy_minimizer(
    np.array(eta), alpha=alpha
)
-->

$$
\frac{p^*}{1 - p^*} = \frac{\alpha}{1 - \alpha} \cdot \frac{\eta}{1 - \eta}
$$

Focusing pulls them towards even:

<!-- formula
eta, gamma, alpha = np.array(real(0.1, 0.9)), real(0.5, 4), real(0.1, 0.9)
p_star = dlref.numpy.losses.focal_minimizer(eta, gamma=gamma, alpha=alpha)
g = lambda p: -dlref.numpy.losses.binary_focal_loss_gradient(
    np.array(np.log(p / (1 - p))), np.array(True), gamma=gamma
)
-->

$$
\eta\, \alpha\, g(p^*) = (1 - \eta) (1 - \alpha)\, g(1 - p^*)
$$

<!-- formula
p, gamma = real(0.1, 0.9), real(0.5, 4)
g = lambda p: -dlref.numpy.losses.binary_focal_loss_gradient(
    np.array(np.log(p / (1 - p))), np.array(True), gamma=gamma
)
-->

$$
g(p) = (1 - p)^\gamma (1 - p - \gamma p \log p)
$$

where g is minus the slope of the focal loss in the log-odds. Both keep the order of the
predictions; neither gives a probability that can be taken at its word. With α = 0.5 focal
loss at γ = 2 says 0.69 where the truth is 0.9.

Source: Charoenphakdee et al. 2021, "On Focal Loss for Class-Posterior Probability
Estimation: A Theoretical Perspective". https://arxiv.org/abs/2011.09172. Lin, Goyal,
Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection", section 4.1 (the
prior's bias). https://arxiv.org/abs/1708.02002

Question: [DL0047][dl0047]
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float

from dlref._checks.losses import check_truth
from dlref._checks.numbers import check_open_probability
from dlref.numpy._arguments import public

__all__ = ["focal_minimizer", "prior_bias", "weighted_cross_entropy_minimizer"]

_EXTREME = 1000.0  # σ(±1000) is 0 and 1 even in float64


@public
def weighted_cross_entropy_minimizer(
    eta: Float[np.ndarray, "*batch"], *, alpha: float
) -> Float[np.ndarray, "*batch"]:
    """Multiply the odds of the truth by α / (1 − α).

    A weight of w against 1 is α = w / (1 + w). Inverse class frequencies move the
    decision to the prior: at η = 0.1 a weight of 9 makes the model say one half.

    Args:
        eta: True probability η of the positive class.
        alpha: Weight α of a positive, strictly between 0 and 1; a negative weighs 1 − α.

    Returns:
        Predicted probability of least expected loss.

    Raises:
        TypeError: If eta is not floating point.
        ValueError: If eta is empty or leaves [0, 1], or alpha is not inside (0, 1).

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import weighted_cross_entropy_minimizer

        p = weighted_cross_entropy_minimizer(np.array([0.1, 0.5]), alpha=0.9)
        print(p.round(4))  # odds 1 : 9 and 1 : 1, times 9
        ```

        ```text {.output}
        [0.5 0.9]
        ```
    """
    check_truth(eta, alpha=alpha)

    positive, negative = alpha * eta, (1 - alpha) * (1 - eta)
    return np.asarray(positive / (positive + negative))


@public
def focal_minimizer(
    eta: Float[np.ndarray, "*batch"], *, gamma: float = 2.0, alpha: float | None = None
) -> Float[np.ndarray, "*batch"]:
    """Solve for the log-odds at which the pulls of both answers cancel, by bisection.

    Args:
        eta: True probability η of the positive class.
        gamma: Focusing exponent γ ≥ 0.
        alpha: Weight α of a positive, strictly between 0 and 1; a negative weighs 1 − α.
            None weighs both alike, as 0.5 does.

    Returns:
        Predicted probability of least expected loss.

    Raises:
        TypeError: If eta is not floating point.
        ValueError: If eta is empty or leaves [0, 1], gamma is negative or not finite, or
            alpha is not inside (0, 1).

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import focal_minimizer

        eta = np.array([0.5, 0.9, 0.99])
        for gamma in 0.0, 2.0:
            print(gamma, focal_minimizer(eta, gamma=gamma).round(4))
        ```

        ```text {.output}
        0.0 [0.5  0.9  0.99]
        2.0 [0.5    0.6942 0.8464]
        ```
    """
    check_truth(eta, alpha=alpha, gamma=gamma)

    alpha = 0.5 if alpha is None else alpha
    truth = eta.astype(np.float64)
    with np.errstate(divide="ignore"):  # certainty lies at ±∞
        balance = np.log(truth) - np.log1p(-truth) + _log_odds(alpha)
    low, high = np.full_like(truth, -_EXTREME), np.full_like(truth, _EXTREME)
    for _ in range(64):
        z = (low + high) / 2
        too_low = balance > _log_pull(-z, gamma) - _log_pull(z, gamma)
        low, high = np.where(too_low, z, low), np.where(too_low, high, z)
    return np.asarray(np.exp(-np.logaddexp(0, -low)).astype(eta.dtype))


@public
def prior_bias(prior: float) -> float:
    """Give the last layer the bias −log((1 − π) / π): an untrained model then predicts π.

    That is the constant logit of least cross-entropy where a share π is positive. With a
    bias of zero every one of many easy negatives starts with a loss of log 2.

    Args:
        prior: Prior probability π of the positive class, strictly between 0 and 1.

    Returns:
        Bias, in logits.

    Raises:
        ValueError: If prior is not inside (0, 1).

    Example:
        ```python
        from dlref.numpy.losses import prior_bias

        print(f"{prior_bias(0.01):.5f}")
        ```

        ```text {.output}
        -4.59512
        ```
    """
    check_open_probability("prior", prior)
    return _log_odds(prior)


def _log_odds(p: float) -> float:
    """Invert the sigmoid."""
    return math.log(p) - math.log1p(-p)


def _log_pull(z: Any, gamma: float) -> Any:
    """Take the logarithm of minus the slope of a positive's focal loss in its logit."""
    log_p, log_miss = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    with np.errstate(divide="ignore"):  # the pull of a sure answer underflows to 0
        log_slope = np.log(np.exp(log_miss) - gamma * np.exp(log_p) * log_p)
    return gamma * log_miss + log_slope
