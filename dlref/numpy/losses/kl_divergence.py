r"""KL divergence: how much more surprising q is than p, to one who lives in p.

<!-- formula
p, q, i = softmax(normal(5)), softmax(normal(5)), range(1, 6)
KL = lambda p, q: dlref.numpy.losses.kl_divergence(np.log(p), np.log(q))
-->

$$
\operatorname{KL}(p \,\|\, q) = \sum_i p_i \log \frac{p_i}{q_i}
$$

It is at least 0, and 0 only if p and q are equal. It is not symmetric, and it is ∞ where
p allows what q excludes. A class that p excludes costs nothing.

The terms of that sum have both signs and cancel. As p and q both sum to 1, this is the
same:

<!-- formula
p, q, i = softmax(normal(5)), softmax(normal(5)), range(1, 6)
KL = lambda p, q: dlref.numpy.losses.kl_divergence(np.log(p), np.log(q))
-->

$$
\operatorname{KL}(p \,\|\, q)
= \sum_i \left(p_i \log \frac{p_i}{q_i} - p_i + q_i\right)
$$

Here no term is below 0, so that two distributions that are nearly equal keep the digits
of their small divergence. That is what is computed.

The Jensen-Shannon divergence compares both with their mean m. It is symmetric and at most
log 2; its root is a metric, itself it is none.

<!-- formula
p, q = softmax(normal(5)), softmax(normal(5))
m = (p + q) / 2
KL = lambda p, q: dlref.numpy.losses.kl_divergence(np.log(p), np.log(q))
JS = lambda p, q: dlref.numpy.losses.js_divergence(np.log(p), np.log(q))
-->

$$
\operatorname{JS}(p, q)
= \tfrac{1}{2} \operatorname{KL}(p \,\|\, m) + \tfrac{1}{2} \operatorname{KL}(q \,\|\, m)
$$

Between two normal distributions, with means μ and standard deviations σ:

<!-- formula
mu_p, mu_q, sigma_p, sigma_q = normal(), normal(), real(0.3, 3), real(0.3, 3)
given = [np.array(x) for x in (mu_p, sigma_p, mu_q, sigma_q)]
KL = float(dlref.numpy.losses.gaussian_kl(*given))
-->

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

import numpy as np
from jaxtyping import Float

from dlref._checks.divergences import check_gaussians, check_samples, check_two_logits
from dlref.numpy._arguments import public
from dlref.numpy._precision import excess, log_softmax, total, widened

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

    k1: Float[np.ndarray, "*axes"]
    k2: Float[np.ndarray, "*axes"]
    k3: Float[np.ndarray, "*axes"]


@public
def kl_divergence(
    p_logits: Float[np.ndarray, "*batch classes"],
    q_logits: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.losses import kl_divergence

        p, q = np.log([0.75, 0.25]), np.log([0.5, 0.5])
        print(f"{kl_divergence(p, q):.4f} and {kl_divergence(q, p):.4f}")
        ```

        ```text {.output}
        0.1308 and 0.1438
        ```
    """
    check_two_logits(p_logits=p_logits, q_logits=q_logits)

    p_logs, q_logs = log_softmax(widened(p_logits)), log_softmax(widened(q_logits))
    return np.asarray(_divergence(p_logs, q_logs), p_logits.dtype)


@public
def js_divergence(
    p_logits: Float[np.ndarray, "*batch classes"],
    q_logits: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.losses import js_divergence

        p, q = np.array([0.0, -np.inf]), np.array([-np.inf, 0.0])  # nothing in common
        print(f"{js_divergence(p, q):.4f} = log 2")
        ```

        ```text {.output}
        0.6931 = log 2
        ```
    """
    check_two_logits(p_logits=p_logits, q_logits=q_logits)

    p_logs, q_logs = log_softmax(widened(p_logits)), log_softmax(widened(q_logits))
    mean = np.logaddexp(p_logs, q_logs) - math.log(2)
    both = _divergence(p_logs, mean) + _divergence(q_logs, mean)
    return np.asarray(both / 2, p_logits.dtype)


@public
def gaussian_kl(
    mean_p: Float[np.ndarray, "*axes"],
    std_p: Float[np.ndarray, "*axes"],
    mean_q: Float[np.ndarray, "*axes"],
    std_q: Float[np.ndarray, "*axes"],
) -> Float[np.ndarray, "*axes"]:
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
        import numpy as np
        from dlref.numpy.losses import gaussian_kl

        zero, one, two = np.zeros(1), np.ones(1), np.full(1, 2.0)
        print(gaussian_kl(zero, one, zero, two).round(4))
        print(gaussian_kl(zero, two, zero, one).round(4))
        ```

        ```text {.output}
        [0.3181]
        [0.8069]
        ```
    """
    check_gaussians(mean_p=mean_p, std_p=std_p, mean_q=mean_q, std_q=std_q)

    scale = np.log(widened(std_p)) - np.log(widened(std_q))
    shift = (widened(mean_p) - widened(mean_q)) / widened(std_q)
    with np.errstate(over="ignore"):  # far apart, it is ∞
        twice = excess(np.asarray(2 * scale)) + np.square(shift)
        return np.asarray(twice / 2, mean_p.dtype)


@public
def kl_estimates(
    log_probs: Float[np.ndarray, "*axes"],
    reference_log_probs: Float[np.ndarray, "*axes"],
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
        import numpy as np
        from dlref.numpy.losses import kl_estimates

        k1, k2, k3 = kl_estimates(np.log([0.5, 0.5]), np.log([0.25, 0.75]))
        print("k1", k1.round(4), "k3", k3.round(4))
        print(f"means {k1.mean():.4f} and {k3.mean():.4f}")
        ```

        ```text {.output}
        k1 [ 0.6931 -0.4055] k3 [0.1931 0.0945]
        means 0.1438 and 0.1438
        ```
    """
    check_samples(log_probs, reference_log_probs)

    log_r = np.asarray(widened(reference_log_probs) - widened(log_probs))
    with np.errstate(over="ignore"):  # what q prefers by far has a k3 of ∞
        each = -log_r, np.square(log_r) / 2, excess(log_r)
        return KLEstimates(*(np.asarray(k, log_probs.dtype) for k in each))


def _divergence(
    p_logs: Float[np.ndarray, "*batch classes"],
    q_logs: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch"]:
    """Add up p log(p/q) − p + q: no term is below 0, so that none cancels another."""
    p, q = np.exp(p_logs), np.exp(q_logs)
    far = np.full_like(p, 2)  # what p excludes costs q, whatever this is, above 1
    log_ratio = np.subtract(p_logs, q_logs, out=far, where=p > 0)
    near = np.clip(log_ratio, -1, 1)  # there, q − p would lose the digits
    terms = np.where(
        near == log_ratio,
        p * (near + np.expm1(-near)),
        p * log_ratio + (q - p),
    )
    return np.asarray(total(terms)[..., 0])
