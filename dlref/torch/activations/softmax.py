r"""The softmax: scores become positive numbers that sum to 1.

<!-- formula
z, i, T, j = normal(5), integer(1, 5), real(0.5, 3), range(1, 6)
p = dlref.numpy.activations.softmax(z, temperature=T)
-->

$$
p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}
$$

What is added to all logits cancels. So the largest is subtracted first: every exponent is
at most 0, none overflows, and one term of the sum is 1, so that nothing is divided by 0.
The temperature T divides what is left. Toward 0 all goes to the largest logit, in equal
parts where several tie; toward ∞ all classes become alike.

The log-sum-exp is a smooth maximum, and the softmax its slope:

<!-- formula
z, j = normal(5), range(1, 6)
m = z.max()
LSE = lambda z: dlref.numpy.activations.log_sum_exp(z)
-->

$$
\mathrm{LSE}(z) = m + \log \sum_j e^{z_j - m}
$$

m is the largest logit. With K classes, LSE lies between m and m + log K. The logarithm of
a softmax is never taken of probabilities, which round to 0, but of logits:

<!-- formula
z, i, j = normal(5), integer(1, 5), range(1, 6)
m, p = z.max(), np.exp(dlref.numpy.activations.log_softmax(z))
-->

$$
\log p_i = (z_i - m) - \log \sum_j e^{z_j - m}
$$

The brackets count: m + log Σ rounds the logarithm to the digits of m. In float32, at the
logits 10⁷ and 10⁷ + 1, z_i − LSE(z) is −1 and 0; right is −1.31 and −0.31.

Source: Blanchard, Higham and Higham 2021, "Accurately computing the log-sum-exp and
softmax functions", equations 1.1 and 1.2. https://doi.org/10.1093/imanum/draa038. Hinton,
Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network", section 2 (the
temperature). https://arxiv.org/abs/1503.02531

Question: [DL0066][dl0066]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.activations import check_cooled, check_logits
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["log_softmax", "log_sum_exp", "softmax"]


@public
def softmax(
    logits: Float[Tensor, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[Tensor, "*batch classes"]:
    """Turn logits into probabilities: positive, in the same order, with the sum 1.

    Args:
        logits: Scores, along the last axis; −∞ is a class that cannot be.
        temperature: What the logits are divided by, T > 0: below 1 for a sharper
            distribution, above 1 for a flatter one.

    Returns:
        Probabilities, with the dtype of logits; 0 at −∞.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if
            temperature is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.activations import softmax

        logits = torch.tensor([1.0, 2.0, 5.0]).log()
        for temperature in 1.0, 0.5:
            p = softmax(logits, temperature=temperature)
            print(p.double().round(decimals=4).tolist())
        ```

        ```text {.output}
        [0.125, 0.25, 0.625]
        [0.0333, 0.1333, 0.8333]
        ```
    """
    check_cooled(logits, temperature)

    p = _cooled(logits, temperature).softmax(dim=-1)
    return p.to(logits.dtype)


@public
def log_softmax(
    logits: Float[Tensor, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[Tensor, "*batch classes"]:
    """Take the logarithm of a softmax, also where a probability would round to 0.

    Args:
        logits: Scores, along the last axis; −∞ is a class that cannot be.
        temperature: What the logits are divided by, T > 0.

    Returns:
        Log-probabilities in nats, with the dtype of logits; −∞ at −∞.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if
            temperature is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.activations import log_softmax

        print(log_softmax(torch.tensor([0.0, -1000.0])).tolist())
        ```

        ```text {.output}
        [0.0, -1000.0]
        ```
    """
    check_cooled(logits, temperature)

    logs = _cooled(logits, temperature).log_softmax(dim=-1)
    return logs.to(logits.dtype)


@public
def log_sum_exp(
    logits: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch"]:
    """Take the log of the sum of exponentials: the largest logit, or up to log K more.

    Args:
        logits: Scores, along the last axis, which has K classes.

    Returns:
        One number per row, in nats.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone.

    Example:
        ```python
        import torch
        from dlref.torch.activations import log_sum_exp

        logits = torch.tensor([1000.0, 1000.0], dtype=torch.float64)
        print(f"{log_sum_exp(logits).item():.4f}")  # 1000 + log 2
        ```

        ```text {.output}
        1000.6931
        ```
    """
    check_logits(logits)

    return widened(logits).logsumexp(dim=-1).to(logits.dtype)


def _cooled(
    logits: Float[Tensor, "*batch classes"], temperature: float
) -> Float[Tensor, "*batch classes"]:
    """Put the largest of each row at 0, and divide by what the type can hold of T."""
    z = widened(logits)
    if temperature == 1:
        return z  # PyTorch subtracts the largest itself
    limits = torch.finfo(z.dtype)
    divisor = min(max(float(temperature), limits.tiny), limits.max)
    return (z - z.detach().amax(dim=-1, keepdim=True)) / divisor
