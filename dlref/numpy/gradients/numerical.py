r"""Finite differences: a gradient without calculus, to judge one that was derived.

A central difference is off by a term in h², and by the rounding of f over h:

$$
\begin{aligned}
\hat g &= \frac{f(x + h) - f(x - h)}{2h} \\
\hat g - f'(x) &\approx \frac{h^2}{6} f^{(3)}(x)
\end{aligned}
$$

So a smaller step is not a better one. With ε the distance from 1 to the next number, both
are alike in size at

<!-- formula
varepsilon, x = float(np.finfo(float).eps), np.array(0.0)
seen = []
dlref.numpy.gradients.numerical_gradient(lambda x: seen.append(float(x)) or 0.0, x)
h_star = (seen[0] - seen[1]) / 2
-->

$$
h^* = \sqrt[3]{\varepsilon}
$$

which is 6e-6 in float64 and 5e-3 in float32, times |x| where that is above 1.

Source: Stanford's CS231n, "Learning", section "Gradient Checks".
https://cs231n.github.io/neural-networks-3/#gradcheck

Question: [DL0060][dl0060]
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float

from dlref._checks.backpropagation import check_difference, check_value
from dlref.numpy._arguments import public

__all__ = ["numerical_gradient"]


@public
def numerical_gradient(
    function: Callable[[Any], Any],
    x: Float[np.ndarray, "*axes"],
    *,
    step: float | None = None,
) -> Float[np.ndarray, "*axes"]:
    """Take a central difference in each entry: two calls for each, and x is left alone.

    Use float64. At a bend, as of a ReLU at 0, a difference is the mean of both slopes.

    Args:
        function: From an array like x to one number.
        x: Where to differentiate.
        step: Distance h to both sides, above 0. None is the cube root of the dtype's ε,
            times |x| where that is above 1.

    Returns:
        Gradient, approximately, in the shape of x.

    Raises:
        TypeError: If function is none, x not floating point, or what the function returns
            no real number.
        ValueError: If step is not above 0, or too small to change x; if the function
            returns more than one number.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.gradients import numerical_gradient

        gradient = numerical_gradient(lambda x: x[0] * x[1] ** 2, np.array([3.0, 5.0]))
        print(gradient.round(6))  # y², 2xy
        ```

        ```text {.output}
        [25. 30.]
        ```
    """
    check_difference(x, step)

    cube_root = np.cbrt(np.finfo(x.dtype).eps)
    steps = cube_root * np.maximum(1, abs(x)) if step is None else np.full(x.shape, step)
    gradient = np.empty_like(x)
    for i in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[i] += steps[i]
        below[i] -= steps[i]
        run = above[i] - below[i]  # 2h, as it was rounded
        gradient[i] = (_value(function(above)) - _value(function(below))) / run
    return gradient


def _value(value: Any) -> float:
    """Take what a function returned as a number."""
    check_value(value)
    return float(value)
