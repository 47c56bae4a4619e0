r"""Focal loss: cross-entropy that stops paying for examples it already gets right.

$$
\mathrm{FL}(p_t) = -\alpha_t (1 - p_t)^\gamma \log p_t
$$

γ = 0 is cross-entropy. At γ = 2 an example with p_t = 0.9 costs a hundredth of it. The
loss never exceeds cross-entropy, yet its *gradient* does for hard examples: at γ = 2
wherever p_t < 0.2976, by up to 1.2246 times, at p_t = 0.104.

The power is exp(γ log(1 − p_t)), never `(1 - p_t) ** gamma`: where p_t rounds to 1 and
γ < 1, the slope of the power at 0 is infinite, and autograd answers NaN.

For the gradient, let m be the log-odds of the true class, p_t = σ(m). Then

<!-- formula
z, t, gamma, w = normal(5), integer(0, 4), real(0.5, 4), real(0.5, 9, 5)
alpha_t = w[t]
p_t = np.exp(-dlref.numpy.losses.cross_entropy(z, np.array(t)))
dFL_dm = dlref.numpy.losses.focal_loss_gradient(
    z, np.array(t), gamma=gamma, class_weights=w
)[t]
-->

$$
\frac{\partial \mathrm{FL}}{\partial m}
= \alpha_t (1 - p_t)^\gamma (\gamma p_t \log p_t + p_t - 1)
$$

With a sigmoid m is z for a positive and −z for a negative. With a softmax the same slope
is multiplied by a direction, where e_t is one at the true class, and q is the softmax
over the *other* classes. At γ = 0 this is the familiar p − e_t.

<!-- formula
z, t, gamma = normal(5), integer(0, 4), real(0.5, 4)
e_t, p_t = np.eye(5)[t], softmax(z)[t]
q = softmax(np.where(e_t, -np.inf, z))
m = np.array(np.log(p_t / (1 - p_t)))
dFL_dz = dlref.numpy.losses.focal_loss_gradient(z, np.array(t), gamma=gamma)
dm_dz = dFL_dz / dlref.numpy.losses.binary_focal_loss_gradient(
    m, np.array(True), gamma=gamma
)
-->

$$
\frac{\partial m}{\partial z} = e_t - q
$$

Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection",
eqs. 4 and 5. https://arxiv.org/abs/1708.02002

Question: [DL0046][dl0046]
"""

from functools import partial

import numpy as np
from jaxtyping import Bool, Float, Integer

from dlref._checks.losses import check_binary_examples, check_class_examples
from dlref.numpy._arguments import public
from dlref.numpy._precision import log_sum_exp, widened
from dlref.numpy.losses.cross_entropy import (
    _alpha_t,
    _answered,
    _log_odds,
    _margin,
    _parted,
    _shares,
    _surprise,
)

__all__ = [
    "binary_focal_loss",
    "binary_focal_loss_gradient",
    "focal_loss",
    "focal_loss_gradient",
]


@public
def focal_loss(
    logits: Float[np.ndarray, "*batch classes"],
    targets: Integer[np.ndarray, "*batch"],
    *,
    gamma: float = 2.0,
    class_weights: Float[np.ndarray, " classes"] | None = None,
) -> Float[np.ndarray, "*batch"]:
    """Multiply the softmax's cross-entropy by (1 − p_t)^γ.

    1 − p_t is summed from the other classes: subtracting p_t from 1 would round it to 0.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        targets: Index of the true class, from 0.
        gamma: Focusing exponent γ ≥ 0.
        class_weights: Weight w ≥ 0 of each class. None weighs all by one.

    Returns:
        Loss in nats, one per example, not reduced.

    Raises:
        TypeError: If logits or class_weights are not floating point, or targets not
            integers.
        ValueError: If gamma is negative or not finite, a weight negative, shapes do not
            fit, or a target is no class.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import focal_loss

        logits = np.log([[0.7, 0.2, 0.1]])  # softmax gives these probabilities back
        loss = focal_loss(logits, np.array([0]))
        print(f"-0.3² log 0.7 = {loss[0]:.4f}")
        ```

        ```text {.output}
        -0.3² log 0.7 = 0.0321
        ```
    """
    check_class_examples(logits, targets, class_weights, gamma=gamma)

    loss = _focused(_log_odds(logits, targets), gamma)
    if class_weights is not None:
        loss = loss * class_weights[targets]
    return np.asarray(loss, logits.dtype)


@public
def binary_focal_loss(
    logits: Float[np.ndarray, "*batch"],
    targets: Bool[np.ndarray, "*batch"] | Float[np.ndarray, "*batch"],
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
) -> Float[np.ndarray, "*batch"]:
    """Multiply the sigmoid's cross-entropy by (1 − p_t)^γ.

    The paper's α = 0.25 weighs the rare positives *down*: γ has already silenced the
    easy negatives.

    Of a probability y, torchvision makes one p_t = y p + (1 − y)(1 − p), and takes that
    to the power: the same where y is 0 or 1, another loss between them.

    Args:
        logits: Scores before the sigmoid.
        targets: True for the positive class; or its probability y, which charges y times
            the loss of a positive and 1 − y times that of a negative.
        gamma: Focusing exponent γ ≥ 0.
        alpha: Weight α of a positive, from 0 to 1; a negative weighs 1 − α. None weighs
            both by one.

    Returns:
        Loss in nats, one per example, not reduced: detectors divide the sum by the
        number of positives.

    Raises:
        TypeError: If logits are not floating point, or targets neither boolean nor
            floating point.
        ValueError: If gamma is negative or not finite, shapes differ, or a probability
            or alpha is not in [0, 1].

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import binary_focal_loss

        logits = np.log([9.0, 9.0])  # odds of 9 to 1: p = 0.9
        loss = binary_focal_loss(logits, np.array([True, False]))
        print(f"right {loss[0]:.4f}, wrong {loss[1]:.4f}")
        ```

        ```text {.output}
        right 0.0011, wrong 1.8651
        ```
    """
    check_binary_examples(logits, targets, alpha=alpha, gamma=gamma)

    loss = partial(_focused, gamma=gamma)
    return np.asarray(_answered(loss, logits, targets, alpha), logits.dtype)


@public
def focal_loss_gradient(
    logits: Float[np.ndarray, "*batch classes"],
    targets: Integer[np.ndarray, "*batch"],
    *,
    gamma: float = 2.0,
    class_weights: Float[np.ndarray, " classes"] | None = None,
) -> Float[np.ndarray, "*batch classes"]:
    """Differentiate each example's `focal_loss` in its own logits; each row sums to 0.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        targets: Index of the true class, from 0.
        gamma: Focusing exponent γ ≥ 0.
        class_weights: Weight w ≥ 0 of each class. None weighs all by one.

    Returns:
        Gradient in nats per unit of logit, of the shape of logits.

    Raises:
        TypeError: As `focal_loss`.
        ValueError: As `focal_loss`.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import focal_loss_gradient

        logits = np.log([[0.7, 0.2, 0.1]])  # q = (0, 2/3, 1/3)
        gradient = focal_loss_gradient(logits, np.array([0]))
        print(" ".join(f"{entry:.4f}" for entry in gradient[0]))
        ```

        ```text {.output}
        -0.0719 0.0480 0.0240
        ```
    """
    check_class_examples(logits, targets, class_weights, gamma=gamma)

    true_class = targets[..., None]
    is_true = true_class == np.arange(logits.shape[-1])
    true, others = _parted(logits, targets)
    rest = log_sum_exp(others)
    q = np.exp(others - np.where(np.isneginf(rest), 0, rest))  # 0 where none is allowed
    gradient = _slope(true - rest, gamma) * (is_true - q)
    if class_weights is not None:
        gradient = gradient * class_weights[true_class]
    return np.asarray(gradient, logits.dtype)


@public
def binary_focal_loss_gradient(
    logits: Float[np.ndarray, "*batch"],
    targets: Bool[np.ndarray, "*batch"] | Float[np.ndarray, "*batch"],
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
) -> Float[np.ndarray, "*batch"]:
    """Differentiate each example's `binary_focal_loss` in its own logit.

    Args:
        logits: Scores before the sigmoid.
        targets: True for the positive class; or its probability y, which charges y times
            the loss of a positive and 1 − y times that of a negative.
        gamma: Focusing exponent γ ≥ 0.
        alpha: Weight α of a positive, from 0 to 1; a negative weighs 1 − α. None weighs
            both by one.

    Returns:
        Gradient in nats per unit of logit: negative for a positive.

    Raises:
        TypeError: As `binary_focal_loss`.
        ValueError: As `binary_focal_loss`.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import binary_focal_loss_gradient

        logits = np.log([9.0, 9.0])  # p = 0.9: cross-entropy would give −0.1 and 0.9
        gradient = binary_focal_loss_gradient(logits, np.array([True, False]))
        print(f"right {gradient[0]:.4f}, wrong {gradient[1]:.4f}")
        ```

        ```text {.output}
        right -0.0029, wrong 1.1020
        ```
    """
    check_binary_examples(logits, targets, alpha=alpha, gamma=gamma)

    if targets.dtype == bool:
        slope = _slope(_margin(logits, targets), gamma)
        gradient = np.where(targets, slope, -slope) * _alpha_t(targets, alpha)
    else:
        wide, (yes, no) = widened(logits), _shares(targets, alpha)
        minus = np.asarray(-wide)
        gradient = yes * _slope(wide, gamma) - no * _slope(minus, gamma)
    return np.asarray(gradient, logits.dtype)


def _focused(
    log_odds: Float[np.ndarray, "*batch"], gamma: float
) -> Float[np.ndarray, "*batch"]:
    """Charge −(1 − p_t)^γ log p_t, from the log-odds of the true class."""
    return np.asarray(_modulator(log_odds, gamma) * _surprise(log_odds))


def _slope(
    log_odds: Float[np.ndarray, "*batch"], gamma: float
) -> Float[np.ndarray, "*batch"]:
    """Differentiate the unweighted loss in the log-odds of the true class."""
    log_p_t, log_miss = -np.logaddexp(0, -log_odds), -np.logaddexp(0, log_odds)
    surprise = np.exp(log_p_t) * np.where(np.isneginf(log_p_t), 0, log_p_t)  # 0 · −∞
    slope = _modulator(log_odds, gamma) * (gamma * surprise - np.exp(log_miss))
    return np.asarray(slope)


def _modulator(
    log_odds: Float[np.ndarray, "*batch"], gamma: float
) -> Float[np.ndarray, "*batch"] | float:
    """Raise 1 − p_t to γ, from the log-odds of the true class."""
    if gamma == 0:
        return 1.0  # 0 · −∞ would be NaN
    return np.asarray(np.exp(-gamma * np.logaddexp(0, log_odds)))
