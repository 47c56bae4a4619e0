r"""AdaGrad: each entry of the gradient divided by the root of the sum of its squares.

<!-- formula
theta_t_1, g_t, v_t_1 = normal(), normal(), real(0, 2)
eta, varepsilon, state = real(0.1, 1), real(0.1, 1), dlref.optimizers.AdaGradState(v_t_1)
theta_t, (v_t,) = dlref.optimizers.adagrad_step(
    theta_t_1, g_t, state, learning_rate=eta, eps=varepsilon
)
-->

$$
\begin{aligned}
v_t &= v_{t-1} + g_t^2 \\
\theta_t &= \theta_{t-1} - \eta \, \frac{g_t}{\sqrt{v_t} + \varepsilon}
\end{aligned}
$$

An entry that rarely has a gradient keeps its long steps for when it has one. v only
grows, so that every entry slows down for good: under a constant gradient step t is η/√t
long, and the way grows with 2√t. RMSProp has a running mean in the place of the sum.

Source: Duchi, Hazan and Singer 2011, "Adaptive Subgradient Methods for Online Learning
and Stochastic Optimization". https://jmlr.org/papers/v12/duchi11a.html
ε outside the square root: `torch.optim.Adagrad`.
https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html

Question: [DL0048][dl0048]
"""

from typing import Any, NamedTuple, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import check_settings, check_step

__all__ = ["AdaGradState", "adagrad_step"]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


class AdaGradState(NamedTuple):
    """What AdaGrad remembers of one parameter. `AdaGradState()` is before step 1.

    Attributes:
        v: Sum of the squared gradients so far.
    """

    v: Any = 0.0


@public
def adagrad_step(
    param: Array,
    grad: Array,
    state: AdaGradState,
    *,
    learning_rate: float = 0.01,
    eps: float = 1e-10,
) -> tuple[Array, AdaGradState]:
    """Move each entry by η times its gradient over the size of all its gradients.

    The defaults are PyTorch's.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `AdaGradState()`.
        learning_rate: Step size η ≥ 0. The first step moves every entry by about η.
        eps: ε ≥ 0, added to the root. At 0, an entry whose gradients have all been zero
            would move by 0/0; in float16, 1e-10 rounds to 0.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate or eps is negative or not finite, or the shapes
            differ.

    Example:
        ```python
        from dlref.optimizers import AdaGradState, adagrad_step

        param, state = 0.0, AdaGradState()
        for grad in 3.0, 4.0, 12.0:  # √v = 3, then 5, then 13
            param, state = adagrad_step(param, grad, state, learning_rate=0.1)
            print(f"{param:.4f} {state.v}")
        ```

        ```text {.output}
        -0.1000 9.0
        -0.1800 25.0
        -0.2723 169.0
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, eps=eps)

    # Not grad**2, which raises OverflowError for a huge float instead of giving ∞.
    v = state.v + grad * grad
    param = param - learning_rate * grad / (v**0.5 + eps)
    return param, AdaGradState(v)
