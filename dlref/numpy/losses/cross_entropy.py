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

PyTorch has both, as `torch.nn.functional.cross_entropy` and
`binary_cross_entropy_with_logits`, with `reduction="none"`. The second knows no α, only
`pos_weight`: α-balance is 1 − α times its loss with `pos_weight` α / (1 − α).

Source: Lin, Goyal, Girshick, He and Dollár 2017, "Focal Loss for Dense Object Detection",
section 3.1. https://arxiv.org/abs/1708.02002

Question: [DL0046][dl0046]
"""

import numpy as np
from jaxtyping import Bool, Float, Integer

from dlref._checks.losses import check_binary_examples, check_class_examples
from dlref.numpy._arguments import public
from dlref.numpy._precision import log_sum_exp, widened

__all__ = ["binary_cross_entropy", "cross_entropy"]


@public
def cross_entropy(
    logits: Float[np.ndarray, "*batch classes"],
    targets: Integer[np.ndarray, "*batch"],
    *,
    class_weights: Float[np.ndarray, " classes"] | None = None,
) -> Float[np.ndarray, "*batch"]:
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
    check_class_examples(logits, targets, class_weights=class_weights)

    loss = np.logaddexp(0, -_log_odds(logits, targets))  # −log p_t
    if class_weights is not None:
        loss = loss * class_weights[targets]
    return np.asarray(loss, logits.dtype)  # of one example, NumPy makes a scalar


@public
def binary_cross_entropy(
    logits: Float[np.ndarray, "*batch"],
    targets: Bool[np.ndarray, "*batch"],
    *,
    alpha: float | None = None,
) -> Float[np.ndarray, "*batch"]:
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

    loss = np.logaddexp(0, -_margin(logits, targets))  # −log p_t
    if alpha is not None:
        loss = loss * np.where(targets, alpha, 1 - alpha)
    return np.asarray(loss, logits.dtype)  # of one example, NumPy makes a scalar


def _margin(
    logits: Float[np.ndarray, "*batch"], targets: Bool[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch"]:
    """Turn the logit towards the true class, z or −z, so that p_t = σ(margin)."""
    wide = widened(logits)
    return np.where(targets, wide, -wide)


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
