r"""Gradient descent, and the same with a velocity that remembers earlier gradients.

<!-- formula
theta_t_1, g_t, u_t_1, eta, mu = normal(), normal(), normal(), real(0, 1), real(0, 1)
theta_t, (u_t,) = dlref.optimizers.momentum_step(
    theta_t_1, g_t, dlref.optimizers.MomentumState(u_t_1), learning_rate=eta, momentum=mu
)
-->

$$
\begin{aligned}
u_t &= \mu \, u_{t-1} + g_t \\
\theta_t &= \theta_{t-1} - \eta \, u_t
\end{aligned}
$$

u is the velocity and μ the momentum; μ = 0 is plain descent. Under a constant gradient
the velocity grows to g / (1 − μ): at μ = 0.9 momentum multiplies the learning rate by
ten.

Sutskever et al. put the learning rate inside the velocity, u = μu − ηg and θ = θ + u. The
path is the same as long as η is. Change η on the way, and theirs keeps taking the old
steps for a while, whereas PyTorch's and this one rescale the whole velocity at once.

Nesterov's momentum takes the gradient where the velocity is about to lead, at a
look-ahead point. PyTorch's parameter is that point itself: the gradient is the one at θ.

<!-- formula
theta_t_1, g_t, u_t_1, eta, mu = normal(), normal(), normal(), real(0, 1), real(0, 1)
theta_t, (u_t,) = dlref.optimizers.nesterov_step(
    theta_t_1, g_t, dlref.optimizers.MomentumState(u_t_1), learning_rate=eta, momentum=mu
)
-->

$$
\begin{aligned}
u_t &= \mu \, u_{t-1} + g_t \\
\theta_t &= \theta_{t-1} - \eta \, (g_t + \mu \, u_t)
\end{aligned}
$$

Source: Sutskever, Martens, Dahl and Hinton 2013, "On the importance of initialization
and momentum in deep learning".
https://proceedings.mlr.press/v28/sutskever13.html
The learning rate outside the velocity, and Nesterov's form: `torch.optim.SGD`, note.
https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html

Question: [DL0062][dl0062]
"""

from typing import Any, NamedTuple, TypeVar

from dlref._arguments import public
from dlref._checks.parameters import check_settings, check_step

__all__ = ["MomentumState", "SGDState", "momentum_step", "nesterov_step", "sgd_step"]

Array = TypeVar("Array", bound=Any)  # a float, an array or a tensor


class SGDState(NamedTuple):
    """What plain descent remembers: nothing. It is there so that all steps are alike."""


class MomentumState(NamedTuple):
    """What momentum remembers of one parameter. `MomentumState()` is before step 1.

    Attributes:
        velocity: Sum u of the gradients so far, each faded by μ per step.
    """

    velocity: Any = 0.0


@public
def sgd_step(
    param: Array,
    grad: Array,
    state: SGDState,
    *,
    learning_rate: float,
) -> tuple[Array, SGDState]:
    """Move against the gradient, by the learning rate times its length.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: `SGDState()`, always.
        learning_rate: Step size η ≥ 0. No default fits every problem.

    Returns:
        New parameter, and the same state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate is negative or not finite, or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import SGDState, sgd_step

        param, state = 1.0, SGDState()
        for _ in range(3):
            grad = 2 * param  # of the loss θ²
            param, state = sgd_step(param, grad, state, learning_rate=0.25)
            print(param)
        ```

        ```text {.output}
        0.5
        0.25
        0.125
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate)

    return param - learning_rate * grad, state


@public
def momentum_step(
    param: Array,
    grad: Array,
    state: MomentumState,
    *,
    learning_rate: float,
    momentum: float = 0.9,
) -> tuple[Array, MomentumState]:
    """Move along the velocity: the gradient, plus what is left of the earlier ones.

    Args:
        param: Parameter θ.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `MomentumState()`.
        learning_rate: Step size η ≥ 0. No default fits every problem.
        momentum: Share μ of the velocity that survives a step, 0 ≤ μ < 1.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate is negative or not finite, momentum not in [0, 1),
            or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import MomentumState, momentum_step

        param, state = 0.0, MomentumState()
        for _ in range(3):  # a constant slope: u = 1, then 1.5, then 1.75, up to 2
            param, state = momentum_step(
                param, 1.0, state, learning_rate=1.0, momentum=0.5
            )
            print(param, state.velocity)
        ```

        ```text {.output}
        -1.0 1.0
        -2.5 1.5
        -4.25 1.75
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, momentum=momentum)

    velocity = momentum * state.velocity + grad
    return param - learning_rate * velocity, MomentumState(velocity)


@public
def nesterov_step(
    param: Array,
    grad: Array,
    state: MomentumState,
    *,
    learning_rate: float,
    momentum: float = 0.9,
) -> tuple[Array, MomentumState]:
    """Move along the gradient, plus the share of the new velocity that will survive.

    From rest the first move is 1 + μ times as long as that of `momentum_step`. Under a
    constant gradient both end up equally fast.

    Args:
        param: Parameter θ, the look-ahead point: the gradient is taken there.
        grad: Gradient g of the loss at θ, of its shape.
        state: State after the previous step, or `MomentumState()`.
        learning_rate: Step size η ≥ 0. No default fits every problem.
        momentum: Share μ of the velocity that survives a step, 0 ≤ μ < 1.

    Returns:
        New parameter and new state.

    Raises:
        TypeError: If param or grad is not floating point, a setting no number, the state
            of another kind, or an array meets a tensor.
        ValueError: If learning_rate is negative or not finite, momentum not in [0, 1),
            or the shapes differ.

    Example:
        ```python
        from dlref.optimizers import MomentumState, nesterov_step

        param, state = 0.0, MomentumState()
        for _ in range(3):  # a constant slope: moves of 1.5, then 1.75, then 1.875
            param, state = nesterov_step(
                param, 1.0, state, learning_rate=1.0, momentum=0.5
            )
            print(param, state.velocity)
        ```

        ```text {.output}
        -1.5 1.0
        -3.25 1.5
        -5.125 1.75
        ```
    """
    check_step(param, grad, state)
    check_settings(learning_rate=learning_rate, momentum=momentum)

    velocity = momentum * state.velocity + grad
    param = param - learning_rate * (grad + momentum * velocity)
    return param, MomentumState(velocity)
