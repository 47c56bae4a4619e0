r"""Cross-entropy: the surprise, in nats, at finding the true class.

<!-- formula
p_t, alpha, y = real(0.1, 0.9), real(0, 1), boolean()
alpha_t, s = (alpha, 1) if y else (1 - alpha, -1)
CE = lambda p_t: dlref.numpy.losses.binary_cross_entropy(
    np.array(s * np.log(p_t / (1 - p_t))), np.array(y), alpha=alpha
)
-->

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

<!-- formula
z, q = normal(5), softmax(normal(5))
p, c = softmax(z), range(1, 6)
CE = lambda q, p: dlref.numpy.losses.soft_cross_entropy(np.log(p), q)
-->

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

import numpy as np
from jaxtyping import Bool, Float, Integer

from dlref._checks.losses import (
    check_binary_examples,
    check_class_examples,
    check_distributions,
)
from dlref._checks.numbers import check_below_one
from dlref.numpy._arguments import public
from dlref.numpy._precision import log_sum_exp, softmax, total, widened

__all__ = [
    "binary_cross_entropy",
    "cross_entropy",
    "cross_entropy_gradient",
    "soft_cross_entropy",
]


@public
def cross_entropy(
    logits: Float[np.ndarray, "*batch classes"],
    targets: Integer[np.ndarray, "*batch"],
    *,
    class_weights: Float[np.ndarray, " classes"] | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int | None = None,
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.losses import cross_entropy

        logits = np.log([[0.7, 0.2, 0.1]])  # softmax gives these probabilities back
        loss = cross_entropy(logits, np.array([0]))
        print(f"-log 0.7 = {loss[0]:.4f}")
        ```

        ```text {.output}
        -log 0.7 = 0.3567
        ```
    """
    check_below_one(label_smoothing=label_smoothing)
    check_class_examples(logits, targets, class_weights, ignore_index=ignore_index)

    if ignore_index is not None:
        is_ignored = targets == ignore_index
        targets = np.where(is_ignored, 0, targets)
        logits = np.where(is_ignored[..., None], 0, logits)  # 0 · NaN would be NaN
    loss = _surprise(_log_odds(logits, targets))
    if class_weights is not None:
        loss = loss * class_weights[targets]
    if label_smoothing > 0:
        even = _mean(logits, class_weights)
        loss = (1 - label_smoothing) * loss + label_smoothing * even
    if ignore_index is not None:
        loss = np.where(is_ignored, 0, loss)
    return np.asarray(loss, logits.dtype)  # of one example, NumPy makes a scalar


@public
def cross_entropy_gradient(
    logits: Float[np.ndarray, "*batch classes"],
    targets: Integer[np.ndarray, "*batch"],
    *,
    label_smoothing: float = 0.0,
) -> Float[np.ndarray, "*batch classes"]:
    """Differentiate each example's `cross_entropy` in its own logits; each row sums to 0.

    That is p − q, the probabilities minus the target: one-hot, or smoothed. The true
    class gets minus what the others have, which keeps its digits where p_t rounds to 1.

    Args:
        logits: Scores before the softmax, at least 2 classes.
        targets: Index of the true class, from 0.
        label_smoothing: Share ε of the target, 0 ≤ ε < 1, that all classes have in equal
            parts.

    Returns:
        Gradient in nats per unit of logit, of the shape of logits. For a mean over B
        examples, divide by B.

    Raises:
        TypeError: If logits are not floating point, or targets not integers.
        ValueError: If shapes do not fit, a target is no class, or label_smoothing is not
            in [0, 1).

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import cross_entropy_gradient

        logits = np.log([[0.7, 0.2, 0.1]])  # softmax gives these probabilities back
        print(cross_entropy_gradient(logits, np.array([0])).round(4))
        ```

        ```text {.output}
        [[-0.3  0.2  0.1]]
        ```
    """
    check_below_one(label_smoothing=label_smoothing)
    check_class_examples(logits, targets, None)

    gradient, true_class = softmax(widened(logits)), targets[..., None]
    gradient -= label_smoothing / logits.shape[-1]
    np.put_along_axis(gradient, true_class, 0, axis=-1)
    np.put_along_axis(gradient, true_class, -total(gradient), axis=-1)
    return gradient.astype(logits.dtype)


@public
def soft_cross_entropy(
    logits: Float[np.ndarray, "*batch classes"],
    probabilities: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.losses import soft_cross_entropy

        q = np.array([[0.5, 0.5, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4]])
        logits = np.array([[0.0, 0, -np.inf, -np.inf], [0, 0, 0, 0]])
        loss = soft_cross_entropy(logits, q)
        print(f"log 2 = {loss[0]:.4f}, log 4 = {loss[1]:.4f}")
        ```

        ```text {.output}
        log 2 = 0.6931, log 4 = 1.3863
        ```
    """
    check_distributions(logits, probabilities)

    return np.asarray(_expected(logits, probabilities), logits.dtype)


@public
def binary_cross_entropy(
    logits: Float[np.ndarray, "*batch"],
    targets: Bool[np.ndarray, "*batch"] | Float[np.ndarray, "*batch"],
    *,
    alpha: float | None = None,
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.losses import binary_cross_entropy

        logits = np.log([9.0, 9.0])  # odds of 9 to 1: p = 0.9
        loss = binary_cross_entropy(logits, np.array([True, False]))
        print(f"right {loss[0]:.4f}, wrong {loss[1]:.4f}")
        ```

        ```text {.output}
        right 0.1054, wrong 2.3026
        ```
    """
    check_binary_examples(logits, targets, alpha=alpha)

    loss = _answered(_surprise, logits, targets, alpha)
    return np.asarray(loss, logits.dtype)  # of one example, NumPy makes a scalar


def _surprise(log_odds: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Charge −log p_t, from the log-odds of the true class."""
    return np.asarray(np.logaddexp(0, -log_odds))


def _expected(
    logits: Float[np.ndarray, "*batch classes"],
    shares: Float[np.ndarray, "*#batch classes"],
) -> Float[np.ndarray, "*batch"]:
    """Charge each class by its share: what the favorite costs, and the gap to it.

    No term is below 0, so that none cancels another.
    """
    wide = widened(logits)
    favorite = np.asarray(wide.argmax(axis=-1))
    least = _surprise(_log_odds(wide, favorite))[..., None]
    gap = np.take_along_axis(wide, favorite[..., None], axis=-1) - wide
    return np.asarray(total(_charged(shares, least + gap))[..., 0])


def _mean(
    logits: Float[np.ndarray, "*batch classes"],
    class_weights: Float[np.ndarray, " classes"] | None,
) -> Float[np.ndarray, "*batch"]:
    """Charge all classes, each by its weight, and divide by their number."""
    classes = logits.shape[-1]
    weights = np.ones(classes, logits.dtype) if class_weights is None else class_weights
    return np.asarray(_expected(logits, weights) / classes)


def _answered(
    loss: Callable[[np.ndarray], np.ndarray],
    logits: Float[np.ndarray, "*batch"],
    targets: Bool[np.ndarray, "*batch"] | Float[np.ndarray, "*batch"],
    alpha: float | None,
) -> Float[np.ndarray, "*batch"]:
    """Charge the true answer, or both by their shares, with the weight of each."""
    if targets.dtype == bool:
        return np.asarray(loss(_margin(logits, targets)) * _alpha_t(targets, alpha))
    wide, (yes, no) = widened(logits), _shares(targets, alpha)
    minus = np.asarray(-wide)  # of one example, NumPy makes a scalar
    return np.asarray(_charged(yes, loss(wide)) + _charged(no, loss(minus)))


def _shares(
    targets: Float[np.ndarray, "*batch"], alpha: float | None
) -> tuple[Float[np.ndarray, "*batch"], Float[np.ndarray, "*batch"]]:
    """Weigh how far the answer is yes, and how far it is no."""
    y, (yes, no) = widened(targets), (1, 1) if alpha is None else (alpha, 1 - alpha)
    return np.asarray(yes * y), np.asarray(no * (1 - y))


def _charged(
    share: Float[np.ndarray, "*#axes"], loss: Float[np.ndarray, "*axes"]
) -> Float[np.ndarray, "*axes"]:
    """Multiply, where 0 · ∞ is 0: what never happens costs nothing."""
    is_free = (share == 0) & np.isinf(loss)
    return np.asarray(share * np.where(is_free, 0, loss))


def _margin(
    logits: Float[np.ndarray, "*batch"], targets: Bool[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch"]:
    """Turn the logit towards the true class, z or −z, so that p_t = σ(margin)."""
    wide = widened(logits)
    return np.where(targets, wide, -wide)


def _alpha_t(
    targets: Bool[np.ndarray, "*batch"], alpha: float | None
) -> Float[np.ndarray, "*batch"] | float:
    """Weigh a positive by α and a negative by 1 − α."""
    return 1.0 if alpha is None else np.where(targets, alpha, 1.0 - alpha)


def _log_odds(
    logits: Float[np.ndarray, "*batch classes"], targets: Integer[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch"]:
    """Weigh the true class against the rest, so that p_t = σ(log-odds)."""
    true, others = _parted(logits, targets)
    return np.asarray((true - log_sum_exp(others))[..., 0])


def _parted(
    logits: Float[np.ndarray, "*batch classes"], targets: Integer[np.ndarray, "*batch"]
) -> tuple[Float[np.ndarray, "*batch 1"], Float[np.ndarray, "*batch classes"]]:
    """Take the true class's logit away from the others, which have −∞ in its place."""
    wide, true_class = widened(logits), targets[..., None]
    others = wide - wide.max(axis=-1, keepdims=True)  # or 1e4 + 1 loses its 1
    true = np.take_along_axis(others, true_class, axis=-1)
    np.put_along_axis(others, true_class, -np.inf, axis=-1)
    return true, others
