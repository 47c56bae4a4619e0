r"""Adam: the running mean of the gradient over its running root mean square.

$$
\begin{aligned}
m_t &= \beta_1 m_{t-1} + (1 - \beta_1)\,g_t \\
v_t &= \beta_2 v_{t-1} + (1 - \beta_2)\,g_t^2 \\
\hat m_t &= \frac{m_t}{1 - \beta_1^t} \qquad \hat v_t = \frac{v_t}{1 - \beta_2^t} \\
\theta_t &= \theta_{t-1} - \eta\,\frac{\hat m_t}{\sqrt{\hat v_t} + \varepsilon}
\end{aligned}
$$

v is the second raw moment, no variance: under a constant gradient v̂ = g², whereas the
variance is 0. Both means start at 0, and the hats undo that. The first step is therefore
−η sign(g), whatever the length of g. Without the hats it would not be shorter, but 3.16
times as long at the defaults: m is a tenth of g by then, and √v only 0.032 of |g|.

AdamW shrinks the parameter outside of this fraction. Weight decay added to the gradient
is divided by √v̂ like the rest, so that a large weight and a small one shrink alike.

AMSGrad divides by the largest v so far: a rare large gradient is not forgotten.

Source: Kingma and Ba 2015, "Adam: A Method for Stochastic Optimization", algorithm 1.
https://arxiv.org/abs/1412.6980
AdamW: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
https://arxiv.org/abs/1711.05101
AMSGrad: Reddi, Kale and Kumar 2018, "On the Convergence of Adam and Beyond".
https://arxiv.org/abs/1904.09237

Question: [DL0048][dl0048]
"""

from typing import Any, NamedTuple, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import check_settings, check_step

__all__ = ["AMSGradState", "AdamState", "adam_step", "adamw_step", "amsgrad_step"]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


class AdamState(NamedTuple):
    """What Adam remembers of one parameter. `AdamState()` is before step 1.

    Attributes:
        step: Number t of steps taken.
        m: Running mean of the gradient, without the hat.
        v: Running mean of the squared gradient, without the hat.
    """

    step: int = 0
    m: Any = 0.0
    v: Any = 0.0


class AMSGradState(NamedTuple):
    """What AMSGrad remembers of one parameter. `AMSGradState()` is before step 1.

    Attributes:
        step: Number t of steps taken.
        m: Running mean of the gradient, without the hat.
        v: Running mean of the squared gradient, without the hat.
        v_max: Largest v so far, entry by entry.
    """

    step: int = 0
    m: Any = 0.0
    v: Any = 0.0
    v_max: Any = 0.0


@public
def adam_step(
    param: Array,
    grad: Array,
    state: AdamState,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, AdamState]:
    """Move each entry by η m̂ / (√v̂ + ε).

    The defaults are the paper's, and PyTorch's.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `AdamState()`.
        learning_rate: Step size η ≥ 0. The first step moves every entry by about η.
        beta1: Decay β₁ of the gradient's mean, 0 ≤ β₁ < 1.
        beta2: Decay β₂ of the mean square, 0 ≤ β₂ < 1.
        eps: ε ≥ 0, added outside the square root. At 0, an entry whose gradients have
            all been zero would move by 0/0; in float16, 1e-8 rounds to 0.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or eps is negative or not finite, beta1 or beta2 not
            in [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import AdamState, adam_step

        param, state = 1.0, AdamState()
        for grad in 0.5, 0.5, -0.5:
            param, state = adam_step(param, grad, state, learning_rate=0.1)
            print(f"{param:.4f}")
        ```

        ```text {.output}
        0.9000
        0.8000
        0.7738
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, eps=eps, beta1=beta1, beta2=beta2)

    step = state.step + 1
    m = beta1 * state.m + (1 - beta1) * grad
    # Not grad**2, which raises OverflowError for a huge float instead of giving ∞.
    v = beta2 * state.v + (1 - beta2) * (grad * grad)
    m_hat = m / (1 - beta1**step)
    v_hat = v / (1 - beta2**step)
    param = param - learning_rate * m_hat / (v_hat**0.5 + eps)
    return param, AdamState(step, m, v)


@public
def adamw_step(
    param: Array,
    grad: Array,
    state: AdamState,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    weight_decay: float = 1e-2,
) -> tuple[Array, AdamState]:
    """Shrink each entry by the factor 1 − ηλ, then take Adam's step.

    The shrinkage never enters m and v. As in PyTorch it is scaled by the learning rate;
    in the paper, by the schedule's multiplier alone, so that its λ is this ηλ.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape, without any decay.
        state: State after the previous step, or `AdamState()`.
        learning_rate: Step size η ≥ 0.
        beta1: Decay β₁ of the gradient's mean, 0 ≤ β₁ < 1.
        beta2: Decay β₂ of the mean square, 0 ≤ β₂ < 1.
        eps: ε ≥ 0, as in `adam_step`.
        weight_decay: λ ≥ 0. The default is PyTorch's.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate, eps or weight_decay is negative or not finite, beta1
            or beta2 not in [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import AdamState, adamw_step

        for param in 1.0, 0.01:  # no gradient: both lose the same share, 0.1 · 0.5
            shrunk, _ = adamw_step(
                param, 0.0, AdamState(), learning_rate=0.1, weight_decay=0.5
            )
            print(f"{shrunk:.4f}")
        ```

        ```text {.output}
        0.9500
        0.0095
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, weight_decay=weight_decay)

    return adam_step(
        param * (1 - learning_rate * weight_decay),
        grad,
        state,
        learning_rate=learning_rate,
        beta1=beta1,
        beta2=beta2,
        eps=eps,
    )


@public
def amsgrad_step(
    param: Array,
    grad: Array,
    state: AMSGradState,
    *,
    learning_rate: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Array, AMSGradState]:
    """Take Adam's step with the largest v so far in the place of v.

    As in PyTorch, the maximum is taken of v, and the correction comes after it. optax
    takes the maximum of v̂, which starts out larger than v: its path is another one. The
    paper's own AMSGrad corrects neither mean.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `AMSGradState()`.
        learning_rate: Step size η ≥ 0.
        beta1: Decay β₁ of the gradient's mean, 0 ≤ β₁ < 1.
        beta2: Decay β₂ of the mean square, 0 ≤ β₂ < 1.
        eps: ε ≥ 0, as in `adam_step`.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or eps is negative or not finite, beta1 or beta2 not
            in [0, 1), or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import AMSGradState, amsgrad_step

        param, state = 0.0, AMSGradState()
        for grad in 8.0, 0.0, 0.0:
            param, state = amsgrad_step(param, grad, state, beta2=0.5)
            print(state.v, state.v_max)
        ```

        ```text {.output}
        32.0 32.0
        16.0 32.0
        8.0 32.0
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, eps=eps, beta1=beta1, beta2=beta2)

    step = state.step + 1
    m = beta1 * state.m + (1 - beta1) * grad
    v = beta2 * state.v + (1 - beta2) * (grad * grad)
    v_max = _maximum(v, state.v_max)
    m_hat = m / (1 - beta1**step)
    v_hat = v_max / (1 - beta2**step)
    param = param - learning_rate * m_hat / (v_hat**0.5 + eps)
    return param, AMSGradState(step, m, v, v_max)


def _maximum(v: Any, v_max: Any) -> Any:
    """Take the larger entries, without NumPy's or PyTorch's maximum at hand.

    Not `(a + b + abs(a - b)) / 2`, which rounds, nor `a * (a >= b) + b * (a < b)`, which
    turns two infinities into ∞ · 0 = NaN. Both ways below pass a new NaN on.
    """
    return max(v, v_max) if isinstance(v, float) else v.clip(min=v_max)
