r"""Weight decay, the L2 penalty, the L1 penalty's step, and early stopping as a penalty.

Decay shrinks a parameter by the factor 1 − ηλ, apart from the optimizer's step. An L2
penalty λθ²/2 in the loss adds λθ to the gradient instead. With plain descent that is the
same:

<!-- formula
theta, g, eta, lambda_ = normal(), normal(), real(0, 1), real(0, 0.9)
decayed = dlref.optimizers.decay(theta, learning_rate=eta, weight_decay=lambda_)
equals, _ = dlref.optimizers.sgd_step(
    decayed, g, dlref.optimizers.SGDState(), learning_rate=eta
)
-->

$$
\theta - \eta \, (g + \lambda\theta) = (1 - \eta\lambda) \, \theta - \eta g
$$

With momentum it is not, for the velocity sums λθ up; nor in Adam, which divides λθ by the
gradient's size.

An L1 penalty a|θ| pulls with the same force at any size, so that its best answer to a
parameter x is exactly zero if x is small:

<!-- formula
a, x = real(0.1, 1), normal()
S_a = lambda x: dlref.optimizers.soft_threshold(x, a)
sign = np.sign
-->

$$
S_a(x) = \operatorname{sign}(x) \max(\lvert x \rvert - a, 0)
$$

Descent that starts at zero and stops after t steps is at the minimum of a bowl with an L2
penalty, but of another one for each curvature h:

<!-- formula
h, eta, t = real(0.1, 1), real(0.1, 1.9), integer(1, 9)
alpha = dlref.optimizers.early_stopping_penalty(h, learning_rate=eta, steps=t)
-->

$$
\alpha = \frac{h \, (1 - \eta h)^t}{1 - (1 - \eta h)^t}
$$

A flat direction has 1/(ηt). A steep one has next to nothing: it has long arrived.

Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", abstract.
https://arxiv.org/abs/1711.05101
The threshold: `torch.nn.functional.softshrink`.
https://docs.pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
Early stopping: Ali, Kolter and Tibshirani 2019, "A Continuous-Time View of Early
Stopping for Least Squares", lemma 3. https://arxiv.org/abs/1810.10082

Question: [DL0064][dl0064]
"""

from math import expm1, log1p
from typing import Any, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import (
    check_decay,
    check_descent,
    check_penalty,
    check_threshold,
)

__all__ = ["decay", "early_stopping_penalty", "l2_gradient", "soft_threshold"]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


@public
def decay(param: Array, *, learning_rate: float, weight_decay: float) -> Array:
    """Shrink each entry by the factor 1 − ηλ, as AdamW does before its step.

    It takes 1/(ηλ) steps to shrink by the factor e.

    Args:
        param: Parameter θ.
        learning_rate: Step size η ≥ 0.
        weight_decay: λ ≥ 0, with ηλ below 1.

    Returns:
        The parameter, shrunk.

    Raises:
        TypeError: If param is not floating point, or a setting no number.
        ValueError: If a setting is negative or not finite, or their product not below 1.

    Example:
        ```python
        from dlref.optimizers import decay

        print(decay(8.0, learning_rate=0.5, weight_decay=0.25))
        ```

        ```text {.output}
        7.0
        ```
    """
    check_decay(param, learning_rate=learning_rate, weight_decay=weight_decay)

    shrunk: Array = param * (1 - learning_rate * weight_decay)
    return shrunk


@public
def l2_gradient(param: Array, grad: Array, *, weight_decay: float) -> Array:
    """Add the gradient λθ of the penalty λ|θ|²/2, as `weight_decay` of SGD and Adam does.

    A penalty λ|θ|² without the half has twice that gradient.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        weight_decay: λ ≥ 0.

    Returns:
        The gradient of the loss with its penalty.

    Raises:
        TypeError: If param or grad is not floating point, weight_decay no number, or an
            array meets a tensor.
        ValueError: If weight_decay is negative or not finite, or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import l2_gradient

        print(l2_gradient(8.0, 1.0, weight_decay=0.25))
        ```

        ```text {.output}
        3.0
        ```
    """
    check_penalty(param, grad, weight_decay)

    whole: Array = grad + weight_decay * param
    return whole


@public
def soft_threshold(param: Array, amount: float) -> Array:
    """Move each entry toward zero by an amount, and no further than zero.

    It is the z that makes (z − θ)²/2 + a|z| least. After a step of descent, with a = ηλ,
    it is the step of the penalty λ|θ|: weights become exactly zero, as no step along a
    gradient makes them.

    Args:
        param: Parameter θ.
        amount: a ≥ 0.

    Returns:
        The parameter, nearer to zero.

    Raises:
        TypeError: If param is not floating point, or amount no number.
        ValueError: If amount is negative or not finite.

    Example:
        ```python
        import numpy as np
        from dlref.optimizers import soft_threshold

        print(soft_threshold(np.array([1.0, 0.25, -0.75]), 0.5))
        ```

        ```text {.output}
        [ 0.5   0.   -0.25]
        ```
    """
    check_threshold(param, amount)

    is_number = isinstance(param, int | float)
    way = _clipped(param, amount) if is_number else param.clip(min=-amount, max=amount)
    moved: Array = param - way
    return moved


@public
def early_stopping_penalty(
    curvature: float, *, learning_rate: float, steps: int
) -> float:
    """Return the L2 penalty whose minimum is where descent from zero stands.

    On a bowl h(θ − θ*)²/2 that is, exactly, the share 1 − (1 − ηh)^t of θ*. A penalty
    αθ²/2 leaves the share h/(h + α).

    Args:
        curvature: Second derivative h > 0 of the bowl.
        learning_rate: Step size η, with ηh between 0 and 2.
        steps: Number t ≥ 1 of steps.

    Returns:
        α. It is negative if descent stands beyond the minimum.

    Raises:
        TypeError: If curvature or learning_rate is no number, or steps no integer.
        ValueError: If curvature is not above 0 and finite, ηh not strictly between 0 and
            2, or steps below 1.

    Example:
        ```python
        from dlref.optimizers import early_stopping_penalty

        # After one step descent is half of the way down; so is 1 / (1 + 1).
        print(early_stopping_penalty(1.0, learning_rate=0.5, steps=1))
        ```

        ```text {.output}
        1.0
        ```
    """
    check_descent(curvature, learning_rate, steps)

    move = learning_rate * curvature
    left = (1 - move) ** steps
    # Near 1, the difference of 1 and `left` would lose its digits.
    gone = -expm1(steps * log1p(-min(move, 2 - move))) if left > 0 else 1 - left
    return curvature * left / gone


def _clipped(number: float, bound: float) -> float:
    """Move a number into its bounds; a NaN passes on."""
    return min(max(number, -bound), bound)
