r"""Losses on preferences: the better answer of a pair must win.

A reward model gives each answer a number r. By Bradley and Terry, the chosen answer beats
the rejected one with the probability σ(r_w − r_l), of which the loss is minus the log:

$$
\ell = -\log \sigma(r_w - r_l)
$$

The best policy for a reward, at a price of β for its KL divergence from a reference, is
the reference, tilted by the reward. Its value is known, too, and no other's is larger:

$$
\begin{aligned}
\pi^*(y) &= \frac{1}{Z} \, \pi_{\text{ref}}(y) \, e^{r(y) / \beta} \\
J^* &= \beta \log Z
\end{aligned}
$$

Solved for r, that is β log(π* / π_ref) + β log Z. The last term is the same for both
answers of a pair, and cancels: a policy is its own reward model. That makes DPO's loss:

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

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from dlref._checks.preferences import (
    check_answers,
    check_preferred,
    check_regularized,
)
from dlref.torch._arguments import public
from dlref.torch._precision import widened

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

    policy: Float[Tensor, "*batch answers"]
    value: Float[Tensor, "*batch"]


@public
def bradley_terry_loss(
    chosen: Float[Tensor, "*axes"], rejected: Float[Tensor, "*axes"]
) -> Float[Tensor, "*axes"]:
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
        import torch
        from dlref.torch.losses import bradley_terry_loss

        chosen, rejected = torch.tensor([1.0, 0.8473]), torch.tensor([1.0, 0.0])
        loss = bradley_terry_loss(chosen, rejected)
        print(loss.numpy().round(4), "so it wins with", (-loss).exp().numpy().round(2))
        ```

        ```text {.output}
        [0.6931 0.3567] so it wins with [0.5 0.7]
        ```
    """
    check_answers(chosen=chosen, rejected=rejected)

    loss = -F.logsigmoid(widened(chosen) - widened(rejected))
    return loss.to(chosen.dtype)


@public
def dpo_loss(
    policy_chosen: Float[Tensor, "*axes"],
    policy_rejected: Float[Tensor, "*axes"],
    reference_chosen: Float[Tensor, "*axes"],
    reference_rejected: Float[Tensor, "*axes"],
    *,
    beta: float = 0.1,
) -> Float[Tensor, "*axes"]:
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
        import torch
        from dlref.torch.losses import dpo_loss

        start = torch.tensor(-50.0)
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
    loss = -F.logsigmoid(beta * (chosen - rejected))
    return loss.to(policy_chosen.dtype)


@public
def regularized_optimum(
    reference: Float[Tensor, "*batch answers"],
    rewards: Float[Tensor, "*batch answers"],
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
        import torch
        from dlref.torch.losses import regularized_optimum

        reference, rewards = torch.tensor([[0.5, 0.5], [0.0, 1.0986]])
        best = regularized_optimum(reference, rewards, beta=1.0)
        print(best.policy.numpy().round(4), f"{best.value:.4f}")
        ```

        ```text {.output}
        [0.25 0.75] 0.6931
        ```
    """
    check_regularized(reference, rewards, beta)

    shares, wide = widened(reference), widened(rewards)
    allowed = wide.masked_fill(shares == 0, -torch.inf)
    peak = allowed.amax(dim=-1, keepdim=True)
    # What is far below the peak has no share, and what has none no gradient.
    below = ((wide - peak) / beta).masked_fill(shares == 0, 0)
    tilted = shares * below.exp()
    norm = tilted.sum(dim=-1, keepdim=True)
    lost = (-shares * below.expm1()).sum(dim=-1, keepdim=True)
    # Near 1, the logarithm of a sum would lose what a large β multiplies.
    near = torch.log1p(-lost.clamp(max=0.5))
    log_norm = torch.where(lost < 0.5, near, norm.log())
    value = (peak + beta * log_norm)[..., 0]
    dtype = reference.dtype
    return RegularizedOptimum((tilted / norm).to(dtype), value.to(dtype))
