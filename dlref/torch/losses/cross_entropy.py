r"""Cross-entropy: the surprise, in nats, at finding the true class.

$$
\mathrm{CE}(p_t) = -\alpha_t \log p_t
$$

p_t is the probability that the model gives to the true class. The t stands for *true*, it
is no class index: with a sigmoid, p_t is p for a positive and 1 − p for a negative, and
α_t is α or 1 − α in the same way. So α = 0.5 is half the plain loss, not the plain loss.

The logarithm is never taken of a probability. A probability that rounds to 0 would cost
∞, whereas the same loss written in logits grows like the logit itself.

Where the truth is not known for sure, it is a distribution q over the classes, and the
loss is what is expected under it:

$$
\mathrm{CE}(q, p) = -\sum_c q_c \log p_c
$$

Its least value is not 0 but the entropy of q, at p = q. Smoothed labels are such a q: the
true class has 1 − ε of it, and all classes share ε evenly.

PyTorch has both, as `torch.nn.functional.cross_entropy` and
`binary_cross_entropy_with_logits`, with `reduction="none"`. The second knows no α, only
`pos_weight`: α-balance is 1 − α times its loss with `pos_weight` α / (1 − α).

Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection",
section 3.1. https://arxiv.org/abs/1708.02002. Szegedy, Vanhoucke, Ioffe, Shlens and Wojna
2016, "Rethinking the Inception Architecture for Computer Vision", section 7 (smoothed
labels). https://arxiv.org/abs/1512.00567

Question: [DL0046][dl0046]

Question: [DL0067][dl0067]
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Integer
from torch import Tensor

from dlref._checks.losses import (
    check_binary_examples,
    check_class_examples,
    check_distributions,
)
from dlref._checks.numbers import check_below_one
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["binary_cross_entropy", "cross_entropy", "soft_cross_entropy"]


@public
def cross_entropy(
    logits: Float[Tensor, "*batch classes"],
    targets: Integer[Tensor, "*batch"],
    *,
    class_weights: Float[Tensor, " classes"] | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
) -> Float[Tensor, "*batch"]:
    """Charge −log p_t for the softmax's probability of the true class.

    Take p_t from the unweighted loss: exp of a weighted one is p_t to the power of the
    weight, which is no probability of anything.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        targets: Index of the true class, from 0.
        class_weights: Weight w ≥ 0 of each class. None weighs all by one.
        label_smoothing: Share ε of the target, 0 ≤ ε < 1, that all classes have in equal
            parts, each with the weight of its class. A class whose logit is −∞ then makes
            the loss ∞.
        ignore_index: Target of examples that do not count: it need be no class. Their
            loss and its gradient are 0, even if their logits are NaN. None counts all.

    Returns:
        Loss in nats, one per example, not reduced. A mean must be taken over the examples
        that count, and over no others. PyTorch's "mean" divides by the sum of their
        targets' weights, not by their number.

    Raises:
        TypeError: If logits or class_weights are not floating point, targets not
            integers, or ignore_index no integer.
        ValueError: If shapes do not fit, a target is neither a class nor ignored, a
            weight is negative, or label_smoothing is not in [0, 1).

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
    check_below_one(label_smoothing=label_smoothing)
    check_class_examples(logits, targets, class_weights, ignore_index=ignore_index)

    targets = targets.long()  # in uint8, −100 would be 156
    if ignore_index is not None:
        is_ignored = targets == ignore_index
        targets = targets.masked_fill(is_ignored, 0)
        logits = logits.masked_fill(is_ignored[..., None], 0)  # 0 · NaN would be NaN
    loss = _surprise(_log_odds(logits, targets))
    if class_weights is not None:
        loss = loss * class_weights[targets]
    if label_smoothing > 0:
        even = _mean(logits, class_weights)
        loss = (1 - label_smoothing) * loss + label_smoothing * even
    if ignore_index is not None:
        loss = loss.masked_fill(is_ignored, 0)
    return loss.to(logits.dtype)


@public
def soft_cross_entropy(
    logits: Float[Tensor, "*batch classes"],
    probabilities: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch"]:
    """Charge −Σ q_c log p_c, the loss that is expected if the true class is drawn from q.

    With all of q on one class it is `cross_entropy`. The gradient in the logits is p − q.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        probabilities: Probability q_c of each class to be the true one. One that is 0
            costs nothing, even if the logit is −∞.

    Returns:
        Loss in nats, one per example, not reduced: the entropy of q, and on top of it
        the divergence KL(q ‖ p), which is `kl_divergence`.

    Raises:
        TypeError: If logits or probabilities are not floating point.
        ValueError: If shapes differ, a probability is negative, or those of an example do
            not sum to 1, give or take 4 units of their dtype per class, at most 1/8.

    Example:
        ```python
        import torch
        from dlref.torch.losses import soft_cross_entropy

        q = torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
        logits = torch.tensor([[0.0, 0, -torch.inf, -torch.inf], [0, 0, 0, 0]])
        loss = soft_cross_entropy(logits, q)
        print(f"log 2 = {loss[0]:.4f}, log 4 = {loss[1]:.4f}")
        ```

        ```text {.output}
        log 2 = 0.6931, log 4 = 1.3863
        ```
    """
    check_distributions(logits, probabilities)

    return _expected(logits, probabilities).to(logits.dtype)


@public
def binary_cross_entropy(
    logits: Float[Tensor, "*batch"],
    targets: Bool[Tensor, "*batch"] | Float[Tensor, "*batch"],
    *,
    alpha: float | None = None,
) -> Float[Tensor, "*batch"]:
    """Charge −log p_t for the sigmoid's probability of the true answer.

    Args:
        logits: Scores before the sigmoid.
        targets: True for the positive class; or its probability y, which charges y times
            the loss of a positive and 1 − y times that of a negative.
        alpha: Weight α of a positive, from 0 to 1; a negative weighs 1 − α. None weighs
            both by one.

    Returns:
        Loss in nats, one per example, not reduced.

    Raises:
        TypeError: If logits are not floating point, or targets neither boolean nor
            floating point.
        ValueError: If shapes differ, or a probability or alpha is not in [0, 1].

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

    return _answered(_surprise, logits, targets, alpha).to(logits.dtype)


def _surprise(log_odds: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Charge −log p_t, from the log-odds of the true class."""
    return -F.logsigmoid(log_odds)


def _expected(
    logits: Float[Tensor, "*batch classes"], shares: Float[Tensor, "*#batch classes"]
) -> Float[Tensor, "*batch"]:
    """Charge each class by its share: what the favorite costs, and the gap to it.

    No term is below 0, so that none cancels another.
    """
    wide = widened(logits)  # once: the gradients of both terms cancel, in 32 bits
    favorite = wide.argmax(dim=-1)
    least = _surprise(_log_odds(wide, favorite))[..., None]
    gap = wide.gather(-1, favorite[..., None]) - wide
    return _charged(shares, least + gap).sum(dim=-1)


def _mean(
    logits: Float[Tensor, "*batch classes"],
    class_weights: Float[Tensor, " classes"] | None,
) -> Float[Tensor, "*batch"]:
    """Charge all classes, each by its weight, and divide by their number."""
    classes = logits.shape[-1]
    weights = logits.new_ones(classes) if class_weights is None else class_weights
    return _expected(logits, weights) / classes


def _answered(
    loss: Callable[[Tensor], Tensor],
    logits: Float[Tensor, "*batch"],
    targets: Bool[Tensor, "*batch"] | Float[Tensor, "*batch"],
    alpha: float | None,
) -> Float[Tensor, "*batch"]:
    """Charge the true answer, or both by their shares, with the weight of each."""
    if targets.dtype == torch.bool:
        charged = loss(_margin(logits, targets))
        return _alpha_t(charged, targets, alpha) * charged
    wide, y = widened(logits), widened(targets)
    positive, negative = (1, 1) if alpha is None else (alpha, 1 - alpha)
    yes = _charged(positive * y, loss(wide))
    return yes + _charged(negative * (1 - y), loss(-wide))


def _charged(
    share: Float[Tensor, "*#axes"], loss: Float[Tensor, "*axes"]
) -> Float[Tensor, "*axes"]:
    """Multiply, where 0 · ∞ is 0: what never happens costs nothing."""
    is_free = (share == 0) & loss.isinf()
    return share * loss.masked_fill(is_free, 0)


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
