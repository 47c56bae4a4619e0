r"""Lion: the sign of a mean of the gradient, so that every entry moves equally far.

<!-- formula
theta_t_1, g_t, m_t_1, eta, lambda_ = normal(), normal(), normal(), real(0, 1), real(0, 1)
beta_1, beta_2 = real(0.1, 0.9), real(0.1, 0.9)
state, sign = dlref.optimizers.LionState(m_t_1), np.sign
theta_t, (m_t,) = dlref.optimizers.lion_step(
    theta_t_1, g_t, state, learning_rate=eta, beta1=beta_1, beta2=beta_2,
    weight_decay=lambda_,
)
c_t = beta_1 * m_t_1 + (1 - beta_1) * g_t
-->

$$
\begin{aligned}
c_t &= \beta_1 m_{t-1} + (1 - \beta_1) \, g_t \\
\theta_t &= \theta_{t-1} -
\eta \left( \operatorname{sign}(c_t) + \lambda \, \theta_{t-1} \right) \\
m_t &= \beta_2 m_{t-1} + (1 - \beta_2) \, g_t
\end{aligned}
$$

Two decays, one mean: with β₁ < β₂ the step heeds the newest gradient more than the
memory does. The memory is half of Adam's, one number a parameter. Scale all gradients
alike, and nothing changes, without an ε.

Adam's steps are shorter than η where the gradient's sign changes; Lion's never are. So it
wants a smaller η than AdamW, and a larger λ, since what decays is ηλ.

Source: Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms".
https://arxiv.org/abs/2302.06675

Question: [DL0048][dl0048]
"""

from typing import Any, NamedTuple, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import check_settings, check_step

__all__ = ["LionState", "lion_step"]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


class LionState(NamedTuple):
    """What Lion remembers of one parameter. `LionState()` is before step 1.

    Attributes:
        m: Running mean of the gradient, at the decay β₂.
    """

    m: Any = 0.0


@public
def lion_step(
    param: Array,
    grad: Array,
    state: LionState,
    *,
    learning_rate: float = 1e-4,
    beta1: float = 0.9,
    beta2: float = 0.99,
    weight_decay: float = 0.0,
) -> tuple[Array, LionState]:
    """Shrink each entry by the factor 1 − ηλ, then move it by η, up or down.

    An entry stays where it is only if mean and gradient cancel to exactly 0.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape, without any decay.
        state: State after the previous step, or `LionState()`.
        learning_rate: Step size η ≥ 0: how far every entry moves.
        beta1: Share β₁ of the mean in the step's direction, 0 ≤ β₁ < 1.
        beta2: Decay β₂ of the mean, 0 ≤ β₂ < 1.
        weight_decay: λ ≥ 0, scaled by the learning rate as in `adamw_step`.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or weight_decay is negative or not finite, beta1 or
            beta2 not in [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import LionState, lion_step

        param, state = 1.0, LionState()
        for grad in 1000.0, 1.0, -100.0:  # the last one turns c, but not yet m
            param, state = lion_step(param, grad, state, learning_rate=0.25)
            print(param, round(state.m, 4))
        ```

        ```text {.output}
        0.75 10.0
        0.5 9.91
        0.75 8.8109
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, weight_decay=weight_decay)
    check_settings(beta1=beta1, beta2=beta2)

    c = beta1 * state.m + (1 - beta1) * grad
    sign = c / (abs(c) + (c == 0))  # 0/1 where c is 0
    param = param * (1 - learning_rate * weight_decay) - learning_rate * sign
    m = beta2 * state.m + (1 - beta2) * grad
    return param, LionState(m)
