r"""KL divergence: how much more surprising q is than p, to one who lives in p.

$$
\operatorname{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i}
$$

It is at least 0, and 0 only if p and q are equal. It is not symmetric, and it is ∞ where
p allows what q excludes. A class that p excludes costs nothing.

The terms of that sum have both signs and cancel. As p and q both sum to 1, this is the
same:

$$
\operatorname{KL}(p \,\|\, q)
= \sum_i \left(p_i \log \frac{p_i}{q_i} - p_i + q_i\right)
$$

Here no term is below 0, so that two distributions that are nearly equal keep the digits
of their small divergence. That is what is computed.

The Jensen-Shannon divergence compares both with their mean m. It is symmetric and at most
log 2; its root is a metric, itself it is none.

$$
\operatorname{JS}(p, q)
= \tfrac{1}{2} \operatorname{KL}(p \,\|\, m) + \tfrac{1}{2} \operatorname{KL}(q \,\|\, m)
$$

Between two normal distributions, with means μ and standard deviations σ:

$$
\operatorname{KL} = \log \frac{\sigma_q}{\sigma_p}
+ \frac{\sigma_p^2 + (\mu_p - \mu_q)^2}{2 \sigma_q^2} - \frac{1}{2}
$$

Where only samples x from p are at hand, with log r = log q(x) − log p(x), three numbers
estimate KL(p ‖ q): k1 = −log r, k2 = (log r)²/2 and k3 = r − 1 − log r. The first has the
right mean, and so has the third, if p allows whatever q allows.

Source: PyTorch 2.13, documentation of `torch.nn.KLDivLoss`, "pointwise KL-divergence".
https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html. Schulman 2020,
"Approximating KL Divergence" (k1, k2, k3; p and q are exchanged there).
http://joschu.net/blog/kl-approx.html. Liese and Vajda 2006, "On Divergences and
Informations in Statistics and Information Theory", abstract (the root is a metric).
https://doi.org/10.1109/TIT.2006.881731

Question: [DL0068][dl0068]
"""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.divergences import check_gaussians, check_samples, check_two_logits
from dlref.torch._arguments import public
from dlref.torch._precision import excess, widened

__all__ = [
    "KLEstimates",
    "gaussian_kl",
    "js_divergence",
    "kl_divergence",
    "kl_estimates",
]


class KLEstimates(NamedTuple):
    """Three estimates of KL(p ‖ q) from each sample of p, in nats.

    Attributes:
        k1: −log r: the right mean, often below 0.
        k2: (log r)²/2: never below 0, close where p and q are.
        k3: r − 1 − log r: never below 0, the right mean if p allows whatever q allows.
    """

    k1: Float[Tensor, "*axes"]
    k2: Float[Tensor, "*axes"]
    k3: Float[Tensor, "*axes"]


@public
def kl_divergence(
    p_logits: Float[Tensor, "*batch classes"],
    q_logits: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch"]:
    """Average log p/q over p: 0 if both softmaxes are equal, and above 0 if not.

    With p the data or the teacher and q the model this is the forward divergence, which
    maximum likelihood minimizes. Swap the arguments for the reverse one.

    Args:
        p_logits: Scores before the softmax, at least 2 classes; the average is over this
            one. A logit of −∞ excludes a class, which then costs nothing.
        q_logits: Scores of the other distribution, for the same classes.

    Returns:
        Divergence in nats, one per row, not reduced: ∞ where q excludes what p allows.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or there are fewer than 2 classes.

    Example:
        ```python
        import torch
        from dlref.torch.losses import kl_divergence

        p, q = torch.tensor([0.75, 0.25]).log(), torch.tensor([0.5, 0.5]).log()
        print(f"{kl_divergence(p, q):.4f} and {kl_divergence(q, p):.4f}")
        ```

        ```text {.output}
        0.1308 and 0.1438
        ```
    """
    check_two_logits(p_logits=p_logits, q_logits=q_logits)

    p_logs, q_logs = _log_softmax(p_logits), _log_softmax(q_logits)
    return _divergence(p_logs, q_logs).to(p_logits.dtype)


@public
def js_divergence(
    p_logits: Float[Tensor, "*batch classes"],
    q_logits: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch"]:
    """Average the divergences of p and of q from their mean: symmetric, at most log 2.

    Always finite, whatever p and q exclude.

    Args:
        p_logits: Scores before the softmax, at least 2 classes.
        q_logits: Scores of the other distribution, for the same classes.

    Returns:
        Divergence in nats, one per row, not reduced.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or there are fewer than 2 classes.

    Example:
        ```python
        import torch
        from dlref.torch.losses import js_divergence

        one, other = torch.tensor([[0.0, -torch.inf], [-torch.inf, 0.0]])
        print(f"{js_divergence(one, other):.4f} = log 2")
        ```

        ```text {.output}
        0.6931 = log 2
        ```
    """
    check_two_logits(p_logits=p_logits, q_logits=q_logits)

    p_logs, q_logs = _log_softmax(p_logits), _log_softmax(q_logits)
    is_excluded = p_logs.isneginf() & q_logs.isneginf()  # the gradient would be NaN
    pair = p_logs.masked_fill(is_excluded, 0), q_logs.masked_fill(is_excluded, 0)
    mean = torch.logaddexp(*pair) - math.log(2)
    mean = mean.masked_fill(is_excluded, -torch.inf)
    both = _divergence(p_logs, mean) + _divergence(q_logs, mean)
    return (both / 2).to(p_logits.dtype)


@public
def gaussian_kl(
    mean_p: Float[Tensor, "*axes"],
    std_p: Float[Tensor, "*axes"],
    mean_q: Float[Tensor, "*axes"],
    std_q: Float[Tensor, "*axes"],
) -> Float[Tensor, "*axes"]:
    """Return KL(p ‖ q) of two normal distributions, for each entry.

    For independent dimensions, that is a diagonal covariance, add up the entries. The
    spread is a standard deviation: neither a variance nor its logarithm.

    Args:
        mean_p: Mean of p, over which is averaged.
        std_p: Standard deviation of p, above 0.
        mean_q: Mean of q.
        std_q: Standard deviation of q, above 0.

    Returns:
        Divergence in nats, for each entry.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or a standard deviation is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.losses import gaussian_kl

        zero, one, two = torch.tensor([[0.0], [1.0], [2.0]])
        print(gaussian_kl(zero, one, zero, two))
        print(gaussian_kl(zero, two, zero, one))
        ```

        ```text {.output}
        tensor([0.3181])
        tensor([0.8069])
        ```
    """
    check_gaussians(mean_p=mean_p, std_p=std_p, mean_q=mean_q, std_q=std_q)

    scale = widened(std_p).log() - widened(std_q).log()
    shift = (widened(mean_p) - widened(mean_q)) / widened(std_q)
    return ((excess(2 * scale) + shift.square()) / 2).to(mean_p.dtype)


@public
def kl_estimates(
    log_probs: Float[Tensor, "*axes"],
    reference_log_probs: Float[Tensor, "*axes"],
) -> KLEstimates:
    """Estimate KL(p ‖ q) from samples of p: k1 and k3 have it as their mean.

    That of k3 is too low if p excludes what q allows: by the share of q that is lost, as
    where samples are cut to the most probable ones.

    As values; their gradients are another matter. Where the samples are taken as given,
    the mean gradient of k1 is 0, that of k2 is the one of KL(p ‖ q), and that of k3 the
    one of KL(q ‖ p).

    Args:
        log_probs: log p at samples that were drawn from p: tokens under the policy.
        reference_log_probs: log q at the same samples: tokens under the reference.

    Returns:
        The estimates k1, k2 and k3 in nats, of each sample, not reduced.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, or a sample has no probability under p.

    Example:
        ```python
        import torch
        from dlref.torch.losses import kl_estimates

        p, q = torch.tensor([[0.5, 0.5], [0.25, 0.75]]).log()
        k1, k2, k3 = kl_estimates(p, q)
        print("k1", k1.numpy().round(4), "k3", k3.numpy().round(4))
        print(f"means {k1.mean():.4f} and {k3.mean():.4f}")
        ```

        ```text {.output}
        k1 [ 0.6931 -0.4055] k3 [0.1931 0.0945]
        means 0.1438 and 0.1438
        ```
    """
    check_samples(log_probs, reference_log_probs)

    log_r = widened(reference_log_probs) - widened(log_probs)
    each = -log_r, log_r.square() / 2, excess(log_r)
    return KLEstimates(*(k.to(log_probs.dtype) for k in each))


def _log_softmax(
    logits: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch classes"]:
    """Take the logarithm of the softmax, in 32 bits or more."""
    return widened(logits).log_softmax(dim=-1)


def _divergence(
    p_logs: Float[Tensor, "*batch classes"], q_logs: Float[Tensor, "*batch classes"]
) -> Float[Tensor, "*batch"]:
    """Add up p log(p/q) − p + q: no term is below 0, so that none cancels another."""
    p, q = p_logs.exp(), q_logs.exp()
    # What p excludes costs q, whatever is filled in, above 1.
    log_ratio = (p_logs - q_logs).masked_fill(p == 0, 2)
    near = log_ratio.clamp(-1, 1)  # there, q − p would lose the digits
    terms = torch.where(
        near == log_ratio,
        p * (near + torch.expm1(-near)),
        p * log_ratio + (q - p),
    )
    return terms.sum(dim=-1)
