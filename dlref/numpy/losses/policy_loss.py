r"""Policy gradients for answers: a clipped ratio, and advantages within a group.

A token that the old policy drew is weighed by how much more the new one likes it, the
ratio ρ. An advantage A above 0 says that it was better than expected:

<!-- formula
log_pi, log_old, A, varepsilon = normal(), normal(), normal(), real(0.1, 0.5)
rho, clip = np.exp(log_pi - log_old), np.clip
given = [np.array(x) for x in (log_pi, log_old, A)]
ell = float(dlref.numpy.losses.clipped_policy_loss(*given, clip=varepsilon))
-->

$$
\ell = -\min\bigl(\rho A, \;
\operatorname{clip}(\rho, 1 - \varepsilon, 1 + \varepsilon) \, A\bigr)
$$

The clip ends the push only where the policy has moved far in the *wanted* direction: up
beyond 1 + ε if A is above 0, down below 1 − ε if it is below. The way back stays open.

PPO learns a second network, the critic, to know what was to be expected. GRPO draws
several answers to one prompt and compares each with their mean:

<!-- formula
rewards, epsilon, i = normal(5), real(0.1, 1), range(1, 6)
r, r_bar, s = rewards, rewards.mean(), rewards.std(ddof=1)
A = dlref.numpy.losses.group_advantages(rewards, eps=epsilon)
-->

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

import numpy as np
from jaxtyping import Float

from dlref._checks.preferences import check_clipped, check_group
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["clipped_policy_loss", "group_advantages"]


@public
def clipped_policy_loss(
    log_probs: Float[np.ndarray, "*axes"],
    old_log_probs: Float[np.ndarray, "*axes"],
    advantages: Float[np.ndarray, "*axes"],
    *,
    clip: float = 0.2,
) -> Float[np.ndarray, "*axes"]:
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
        import numpy as np
        from dlref.numpy.losses import clipped_policy_loss

        log_ratio, good = np.log([0.5, 1.0, 1.5]), np.ones(3)
        print(clipped_policy_loss(log_ratio, np.zeros(3), good))
        print(clipped_policy_loss(log_ratio, np.zeros(3), -good))
        ```

        ```text {.output}
        [-0.5 -1.  -1.2]
        [0.8 1.  1.5]
        ```
    """
    check_clipped(log_probs, old_log_probs, advantages, clip)

    log_ratio, gain = widened(log_probs) - widened(old_log_probs), widened(advantages)
    low, high = math.log1p(-clip), math.log1p(clip)
    least = np.where(gain < 0, np.maximum(log_ratio, low), np.minimum(log_ratio, high))
    with np.errstate(over="ignore"):  # where it is ∞
        return np.asarray(-np.exp(least) * gain, log_probs.dtype)


@public
def group_advantages(
    rewards: Float[np.ndarray, "*batch answers"], *, scale: bool = True, eps: float = 1e-4
) -> Float[np.ndarray, "*batch answers"]:
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
        import numpy as np
        from dlref.numpy.losses import group_advantages

        rewards = np.array([1.0, 0.0, 0.0, 0.0])
        print(group_advantages(rewards).round(3))
        print(group_advantages(rewards, scale=False))
        ```

        ```text {.output}
        [ 1.5 -0.5 -0.5 -0.5]
        [ 0.75 -0.25 -0.25 -0.25]
        ```
    """
    check_group(rewards, eps)

    wide = rewards.astype(np.promote_types(rewards.dtype, np.float64))
    gaps = wide - wide[..., :1]  # or rounding would tell equal rewards apart
    gaps = gaps - gaps.mean(axis=-1, keepdims=True)
    if scale:
        length = np.linalg.norm(gaps, axis=-1, keepdims=True)
        gaps = gaps / (length / math.sqrt(gaps.shape[-1] - 1) + eps)
    with np.errstate(over="ignore"):  # 16 bits end at 65504
        return np.asarray(gaps, rewards.dtype)
