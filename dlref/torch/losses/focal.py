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

$$
\frac{\partial \mathrm{FL}}{\partial m}
= \alpha_t (1 - p_t)^\gamma (\gamma p_t \log p_t + p_t - 1)
$$

With a sigmoid m is z for a positive and −z for a negative. With a softmax the same slope
is multiplied by a direction, where e_t is one at the true class, and q is the softmax
over the *other* classes. At γ = 0 this is the familiar p − e_t.

$$
\frac{\partial m}{\partial z} = e_t - q
$$

Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection",
eqs. 4 and 5. https://arxiv.org/abs/1708.02002

Question: [DL0046][dl0046]
"""

from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Integer
from torch import Tensor

from dlref._checks.losses import check_binary_examples, check_class_examples
from dlref.torch._arguments import public
from dlref.torch.losses.cross_entropy import _answered, _log_odds, _surprise

__all__ = ["binary_focal_loss", "focal_loss"]

# Below this 1 − p_t is 1 even in float64. At −∞ the power's slope would be 0 · ∞.
_HOPELESS = -80.0


@public
def focal_loss(
    logits: Float[Tensor, "*batch classes"],
    targets: Integer[Tensor, "*batch"],
    *,
    gamma: float = 2.0,
    class_weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, "*batch"]:
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
        import torch
        from dlref.torch.losses import focal_loss

        logits = torch.tensor([[0.7, 0.2, 0.1]]).log()  # softmax gives these back
        loss = focal_loss(logits, torch.tensor([0]))
        print(f"-0.3² log 0.7 = {loss[0]:.4f}")
        ```

        ```text {.output}
        -0.3² log 0.7 = 0.0321
        ```
    """
    check_class_examples(logits, targets, class_weights, gamma=gamma)

    loss = _focused(_log_odds(logits, targets), gamma)
    if class_weights is not None:
        loss = loss * class_weights[targets.long()]
    return loss.to(logits.dtype)


@public
def binary_focal_loss(
    logits: Float[Tensor, "*batch"],
    targets: Bool[Tensor, "*batch"] | Float[Tensor, "*batch"],
    *,
    gamma: float = 2.0,
    alpha: float | None = None,
) -> Float[Tensor, "*batch"]:
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
        import torch
        from dlref.torch.losses import binary_focal_loss

        logits = torch.tensor([9.0, 9.0]).log()  # odds of 9 to 1: p = 0.9
        loss = binary_focal_loss(logits, torch.tensor([True, False]))
        print(f"right {loss[0]:.4f}, wrong {loss[1]:.4f}")
        ```

        ```text {.output}
        right 0.0011, wrong 1.8651
        ```
    """
    check_binary_examples(logits, targets, alpha=alpha, gamma=gamma)

    loss = partial(_focused, gamma=gamma)
    return _answered(loss, logits, targets, alpha).to(logits.dtype)


def _focused(log_odds: Float[Tensor, "*batch"], gamma: float) -> Float[Tensor, "*batch"]:
    """Charge −(1 − p_t)^γ log p_t, from the log-odds of the true class."""
    loss = _surprise(log_odds)
    if gamma == 0:
        return loss  # 0 · log(1 − p_t) may be 0 · −∞
    log_odds = F.threshold(log_odds, _HOPELESS, _HOPELESS)
    return torch.exp(gamma * F.logsigmoid(-log_odds)) * loss
