r"""Losses on preferences: the better answer of a pair must win.

A reward model gives each answer a number r. By Bradley and Terry, the chosen answer beats
the rejected one with the probability σ(r_w − r_l), of which the loss is minus the log:

<!-- formula
r_w, r_l = normal(), normal()
sigma = lambda x: float(dlref.numpy.activations.sigmoid(np.array(x)))
ell = float(dlref.numpy.losses.bradley_terry_loss(np.array(r_w), np.array(r_l)))
-->

$$
\ell = -\log \sigma(r_w - r_l)
$$

The best policy for a reward, at a price of β for its KL divergence from a reference, is
the reference, tilted by the reward. Its value is known, too, and no other's is larger:

<!-- formula
ref, rewards, beta, y = softmax(normal(5)), normal(5), real(0.3, 3), range(5)
best, J_star = dlref.numpy.losses.regularized_optimum(ref, rewards, beta=beta)
pi_star, pi_ref, r = (lambda y: best[y]), (lambda y: ref[y]), (lambda y: rewards[y])
Z = (ref * np.exp(rewards / beta)).sum()
-->

$$
\begin{aligned}
\pi^*(y) &= \frac{1}{Z} \, \pi_{\text{ref}}(y) \, e^{r(y) / \beta} \\
J^* &= \beta \log Z
\end{aligned}
$$

Solved for r, that is β log(π* / π_ref) + β log Z. The last term is the same for both
answers of a pair, and cancels: a policy is its own reward model. That makes DPO's loss:

<!-- formula
p, ref, beta, y_w, y_l = softmax(normal(5)), softmax(normal(5)), real(0.3, 3), 1, 3
pi, pi_ref = (lambda y: p[y]), (lambda y: ref[y])
sigma = lambda x: float(dlref.numpy.activations.sigmoid(np.array(x)))
logs = [np.array(np.log(x[y])) for x in (p, ref) for y in (y_w, y_l)]
ell = float(dlref.numpy.losses.dpo_loss(*logs, beta=beta))
-->

$$
\ell = -\log \sigma\left(\beta \log \frac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}
- \beta \log \frac{\pi(y_l)}{\pi_{\text{ref}}(y_l)}\right)
$$

It raises the margin of the two answers. The chosen one may lose probability all the same.

Source: Rafailov et al. 2023, "Direct Preference Optimization: Your Language Model is
Secretly a Reward Model", equations 3 to 7.
https://arxiv.org/abs/2305.18290

Question: [DL0076][dl0076]
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from dlref._checks.preferences import (
    check_answers,
    check_preferred,
    check_regularized,
)
from dlref.numpy._arguments import public
from dlref.numpy._precision import total, widened

__all__ = [
    "RegularizedOptimum",
    "bradley_terry_loss",
    "dpo_loss",
    "regularized_optimum",
]


class RegularizedOptimum(NamedTuple):
    """The best policy at a price for leaving the reference, and what it is worth.

    Attributes:
        policy: Probability of each answer; they sum to 1.
        value: Mean reward of that policy, minus β times its KL divergence from the
            reference.
    """

    policy: Float[np.ndarray, "*batch answers"]
    value: Float[np.ndarray, "*batch"]


@public
def bradley_terry_loss(
    chosen: Float[np.ndarray, "*axes"], rejected: Float[np.ndarray, "*axes"]
) -> Float[np.ndarray, "*axes"]:
    """Charge −log of the probability that the chosen answer beats the rejected one.

    Only the difference counts: a number added to all rewards of a prompt changes nothing.

    Args:
        chosen: Reward of the answer that was preferred, one per pair.
        rejected: Reward of the other one.

    Returns:
        Loss in nats, one per pair, not reduced: log 2 at a tie, ∞ beyond the dtype.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or a reward is NaN or beyond ±1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import bradley_terry_loss

        chosen, rejected = np.array([1.0, 0.8473]), np.array([1.0, 0.0])
        loss = bradley_terry_loss(chosen, rejected)
        print(loss.round(4), "so it wins with", np.exp(-loss).round(2))
        ```

        ```text {.output}
        [0.6931 0.3567] so it wins with [0.5 0.7]
        ```
    """
    check_answers(chosen=chosen, rejected=rejected)

    loss = np.logaddexp(0, widened(rejected) - widened(chosen))
    with np.errstate(over="ignore"):  # 16 bits end at 65504
        return np.asarray(loss, chosen.dtype)


@public
def dpo_loss(
    policy_chosen: Float[np.ndarray, "*axes"],
    policy_rejected: Float[np.ndarray, "*axes"],
    reference_chosen: Float[np.ndarray, "*axes"],
    reference_rejected: Float[np.ndarray, "*axes"],
    *,
    beta: float = 0.1,
) -> Float[np.ndarray, "*axes"]:
    """Take Bradley and Terry's loss, with β log(π / π_ref) as the reward of an answer.

    A log-probability is that of the whole answer: the sum over its tokens, not their
    mean. Of thousands of tokens, such a sum has no digits to spare in 16 bits.

    Args:
        policy_chosen: Log-probability of the preferred answer under the policy.
        policy_rejected: That of the other answer.
        reference_chosen: Log-probability of the preferred answer under the reference,
            where the policy started.
        reference_rejected: That of the other answer.
        beta: Price β > 0 of the KL divergence from the reference: the larger it is, the
            smaller the change that settles a pair.

    Returns:
        Loss in nats, one per pair, not reduced: log 2 at the start, ∞ beyond the dtype.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, a log-probability is NaN or beyond ±1e30, or beta is
            not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import dpo_loss

        start = np.array(-50.0)
        print(f"{dpo_loss(start, start, start, start):.4f} = log 2")
        print(f"{dpo_loss(start + 2, start - 2, start, start):.4f}")
        ```

        ```text {.output}
        0.6931 = log 2
        0.5130
        ```
    """
    check_preferred(
        policy_chosen, policy_rejected, reference_chosen, reference_rejected, beta
    )

    chosen = widened(policy_chosen) - widened(reference_chosen)
    rejected = widened(policy_rejected) - widened(reference_rejected)
    loss = np.logaddexp(0, beta * (rejected - chosen))
    with np.errstate(over="ignore"):  # 16 bits end at 65504
        return np.asarray(loss, policy_chosen.dtype)


@public
def regularized_optimum(
    reference: Float[np.ndarray, "*batch answers"],
    rewards: Float[np.ndarray, "*batch answers"],
    *,
    beta: float,
) -> RegularizedOptimum:
    """Tilt the reference by the reward: no policy has more reward minus β times its KL.

    A small β ends at the best answer, a large one at the reference. What the reference
    excludes stays excluded, whatever its reward.

    Args:
        reference: Probabilities of all answers under the reference; they sum to 1.
        rewards: Reward of each answer.
        beta: Price β > 0 of a nat of KL divergence from the reference, in rewards.

    Returns:
        The best policy, and its value β log Z: between the mean reward of the reference
        and the largest reward.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, reference does not sum to 1 or has a negative entry,
            a reward is NaN or beyond ±1e30, or beta is not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import regularized_optimum

        reference, rewards = np.array([0.5, 0.5]), np.array([0.0, np.log(3)])
        best = regularized_optimum(reference, rewards, beta=1.0)
        print(best.policy.round(4), f"{best.value:.4f}")
        ```

        ```text {.output}
        [0.25 0.75] 0.6931
        ```
    """
    check_regularized(reference, rewards, beta)

    shares, wide = widened(reference), widened(rewards)
    allowed = np.where(shares > 0, wide, -np.inf)
    peak = allowed.max(axis=-1, keepdims=True)
    with np.errstate(over="ignore"):  # what is so far below the peak has no share
        below = np.where(shares > 0, (wide - peak) / beta, 0)
    tilted = shares * np.exp(below)
    norm, lost = total(tilted), total(-shares * np.expm1(below))
    # Near 1, the logarithm of a sum would lose what a large β multiplies.
    log_norm = np.where(lost < 0.5, np.log1p(-np.minimum(lost, 0.5)), np.log(norm))
    value = (peak + beta * log_norm)[..., 0]
    dtype = reference.dtype
    return RegularizedOptimum(np.asarray(tilted / norm, dtype), np.asarray(value, dtype))
