r"""Sigmoid and softplus: a step and a ramp, both rounded off.

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

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.activations import check_shaped
from dlref._checks.arrays import check_floating
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["sigmoid", "softplus"]


@public
def sigmoid(x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Squash each entry between 0 and 1; σ(x) and σ(−x) sum to 1.

    Args:
        x: Any real numbers.

    Returns:
        σ(x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import torch
        from dlref.torch.activations import sigmoid

        x = torch.tensor([1.0, 3.0, 9.0]).log()
        print(*(f"{y:.4f}" for y in sigmoid(x)))
        ```

        ```text {.output}
        0.5000 0.7500 0.9000
        ```
    """
    check_floating("x", x)

    return x.sigmoid()


@public
def softplus(x: Float[Tensor, "*batch"], *, beta: float = 1.0) -> Float[Tensor, "*batch"]:
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
        import torch
        from dlref.torch.activations import softplus

        y = softplus(torch.tensor([-1000.0, 0.0, 1000.0]))
        print(*(f"{entry:.4f}" for entry in y), "log 2 = 0.6931")
        ```

        ```text {.output}
        0.0000 0.6931 1000.0000 log 2 = 0.6931
        ```
    """
    check_shaped(x, beta=beta)

    wide = beta * widened(x)
    return (torch.logaddexp(torch.zeros_like(wide), wide) / beta).to(x.dtype)
