r"""The bowl on which optimizers are understood: how large η may be, and which is best.

Near a minimum a loss is a bowl, hθ²/2 along each direction of curvature h, with the
gradient hθ. There a step with momentum is the same linear map of (θ, u) each time, so
that everything about it is known. With the momentum μ the distance shrinks if η is below

<!-- formula
h, mu = real(0.1, 10), real(0, 1)
eta_max = dlref.optimizers.largest_stable_learning_rate(h, momentum=mu)
-->

$$
\eta_{\max} = \frac{2 \, (1 + \mu)}{h}
$$

and with Nesterov's momentum if it is below

<!-- formula
h, mu = real(0.1, 10), real(0, 1)
eta_max = dlref.optimizers.largest_stable_learning_rate(h, momentum=mu, nesterov=True)
-->

$$
\eta_{\max} = \frac{2 \, (1 + \mu)}{(1 + 2\mu) \, h}
$$

So at μ = 0.9 momentum stands almost twice the learning rate of plain descent, and
Nesterov's two thirds of it.

Of many directions the steepest limits η, and the flattest is then slow. Between the
curvatures h_1 and h_2, the best momentum shrinks all of them by the same factor ρ:

<!-- formula
h_1, h_2 = real(0.1, 1), real(1, 10)
eta, mu, rho = dlref.optimizers.heavy_ball_optimum(h_1, h_2)
kappa = h_2 / h_1
-->

$$
\begin{aligned}
\eta &= \frac{4}{(\sqrt{h_2} + \sqrt{h_1})^2} \qquad \mu = \rho^2 \\
\rho &= \frac{\sqrt\kappa - 1}{\sqrt\kappa + 1} \qquad \kappa = \frac{h_2}{h_1}
\end{aligned}
$$

Plain descent has κ in the place of its root. At κ = 100 that is 0.98 against 0.82 a step.

Source: Goh 2017, "Why Momentum Really Works", Distill: "The Dynamics of Momentum", and
"Optimal parameters". https://distill.pub/2017/momentum/

Question: [DL0062][dl0062]
"""

from math import sqrt
from typing import NamedTuple

from dlref._arguments import public
from dlref._checks.parameters import check_bowl

__all__ = [
    "HeavyBallOptimum",
    "heavy_ball_optimum",
    "largest_stable_learning_rate",
]


class HeavyBallOptimum(NamedTuple):
    """The settings that shrink every direction of a bowl fastest, and how fast.

    Attributes:
        learning_rate: Step size η.
        momentum: Share μ of the velocity that survives a step.
        rate: Factor ρ by which the distance shrinks per step, after many steps.
    """

    learning_rate: float
    momentum: float
    rate: float


@public
def largest_stable_learning_rate(
    curvature: float, *, momentum: float = 0.0, nesterov: bool = False
) -> float:
    """Return the learning rate at which a direction of a bowl stops to converge.

    Below it the distance dies out, at it there is a path that does not, and above it
    almost every path grows.

    Args:
        curvature: Second derivative h > 0 of the loss, the largest of a bowl.
        momentum: Share μ of the velocity that survives a step, 0 ≤ μ < 1.
        nesterov: Whether steps are those of `nesterov_step`, not of `momentum_step`.

    Returns:
        2(1 + μ)/h; for Nesterov's momentum that over 1 + 2μ, which is less than the 2/h
        of plain descent.

    Raises:
        TypeError: If curvature or momentum is no number, or nesterov no truth.
        ValueError: If curvature is not above 0 and finite, or momentum not in [0, 1).

    Example:
        ```python
        from dlref.optimizers import largest_stable_learning_rate

        for nesterov in False, True:
            limit = largest_stable_learning_rate(1.0, momentum=0.75, nesterov=nesterov)
            print(limit)
        ```

        ```text {.output}
        3.5
        1.4
        ```
    """
    check_bowl(curvature=curvature, momentum=momentum)

    narrower = 1 + 2 * momentum if nesterov else 1
    return 2 * (1 + momentum) / narrower / curvature


@public
def heavy_ball_optimum(smallest: float, largest: float) -> HeavyBallOptimum:
    """Return the learning rate and momentum that shrink all directions equally fast.

    That is the fastest of `momentum_step` on a bowl, for settings that stay. The first
    steps can lead away all the same. On a loss that is no bowl, and with noise, other
    settings are better.

    Args:
        smallest: Least curvature h₁ > 0 of the bowl.
        largest: Greatest curvature h₂ ≥ h₁.

    Returns:
        Learning rate, momentum and rate.

    Raises:
        TypeError: If smallest or largest is no number.
        ValueError: If one is not above 0 and finite, or smallest is above largest.

    Example:
        ```python
        from dlref.optimizers import heavy_ball_optimum

        print(heavy_ball_optimum(1.0, 9.0))  # (2 / 4)², and 1/2 = (3 − 1)/(3 + 1)
        ```

        ```text {.output}
        HeavyBallOptimum(learning_rate=0.25, momentum=0.25, rate=0.5)
        ```
    """
    check_bowl(smallest=smallest, largest=largest)

    low, high = sqrt(smallest), sqrt(largest)
    rate = (high - low) / (high + low)
    return HeavyBallOptimum(4 / (high + low) ** 2, rate**2, rate)
