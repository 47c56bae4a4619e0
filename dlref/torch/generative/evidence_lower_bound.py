r"""Evidence lower bound (ELBO): what can be computed of log p(x), and never above it.

$$
\begin{aligned}
\log p(x) &= \operatorname{ELBO} + \operatorname{KL}(q(z \mid x) \,\|\, p(z \mid x)) \\
\operatorname{ELBO} &= \mathbb{E}_{q(z \mid x)}[\log p(x \mid z)] \\
&\quad - \operatorname{KL}(q(z \mid x) \,\|\, p(z))
\end{aligned}
$$

It is too low by the divergence of q from the true posterior of z, so that a better q
closes the gap. A factor β of the KL divergence makes another objective. For β above 1 it
is still below log p(x); below 1 it may be above.

With K samples of q, the logarithm of their mean weight is nearer, on average, the more
there are. It is the ELBO at K = 1:

$$
L_K = \log \left(\frac{1}{K} \sum_{k=1}^{K} w_k\right)
$$

where w is p(x, z) / q(z|x) at a sample.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes", section 2.2.
https://arxiv.org/abs/1312.6114. Burda, Grosse and Salakhutdinov 2016, "Importance
Weighted Autoencoders", abstract. https://arxiv.org/abs/1509.00519

Question: [DL0081][dl0081]
"""

import math

from jaxtyping import Float
from torch import Tensor

from dlref._checks.variational import check_bound, check_log_weights
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["evidence_lower_bound", "importance_weighted_bound"]


@public
def evidence_lower_bound(
    log_likelihood: Float[Tensor, "*batch"],
    kl: Float[Tensor, "*batch"],
    *,
    beta: float = 1.0,
) -> Float[Tensor, "*batch"]:
    """Subtract the divergence from the reconstruction: to be maximized.

    Both are sums: over the features of x, and over the latents. If one of them is a mean,
    that is another β: the mean over D features and a sum over the latents make it D.

    Args:
        log_likelihood: log p(x|z) at a sample z of q, or its mean over several.
        kl: KL(q ‖ p), at least 0 but for rounding. What is estimated from samples may be
            below: take `importance_weighted_bound` for that.
        beta: Factor β of the divergence, from 0 to 1e30.

    Returns:
        Bound in nats, one for each example; its negative is the loss.

    Raises:
        TypeError: If an array is not floating point, or their dtypes differ.
        ValueError: If shapes differ, log_likelihood is NaN or ∞, or kl is below 0, or
            ∞ where beta is 0, or beta is not between 0 and 1e30.

    Example:
        ```python
        import torch
        from dlref.torch.generative import evidence_lower_bound

        log_likelihood, kl = torch.tensor([-1.0, -3.0]), torch.tensor([0.5, 0.25])
        print(evidence_lower_bound(log_likelihood, kl))
        print(evidence_lower_bound(log_likelihood, kl, beta=4.0))
        ```

        ```text {.output}
        tensor([-1.5000, -3.2500])
        tensor([-3., -4.])
        ```
    """
    check_bound(log_likelihood, kl, beta)

    bound = widened(log_likelihood) - beta * widened(kl)
    return bound.to(log_likelihood.dtype)


@public
def importance_weighted_bound(
    log_weights: Float[Tensor, "*batch samples"],
) -> Float[Tensor, "*batch"]:
    """Take the logarithm of the mean weight: nearer to log p(x) the more samples.

    On average it grows with their number, and never exceeds log p(x); one draw may. The
    mean of the logarithms stays where one sample is.

    Args:
        log_weights: log p(x, z) − log q(z|x) at samples z of q; −∞ is a weight of 0.

    Returns:
        Bound in nats, one for each example; −∞ if all weights are 0.

    Raises:
        TypeError: If log_weights are not floating point.
        ValueError: If there is no axis or no sample, or a weight is NaN or ∞.

    Example:
        ```python
        import torch
        from dlref.torch.generative import importance_weighted_bound

        log_weights = torch.tensor([1.0, 3.0]).log()
        print(f"{importance_weighted_bound(log_weights):.4f} = log 2")
        print(f"{log_weights.mean():.4f}, the mean of the logarithms")
        ```

        ```text {.output}
        0.6931 = log 2
        0.5493, the mean of the logarithms
        ```
    """
    check_log_weights(log_weights)

    logs = widened(log_weights)
    is_none = logs.isneginf().all(dim=-1, keepdim=True)  # the gradient would be NaN
    summed = logs.masked_fill(is_none, 0).logsumexp(dim=-1)
    bound = summed.masked_fill(is_none[..., 0], -math.inf) - math.log(logs.shape[-1])
    return bound.to(log_weights.dtype)
