r"""Sigmoid and softplus: a step and a ramp, both rounded off.

<!-- formula
beta, x = real(0.1, 3), normal()
sigma = lambda x: dlref.numpy.activations.sigmoid(np.array(x))
softplus = lambda x: dlref.numpy.activations.softplus(np.array(x), beta=beta)
-->

$$
\begin{aligned}
\sigma(x) &= \frac{1}{1 + e^{-x}} \\
\operatorname{softplus}(x) &= \frac{1}{\beta} \log(1 + e^{\beta x})
\end{aligned}
$$

The slope of softplus is the sigmoid, whose own slope, σ(x) σ(−x), is a quarter at 0 and
less everywhere else. tanh(x) is 2 σ(2x) − 1: four times as steep, with mean 0.

Written as above, both overflow: exp(1000) is infinite, in float32 exp(89) is. Here they
do not.

Source: Glorot, Bordes and Bengio 2011, "Deep Sparse Rectifier Neural Networks".
https://proceedings.mlr.press/v15/glorot11a.html

Question: [DL0058][dl0058]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.activations import check_shaped
from dlref._checks.arrays import check_floating
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened

__all__ = ["sigmoid", "sigmoid_gradient", "softplus", "softplus_gradient"]


@public
def sigmoid(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Squash each entry between 0 and 1; σ(x) and σ(−x) sum to 1.

    Args:
        x: Any real numbers.

    Returns:
        σ(x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import sigmoid

        print(sigmoid(np.log([1.0, 3.0, 9.0])).round(9))
        ```

        ```text {.output}
        [0.5  0.75 0.9 ]
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    decayed = np.exp(-abs(wide))  # at most 1
    return np.asarray(np.where(wide < 0, decayed, 1) / (1 + decayed), x.dtype)


@public
def sigmoid_gradient(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Take the slope of the sigmoid: at most 1/4, and even in x.

    Args:
        x: Any real numbers.

    Returns:
        σ'(x) = σ(x) σ(−x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import sigmoid_gradient

        print(sigmoid_gradient(np.log([1.0, 3.0, 9.0])).round(9))
        ```

        ```text {.output}
        [0.25   0.1875 0.09  ]
        ```
    """
    check_floating("x", x)

    decayed = np.exp(-abs(widened(x)))  # 1 − σ(x) would lose digits
    return np.asarray(decayed / (1 + decayed) ** 2, x.dtype)


@public
def softplus(
    x: Float[np.ndarray, "*batch"], *, beta: float = 1.0
) -> Float[np.ndarray, "*batch"]:
    """Round the corner of a ReLU; the larger β, the less.

    Args:
        x: Any real numbers.
        beta: Sharpness β above 0.

    Returns:
        log(1 + exp(βx)) / β, in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If beta is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import softplus

        y = softplus(np.array([-1000.0, 0.0, 1000.0]))
        print(*y.round(4), "and log 2 =", np.log(2).round(4))
        ```

        ```text {.output}
        0.0 0.6931 1000.0 and log 2 = 0.6931
        ```
    """
    check_shaped(x, beta=beta)

    return np.asarray(np.logaddexp(0, beta * widened(x)) / beta, x.dtype)


@public
def softplus_gradient(
    x: Float[np.ndarray, "*batch"], *, beta: float = 1.0
) -> Float[np.ndarray, "*batch"]:
    """Take the slope of softplus: a sigmoid.

    Args:
        x: Any real numbers.
        beta: Sharpness β above 0.

    Returns:
        σ(βx), in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If beta is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import softplus_gradient

        print(softplus_gradient(np.log([1.0, 3.0]), beta=2.0).round(9))
        ```

        ```text {.output}
        [0.5 0.9]
        ```
    """
    check_shaped(x, beta=beta)

    return np.asarray(sigmoid(np.asarray(beta * widened(x))), x.dtype)
