r"""Rectifiers: nothing happens above 0; below it a slope is taken down, or away.

<!-- formula
x = normal()
ReLU = lambda x: dlref.numpy.activations.relu(np.array(x))
-->

$$
\operatorname{ReLU}(x) = \max(0, x)
$$

A ReLU passes the gradient on as it is, or not at all. A unit that no example turns on is
dead: its own weights get no gradient from this data. A leaky ReLU keeps a slope a below
0; an ELU bends smoothly towards −α:

<!-- formula
a, alpha, x = real(-0.5, 0.9), real(0.1, 3), normal()
LeakyReLU = lambda x: dlref.numpy.activations.leaky_relu(np.array(x), negative_slope=a)
ELU = lambda x: dlref.numpy.activations.elu(np.array(x), alpha=alpha)
-->

$$
\begin{aligned}
\operatorname{LeakyReLU}(x) &= \max(0, x) + a \min(0, x) \\
\operatorname{ELU}(x) &= \max(0, x) + \alpha\,(e^{\min(0, x)} - 1)
\end{aligned}
$$

At 0 a ReLU has no derivative. Its slope there is taken as 0, as PyTorch does; that of a
leaky ReLU as a, that of an ELU as α, which for α = 1 is exact.

Source: Clevert, Unterthiner and Hochreiter 2015, "Fast and Accurate Deep Network Learning
by Exponential Linear Units (ELUs)". https://arxiv.org/abs/1511.07289

Question: [DL0058][dl0058]
"""

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.activations import check_leaky, check_pre_activations, check_shaped
from dlref._checks.arrays import check_floating
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = [
    "dead_units",
    "elu",
    "elu_gradient",
    "leaky_relu",
    "leaky_relu_gradient",
    "relu",
    "relu_gradient",
]


@public
def relu(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Clip each entry at 0: it stays what it is, or nothing of it is left.

    Args:
        x: Any real numbers.

    Returns:
        max(0, x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import relu

        x = np.array([-3.0, 2.0])
        print("|x| = relu(x) + relu(-x):", *relu(x) + relu(-x))
        ```

        ```text {.output}
        |x| = relu(x) + relu(-x): 3.0 2.0
        ```
    """
    check_floating("x", x)

    return np.asarray(np.where(x <= 0, 0, x), x.dtype)  # NaN stays


@public
def relu_gradient(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Take the slope of a ReLU: 1 above 0, else 0.

    Args:
        x: Any real numbers.

    Returns:
        The slope at x, in its shape.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import relu_gradient

        print(relu_gradient(np.array([-3.0, 0.0, 2.0])))
        ```

        ```text {.output}
        [0. 0. 1.]
        ```
    """
    check_floating("x", x)

    return np.asarray(x > 0, x.dtype)


@public
def leaky_relu(
    x: Float[np.ndarray, "*batch"], *, negative_slope: float = 0.01
) -> Float[np.ndarray, "*batch"]:
    """Multiply what is below 0 by a slope; a slope of 0 makes it a ReLU.

    Args:
        x: Any real numbers.
        negative_slope: Slope a below 0.

    Returns:
        x or a x, in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If negative_slope is not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import leaky_relu

        print(leaky_relu(np.array([-3.0, 2.0]), negative_slope=0.25))
        ```

        ```text {.output}
        [-0.75  2.  ]
        ```
    """
    check_leaky(x, negative_slope)

    return np.asarray(np.where(x > 0, x, negative_slope * x), x.dtype)


@public
def leaky_relu_gradient(
    x: Float[np.ndarray, "*batch"], *, negative_slope: float = 0.01
) -> Float[np.ndarray, "*batch"]:
    """Take the slope of a leaky ReLU: 1 above 0, else a.

    Args:
        x: Any real numbers.
        negative_slope: Slope a below 0.

    Returns:
        The slope at x, in its shape.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If negative_slope is not finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import leaky_relu_gradient

        print(leaky_relu_gradient(np.array([-3.0, 2.0]), negative_slope=0.25))
        ```

        ```text {.output}
        [0.25 1.  ]
        ```
    """
    check_leaky(x, negative_slope)

    return np.asarray(np.where(x > 0, 1, negative_slope), x.dtype)


@public
def elu(
    x: Float[np.ndarray, "*batch"], *, alpha: float = 1.0
) -> Float[np.ndarray, "*batch"]:
    """Let what is below 0 go smoothly towards −α.

    Args:
        x: Any real numbers.
        alpha: Depth α above 0. With 1 there is no corner at 0.

    Returns:
        x or α (exp(x) − 1), in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If alpha is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import elu

        print(elu(np.array([-np.log(4.0), 2.0]), alpha=2.0))
        ```

        ```text {.output}
        [-1.5  2. ]
        ```
    """
    check_shaped(x, alpha=alpha)

    wide = widened(x)
    below = alpha * np.expm1(np.minimum(wide, 0))  # exp(1e4) would overflow
    return np.asarray(np.where(wide > 0, wide, below), x.dtype)


@public
def elu_gradient(
    x: Float[np.ndarray, "*batch"], *, alpha: float = 1.0
) -> Float[np.ndarray, "*batch"]:
    """Take the slope of an ELU: 1 above 0, else α exp(x).

    Args:
        x: Any real numbers.
        alpha: Depth α above 0.

    Returns:
        The slope at x, in its shape.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If alpha is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import elu_gradient

        print(elu_gradient(np.array([-np.log(4.0), 2.0]), alpha=2.0))
        ```

        ```text {.output}
        [0.5 1. ]
        ```
    """
    check_shaped(x, alpha=alpha)

    wide = widened(x)
    below = alpha * np.exp(np.minimum(wide, 0))
    return np.asarray(np.where(wide > 0, 1, below), x.dtype)


@public
def dead_units(
    pre_activations: Float[np.ndarray, "*batch units"],
) -> Bool[np.ndarray, " units"]:
    """Find the units of a ReLU layer that no example turns on.

    Such a unit is 0 for all of them and gets no gradient from any. Other data may turn it
    on, and so may a change of the layers before it.

    Args:
        pre_activations: What stands before the ReLU, one row for each example.

    Returns:
        True for each unit without a positive entry.

    Raises:
        TypeError: If pre_activations are not floating point.
        ValueError: If they have no axis, or no example.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import dead_units

        z = np.array([[-1.0, 2.0, 0.0], [-3.0, -1.0, -2.0]])  # two examples
        print(dead_units(z))
        ```

        ```text {.output}
        [ True False  True]
        ```
    """
    check_pre_activations(pre_activations)

    examples = tuple(range(pre_activations.ndim - 1))
    return np.asarray((pre_activations <= 0).all(axis=examples))
