r"""The softmax: scores become positive numbers that sum to 1.

$$
p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}
$$

What is added to all logits cancels. So the largest is subtracted first: every exponent is
at most 0, none overflows, and one term of the sum is 1, so that nothing is divided by 0.
The temperature T divides what is left. Toward 0 all goes to the largest logit, in equal
parts where several tie; toward ∞ all classes become alike.

The log-sum-exp is a smooth maximum, and the softmax its slope:

$$
\mathrm{LSE}(z) = m + \log \sum_j e^{z_j - m}
$$

m is the largest logit. With K classes, LSE lies between m and m + log K. The logarithm of
a softmax is never taken of probabilities, which round to 0, but of logits:

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

import numpy as np
from jaxtyping import Float

from dlref._checks.activations import check_cooled, check_logits, check_softmax_gradient
from dlref.numpy import _precision
from dlref.numpy._arguments import public
from dlref.numpy._precision import total, widened

__all__ = ["log_softmax", "log_sum_exp", "softmax", "softmax_gradient"]


@public
def softmax(
    logits: Float[np.ndarray, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[np.ndarray, "*batch classes"]:
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
        import numpy as np
        from dlref.numpy.activations import softmax

        logits = np.log([1.0, 2.0, 5.0])
        for temperature in 1.0, 0.5:
            p = softmax(logits, temperature=temperature)
            print(p.round(4).tolist())
        ```

        ```text {.output}
        [0.125, 0.25, 0.625]
        [0.0333, 0.1333, 0.8333]
        ```
    """
    check_cooled(logits, temperature)

    return _precision.softmax(_cooled(logits, temperature)).astype(logits.dtype)


@public
def log_softmax(
    logits: Float[np.ndarray, "*batch classes"],
    *,
    temperature: float = 1.0,
) -> Float[np.ndarray, "*batch classes"]:
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
        import numpy as np
        from dlref.numpy.activations import log_softmax

        print(log_softmax(np.array([0.0, -1000.0])).tolist())
        ```

        ```text {.output}
        [0.0, -1000.0]
        ```
    """
    check_cooled(logits, temperature)

    logs = _precision.log_softmax(_cooled(logits, temperature))
    return _narrowed(logs, logits)


@public
def log_sum_exp(
    logits: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.activations import log_sum_exp

        logits = np.array([1000.0, 1000.0])
        print(f"{log_sum_exp(logits).item():.4f}")  # 1000 + log 2
        ```

        ```text {.output}
        1000.6931
        ```
    """
    check_logits(logits)

    return _narrowed(_precision.log_sum_exp(widened(logits))[..., 0], logits)


@public
def softmax_gradient(
    probabilities: Float[np.ndarray, "*batch classes"],
    grad: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch classes"]:
    """Hand the gradient in the probabilities back to the logits, without the Jacobian.

    J v = p ⊙ (v − ⟨p, v⟩) costs as much as the row is long, not its square. The Jacobian
    does not see what is added to all of v, so v is taken relative to its entry at the
    largest probability: where that rounds to 1, v − ⟨p, v⟩ would lose all digits.

    Args:
        probabilities: What the softmax gave, at a temperature of 1.
        grad: Gradient of the loss in the probabilities.

    Returns:
        Gradient of the loss in the logits; each row sums to 0.

    Raises:
        TypeError: If probabilities are not floating point, or grad has another dtype.
        ValueError: If a row is no distribution, or grad has another shape.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import softmax_gradient

        p = np.array([0.5, 0.25, 0.25])
        print(softmax_gradient(p, np.array([1.0, 0.0, 0.0])).tolist())
        ```

        ```text {.output}
        [0.25, -0.125, -0.125]
        ```
    """
    check_softmax_gradient(probabilities, grad)

    p, v = widened(probabilities), widened(grad)
    v = v - np.take_along_axis(v, p.argmax(axis=-1, keepdims=True), axis=-1)
    at_logits: np.ndarray = p * (v - total(p * v))
    return at_logits.astype(grad.dtype)


def _cooled(
    logits: Float[np.ndarray, "*batch classes"], temperature: float
) -> Float[np.ndarray, "*batch classes"]:
    """Put the largest of each row at 0, and divide by what the type can hold of T."""
    z = widened(logits)
    if temperature == 1:
        return z  # what follows subtracts the largest itself
    limits = np.finfo(z.dtype)
    divisor = float(np.clip(temperature, limits.tiny, limits.max))
    with np.errstate(over="ignore"):  # to −∞, whose exponential is 0
        cooled: np.ndarray = (z - z.max(axis=-1, keepdims=True)) / divisor
    return cooled


def _narrowed(
    wide: Float[np.ndarray, "*axes"], like: Float[np.ndarray, "*others"]
) -> Float[np.ndarray, "*axes"]:
    """Return the type of the logits; what is below the numbers of 16 bits becomes −∞."""
    with np.errstate(over="ignore"):
        return wide.astype(like.dtype)
