r"""Policy gradients for answers: a clipped ratio, and advantages within a group.

A token that the old policy drew is weighed by how much more the new one likes it, the
ratio ρ. An advantage A above 0 says that it was better than expected:

$$
\ell = -\min\bigl(\rho A, \;
\operatorname{clip}(\rho, 1 - \varepsilon, 1 + \varepsilon) \, A\bigr)
$$

The clip ends the push only where the policy has moved far in the *wanted* direction: up
beyond 1 + ε if A is above 0, down below 1 − ε if it is below. The way back stays open.

PPO learns a second network, the critic, to know what was to be expected. GRPO draws
several answers to one prompt and compares each with their mean:

$$
A_i = \frac{r_i - \bar r}{s + \epsilon}
$$

where s is their standard deviation, with one less than their number below the root, as in
PyTorch and TRL. Without a scale this is Dr. GRPO.

Source: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", equation 7.
https://arxiv.org/abs/1707.06347. Shao et al. 2024, "DeepSeekMath: Pushing the Limits of
Mathematical Reasoning in Open Language Models", section 4.1.
https://arxiv.org/abs/2402.03300. Hugging Face, TRL, `grpo_trainer.py` (a standard
deviation with Bessel's correction, plus 1e-4). https://github.com/huggingface/trl

Question: [DL0076][dl0076]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.preferences import check_clipped, check_group
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["clipped_policy_loss", "group_advantages"]


@public
def clipped_policy_loss(
    log_probs: Float[Tensor, "*axes"],
    old_log_probs: Float[Tensor, "*axes"],
    advantages: Float[Tensor, "*axes"],
    *,
    clip: float = 0.2,
) -> Float[Tensor, "*axes"]:
    """Weigh each advantage by its ratio, and stop where that has gone far enough.

    At the first step both policies are one: the loss is −A, and if the advantages of a
    group sum to 0, so does the loss. Its gradient does not: it is that of −A log π.

    Args:
        log_probs: Log-probability of each token under the policy that learns.
        old_log_probs: That under the policy which drew the tokens: a constant.
        advantages: How much better than expected each token was, a constant. In GRPO, all
            tokens of an answer have that of the answer.
        clip: How far the ratio may go from 1 before the push ends, 0 < ε < 1.

    Returns:
        Loss, one per token, not reduced: ∞ where a token to be avoided became so probable
        that the dtype cannot hold the ratio.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, an entry is NaN or beyond ±1e30, or clip is not
            between 0 and 1.

    Example:
        ```python
        import torch
        from dlref.torch.losses import clipped_policy_loss

        log_ratio, good = torch.tensor([0.5, 1.0, 1.5]).log(), torch.ones(3)
        print(clipped_policy_loss(log_ratio, torch.zeros(3), good))
        print(clipped_policy_loss(log_ratio, torch.zeros(3), -good))
        ```

        ```text {.output}
        tensor([-0.5000, -1.0000, -1.2000])
        tensor([0.8000, 1.0000, 1.5000])
        ```
    """
    check_clipped(log_probs, old_log_probs, advantages, clip)

    log_ratio, gain = widened(log_probs) - widened(old_log_probs), widened(advantages)
    low, high = math.log1p(-clip), math.log1p(clip)
    # Of a ratio of ∞, the minimum would have the gradient 0 · ∞.
    bad, good = log_ratio.clamp(min=low), log_ratio.clamp(max=high)
    least = torch.where(gain < 0, bad, good)
    return (-least.exp() * gain).to(log_probs.dtype)


@public
def group_advantages(
    rewards: Float[Tensor, "*batch answers"], *, scale: bool = True, eps: float = 1e-4
) -> Float[Tensor, "*batch answers"]:
    """Compare each answer with the mean of its group: the advantages sum to 0.

    The group takes the place of a critic. Where all rewards are alike, all advantages are
    exactly 0, and nothing is learned from that prompt.

    Args:
        rewards: Reward of each answer; the last axis holds the answers to one prompt.
        scale: Divide by the standard deviation, as GRPO does, which gives much weight to
            prompts that nearly all or nearly no answers solve. Dr. GRPO does not.
        eps: What is added to the standard deviation, lest 0 be divided by 0.

    Returns:
        Advantages, one per answer, in units of the standard deviation if scaled, else in
        those of the rewards: ±∞ beyond the dtype.

    Raises:
        TypeError: If rewards are not floating point.
        ValueError: If there are fewer than 2 answers, a reward is NaN or beyond ±1e30, or
            eps is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.losses import group_advantages

        rewards = torch.tensor([1.0, 0.0, 0.0, 0.0])
        print(group_advantages(rewards))
        print(group_advantages(rewards, scale=False))
        ```

        ```text {.output}
        tensor([ 1.4997, -0.4999, -0.4999, -0.4999])
        tensor([ 0.7500, -0.2500, -0.2500, -0.2500])
        ```
    """
    check_group(rewards, eps)

    wide = rewards.double()
    gaps = wide - wide[..., :1]  # or rounding would tell equal rewards apart
    gaps = gaps - gaps.mean(dim=-1, keepdim=True)
    if scale:
        length = torch.linalg.vector_norm(gaps, dim=-1, keepdim=True)
        gaps = gaps / (length / math.sqrt(gaps.shape[-1] - 1) + eps)
    return gaps.to(rewards.dtype)
