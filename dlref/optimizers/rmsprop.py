r"""RMSProp: each entry of the gradient divided by its own running root mean square.

<!-- formula
theta_t_1, g_t, v_t_1, beta_2 = normal(), normal(), real(0, 2), real(0.1, 0.9)
eta, varepsilon, state = real(0.1, 1), real(0.1, 1), dlref.optimizers.RMSPropState(v_t_1)
theta_t, (v_t,) = dlref.optimizers.rmsprop_step(
    theta_t_1, g_t, state, learning_rate=eta, beta2=beta_2, eps=varepsilon
)
-->

$$
\begin{aligned}
v_t &= \beta_2 v_{t-1} + (1 - \beta_2) \, g_t^2 \\
\theta_t &= \theta_{t-1} - \eta \, \frac{g_t}{\sqrt{v_t} + \varepsilon}
\end{aligned}
$$

So the length of the gradient no longer matters, only how it compares with its own past.
v starts at 0, and nothing corrects for that: the first step is 1 / √(1 − β₂) times as
long as it would be with v = g², at β₂ = 0.9 more than three times. Adam with β₁ = 0 is
RMSProp with that corrected.

The decay is called β₂ here because it is Adam's β₂; PyTorch calls it `alpha`.

Centered RMSProp divides by the running standard deviation s in the place of the root mean
square, so that a gradient that hardly varies is followed in longer steps:

<!-- formula
theta_t_1, g_t, m_t_1, beta_2 = normal(), normal(), normal(), real(0.1, 0.9)
s_t_1, eta, varepsilon = real(0, 2), real(0.1, 1), real(0.1, 1)
state = dlref.optimizers.CenteredRMSPropState(m_t_1, s_t_1**2)
theta_t, (m_t, variance) = dlref.optimizers.centered_rmsprop_step(
    theta_t_1, g_t, state, learning_rate=eta, beta2=beta_2, eps=varepsilon
)
s_t = variance**0.5
-->

$$
\begin{aligned}
m_t &= \beta_2 m_{t-1} + (1 - \beta_2) \, g_t \\
s_t^2 &= \beta_2 \left( s_{t-1}^2 + (1 - \beta_2) \, (g_t - m_{t-1})^2 \right) \\
\theta_t &= \theta_{t-1} - \eta \, \frac{g_t}{s_t + \varepsilon}
\end{aligned}
$$

This s² is v − m², as PyTorch has it, but cannot come out negative. As a difference it
can: at a constant gradient of 0.1 and β₂ = 0.9 a rounding error below 0 is left at step
331, and its root turns the parameter of PyTorch 2.13 into NaN.

Source: Tieleman and Hinton 2012, "Lecture 6.5: rmsprop: Divide the gradient by a running
average of its recent magnitude", Coursera, Neural Networks for Machine Learning.
https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf
Centered: Graves 2013, "Generating Sequences With Recurrent Neural Networks".
https://arxiv.org/abs/1308.0850
ε outside the square root: `torch.optim.RMSprop`, note.
https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html

Question: [DL0048][dl0048]
"""

from typing import Any, NamedTuple, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import check_settings, check_step

__all__ = [
    "CenteredRMSPropState",
    "RMSPropState",
    "centered_rmsprop_step",
    "rmsprop_step",
]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


class RMSPropState(NamedTuple):
    """What RMSProp remembers of one parameter. `RMSPropState()` is before step 1.

    Attributes:
        v: Running mean of the squared gradient.
    """

    v: Any = 0.0


class CenteredRMSPropState(NamedTuple):
    """What centered RMSProp remembers. `CenteredRMSPropState()` is before step 1.

    Attributes:
        m: Running mean of the gradient.
        variance: Running variance s² of the gradient: the mean of its square, less m².
    """

    m: Any = 0.0
    variance: Any = 0.0


@public
def rmsprop_step(
    param: Array,
    grad: Array,
    state: RMSPropState,
    *,
    learning_rate: float,
    beta2: float = 0.9,
    eps: float = 1e-8,
) -> tuple[Array, RMSPropState]:
    """Move each entry by η times its gradient over the gradient's running size.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `RMSPropState()`.
        learning_rate: Step size η ≥ 0: about how far an entry moves per step. PyTorch's
            default is 0.01.
        beta2: Decay β₂ of the mean square, 0 ≤ β₂ < 1: 0.9 in the lecture, 0.99 in
            PyTorch.
        eps: ε ≥ 0, added to the root. At 0, an entry whose gradients have all been zero
            would move by 0/0; in float16, 1e-8 rounds to 0.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or eps is negative or not finite, beta2 not in
            [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import RMSPropState, rmsprop_step

        for grad in 1.0, 1000.0:  # 0.1 / √(1 − 0.75), whatever the gradient's length
            param, state = rmsprop_step(
                1.0, grad, RMSPropState(), learning_rate=0.1, beta2=0.75
            )
            print(f"{param:.4f} {state.v}")
        ```

        ```text {.output}
        0.8000 0.25
        0.8000 250000.0
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, eps=eps, beta2=beta2)

    # Not grad**2, which raises OverflowError for a huge float instead of giving ∞.
    v = beta2 * state.v + (1 - beta2) * (grad * grad)
    param = param - learning_rate * grad / (v**0.5 + eps)
    return param, RMSPropState(v)


@public
def centered_rmsprop_step(
    param: Array,
    grad: Array,
    state: CenteredRMSPropState,
    *,
    learning_rate: float,
    beta2: float = 0.9,
    eps: float = 1e-8,
) -> tuple[Array, CenteredRMSPropState]:
    """Move each entry by η times its gradient over the gradient's running deviation.

    Under a constant gradient the deviation dies out, and the step grows up to η|g|/ε: it
    is ε that limits it.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `CenteredRMSPropState()`.
        learning_rate: Step size η ≥ 0. PyTorch's default is 0.01.
        beta2: Decay β₂ of the mean and of the variance, 0 ≤ β₂ < 1: 0.99 in PyTorch. At
            0 there is no deviation.
        eps: ε ≥ 0, added to the root. At 0, an entry whose gradients have all been zero
            would move by 0/0; in float16, 1e-8 rounds to 0.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or eps is negative or not finite, beta2 not in
            [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import CenteredRMSPropState, centered_rmsprop_step

        param, state = 0.0, CenteredRMSPropState()
        for _ in range(3):  # a constant slope, by longer and longer steps
            param, state = centered_rmsprop_step(
                param, 1.0, state, learning_rate=0.1, beta2=0.5
            )
            print(f"{param:.4f} {state.m} {state.variance}")
        ```

        ```text {.output}
        -0.2000 0.5 0.25
        -0.4309 0.75 0.1875
        -0.7333 0.875 0.109375
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, eps=eps, beta2=beta2)

    apart = grad - state.m
    # Not the mean square less m², which rounds to less than 0, and its root to NaN.
    variance = beta2 * (state.variance + (1 - beta2) * (apart * apart))
    m = beta2 * state.m + (1 - beta2) * grad
    param = param - learning_rate * grad / (variance**0.5 + eps)
    return param, CenteredRMSPropState(m, variance)
