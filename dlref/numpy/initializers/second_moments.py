r"""Second moments through depth: what a signal, and its gradient, should come out as.

A network of equally wide layers, z_l = W_l h_{l−1} and h_l = f(z_l), whose weights have
the mean 0 and the variance s/n, turns one second moment into the next:

<!-- formula
s, l, f, tolerance = real(1, 2), integer(2, 4), np.tanh, 0.03
f_prime, E = lambda z: 1 - np.tanh(z) ** 2, np.mean
forth = dlref.numpy.initializers.forward_second_moments(5, f, scale=s)
back = dlref.numpy.initializers.backward_second_moments(5, f, f_prime, scale=s)
sizes, u = np.sqrt([*forth[l - 2 : l + 1], *back[l - 2 : l]]), normal(5, 9)
u = u / np.sqrt(np.mean(u**2, axis=1, keepdims=True))
h_l_2, h_l_1, h_l, delta_l_1, delta_l = sizes[:, None] * u
W = dlref.numpy.initializers.variance_scaling((50_000, 9), scale=s, rng=rng)
z_l_1, z_l = W @ h_l_2, W @ h_l_1
-->

$$
\begin{aligned}
E[z_l^2] &= s \, E[h_{l-1}^2] \\
E[h_l^2] &= E[f(z_l)^2] \\
E[\delta_{l-1}^2] &= s \, E[f'(z_{l-1})^2] \, E[\delta_l^2]
\end{aligned}
$$

δ_l is the gradient of the loss in z_l. Every z is taken as normal, which holds for wide
layers, and W_l in the way back as independent of the way forth.

E[relu(z)²] is exactly half of E[z²], as z is symmetric: s = 2 keeps both moments, s = 1
halves them at each layer. It is the second moment that stays, not the variance: a ReLU's
outputs have a mean.

Source: He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", section 2.2.
https://arxiv.org/abs/1502.01852

Question: [DL0049][dl0049]
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from dlref._checks.numbers import check_non_negative
from dlref._checks.parameters import check_network
from dlref.numpy._arguments import public

__all__ = ["backward_second_moments", "forward_second_moments", "second_moment"]

# Midpoints: none falls on the kink of a ReLU at 0, and both halves weigh alike.
_NODES = (np.arange(-5000, 5000) + 0.5) / 500
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()


@public
def second_moment(function: Callable[[Any], Any], variance: float = 1.0) -> float:
    """Average f(z)² over a normal z with mean 0, by quadrature.

    1/√ of this, at variance 1, is the gain that keeps a second moment of 1.

    Args:
        function: f, of an array, entry by entry: an activation, or its slope.
        variance: Variance of z, at least 0.

    Returns:
        E[f(z)²].

    Raises:
        ValueError: If variance is negative or not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.initializers import second_moment

        print(f"relu {second_moment(lambda z: np.maximum(z, 0)):.4f}")
        print(f"tanh {second_moment(np.tanh):.4f}")
        ```

        ```text {.output}
        relu 0.5000
        tanh 0.3943
        ```
    """
    check_non_negative(variance=variance)

    values = np.asarray(function(math.sqrt(variance) * _NODES), float)
    return float((_WEIGHTS * values**2).sum())


@public
def forward_second_moments(
    depth: int, activation: Callable[[Any], Any], *, scale: float = 1.0
) -> Float[np.ndarray, " layers"]:
    """Predict E[h²] of the input and of each layer, when it is 1 at the input.

    Args:
        depth: Number of layers.
        activation: f, of an array, entry by entry.
        scale: s = n Var(w), at least 0: 1 for Xavier, 2 for He.

    Returns:
        E[h_0²] = 1, E[h_1²] and so on: one more than layers.

    Raises:
        TypeError: If depth is no integer.
        ValueError: If depth is below 1, scale negative or not finite, or a moment
            overflows.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.initializers import forward_second_moments

        def relu(z):
            return np.maximum(z, 0)

        print(forward_second_moments(3, relu, scale=1.0).round(12))
        print(forward_second_moments(3, relu, scale=2.0).round(12))
        ```

        ```text {.output}
        [1.    0.5   0.25  0.125]
        [1. 1. 1. 1.]
        ```
    """
    check_network(depth, scale)

    moments = [1.0]
    for _ in range(depth):
        moments.append(second_moment(activation, scale * moments[-1]))
    return np.array(moments)


@public
def backward_second_moments(
    depth: int,
    activation: Callable[[Any], Any],
    slope: Callable[[Any], Any],
    *,
    scale: float = 1.0,
) -> Float[np.ndarray, " layers"]:
    """Predict E[δ²] of each layer, in units of the last one's.

    The activations may look healthy while this explodes: a saturated tanh has outputs
    near ±1 whatever the scale.

    Args:
        depth: Number of layers.
        activation: f, of an array, entry by entry.
        slope: Its derivative f'.
        scale: s = n Var(w), at least 0: 1 for Xavier, 2 for He.

    Returns:
        E[δ_1²] and so on, up to E[δ_depth²] = 1.

    Raises:
        TypeError: If depth is no integer.
        ValueError: If depth is below 1, scale negative or not finite, or a moment
            overflows.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.initializers import backward_second_moments

        def relu(z):
            return np.maximum(z, 0)

        def step(z):
            return z > 0

        print(backward_second_moments(3, relu, step, scale=1.0).round(12))
        ```

        ```text {.output}
        [0.25 0.5  1.  ]
        ```
    """
    variances = scale * forward_second_moments(depth, activation, scale=scale)[:-1]
    factors = [scale * second_moment(slope, variance) for variance in variances[:-1]]
    return np.cumprod([1.0, *reversed(factors)])[::-1]
