r"""Cross-entropy: the surprise, in nats, at finding the true class.

$$
\mathrm{CE}(p_t) = -\alpha_t \log p_t
$$

p_t is the probability that the model gives to the true class. The t stands for *true*, it
is no class index: with a sigmoid, p_t is p for a positive and 1 − p for a negative, and
α_t is α or 1 − α in the same way. So α = 0.5 is half the plain loss, not the plain loss.

The logarithm is never taken of a probability. A probability that rounds to 0 would cost
∞, whereas the same loss written in logits grows like the logit itself.

PyTorch has both, as `torch.nn.functional.cross_entropy` and
`binary_cross_entropy_with_logits`, with `reduction="none"`. The second knows no α, only
`pos_weight`: α-balance is 1 − α times its loss with `pos_weight` α / (1 − α).

Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection",
section 3.1. https://arxiv.org/abs/1708.02002

Question: [DL0046][dl0046]
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Integer
from torch import Tensor

from dlref._checks.losses import check_binary_examples, check_class_examples
from dlref.torch._precision import widened

__all__ = ["binary_cross_entropy", "cross_entropy"]


def cross_entropy(
    logits: Float[Tensor, "*batch classes"],
    targets: Integer[Tensor, "*batch"],
    *,
    class_weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, "*batch"]:
    """Charge −log p_t for the softmax's probability of the true class.

    Take p_t from the unweighted loss: exp of a weighted one is p_t to the power of the
    weight, which is no probability of anything.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        targets: Index of the true class, from 0.
        class_weights: Weight w ≥ 0 of each class. None weighs all by one.

    Returns:
        Loss in nats, one per example, not reduced. PyTorch's "mean" divides by the sum of
        the weights, not by the number of examples.

    Raises:
        TypeError: If logits or class_weights are not floating point, or targets not
            integers.
        ValueError: If shapes do not fit, a target is no class, or a weight is negative.

    Example:
        ```python
        import torch
        from dlref.torch.losses import cross_entropy

        logits = torch.tensor([[0.7, 0.2, 0.1]]).log()  # softmax gives these back
        loss = cross_entropy(logits, torch.tensor([0]))
        print(f"-log 0.7 = {loss[0]:.4f}")
        ```

        ```text {.output}
        -log 0.7 = 0.3567
        ```
    """
    check_class_examples(logits, targets, class_weights=class_weights)

    loss = -F.logsigmoid(_log_odds(logits, targets))  # −log p_t
    if class_weights is not None:
        loss = loss * class_weights[targets.long()]
    return loss.to(logits.dtype)


def binary_cross_entropy(
    logits: Float[Tensor, "*batch"],
    targets: Bool[Tensor, "*batch"],
    *,
    alpha: float | None = None,
) -> Float[Tensor, "*batch"]:
    """Charge −log p_t for the sigmoid's probability of the true answer.

    Args:
        logits: Scores before the sigmoid.
        targets: True for the positive class.
        alpha: Weight α of a positive, from 0 to 1; a negative weighs 1 − α. None weighs
            both by one.

    Returns:
        Loss in nats, one per example, not reduced.

    Raises:
        TypeError: If logits are not floating point, or targets not boolean.
        ValueError: If shapes differ, logits are empty, or alpha is not in [0, 1].

    Example:
        ```python
        import torch
        from dlref.torch.losses import binary_cross_entropy

        logits = torch.tensor([9.0, 9.0]).log()  # odds of 9 to 1: p = 0.9
        loss = binary_cross_entropy(logits, torch.tensor([True, False]))
        print(f"right {loss[0]:.4f}, wrong {loss[1]:.4f}")
        ```

        ```text {.output}
        right 0.1054, wrong 2.3026
        ```
    """
    check_binary_examples(logits, targets, alpha=alpha)

    loss = -F.logsigmoid(_margin(logits, targets))  # −log p_t
    return (_alpha_t(loss, targets, alpha) * loss).to(logits.dtype)


def _margin(
    logits: Float[Tensor, "*batch"], targets: Bool[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """Turn the logit towards the true class, z or −z, so that p_t = σ(margin)."""
    wide = widened(logits)
    sign = torch.where(targets, wide.new_tensor(1.0), -1.0)
    return sign * wide  # autograd would pay more for a choice of z or −z


def _alpha_t(
    loss: Float[Tensor, "*batch"], targets: Bool[Tensor, "*batch"], alpha: float | None
) -> Float[Tensor, "*batch"] | float:
    """Weigh a positive by α and a negative by 1 − α, in the type of the loss."""
    if alpha is None:
        return 1.0
    return torch.where(targets, loss.new_tensor(alpha), 1 - alpha)


def _log_odds(
    logits: Float[Tensor, "*batch classes"], targets: Integer[Tensor, "*batch"]
) -> Float[Tensor, "*batch"]:
    """Weigh the true class against the rest, so that p_t = σ(log-odds)."""
    true_class = targets[..., None].long()  # uint8 would index as a mask
    wide = widened(logits)
    shifted = wide - wide.detach().amax(dim=-1, keepdim=True)  # or 1e4 + 1 loses its 1
    true = shifted.gather(-1, true_class)[..., 0]
    others = shifted.scatter(-1, true_class, -torch.inf)
    is_alone = others.detach().amax(dim=-1).isneginf()  # no other class is allowed
    rest = others.masked_fill(is_alone[..., None], 0).logsumexp(dim=-1)
    return (true - rest).masked_fill(is_alone, torch.inf)
