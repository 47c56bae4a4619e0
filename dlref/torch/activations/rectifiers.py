r"""Rectifiers: nothing happens above 0; below it a slope is taken down, or away.

$$
\operatorname{ReLU}(x) = \max(0, x)
$$

A ReLU passes the gradient on as it is, or not at all. A unit that no example turns on is
dead: its own weights get no gradient from this data. A leaky ReLU keeps a slope a below
0; an ELU bends smoothly towards −α:

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

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dlref._checks.activations import check_leaky, check_pre_activations, check_shaped
from dlref._checks.arrays import check_floating
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = [
    "dead_units",
    "elu",
    "leaky_relu",
    "relu",
]


@public
def relu(x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Clip each entry at 0: it stays what it is, or nothing of it is left.

    Args:
        x: Any real numbers.

    Returns:
        max(0, x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import torch
        from dlref.torch.activations import relu

        x = torch.tensor([-3.0, 2.0])
        print("|x| = relu(x) + relu(-x):", *(relu(x) + relu(-x)).tolist())
        ```

        ```text {.output}
        |x| = relu(x) + relu(-x): 3.0 2.0
        ```
    """
    check_floating("x", x)

    return torch.where(x <= 0, 0, x)  # NaN stays


@public
def leaky_relu(
    x: Float[Tensor, "*batch"], *, negative_slope: float = 0.01
) -> Float[Tensor, "*batch"]:
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
        import torch
        from dlref.torch.activations import leaky_relu

        print(leaky_relu(torch.tensor([-3.0, 2.0]), negative_slope=0.25).tolist())
        ```

        ```text {.output}
        [-0.75, 2.0]
        ```
    """
    check_leaky(x, negative_slope)

    return torch.where(x > 0, x, negative_slope * x)


@public
def elu(x: Float[Tensor, "*batch"], *, alpha: float = 1.0) -> Float[Tensor, "*batch"]:
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
        import math

        import torch
        from dlref.torch.activations import elu

        x = torch.tensor([-math.log(4), 2.0])
        print(*(f"{y:.4f}" for y in elu(x, alpha=2.0)))
        ```

        ```text {.output}
        -1.5000 2.0000
        ```
    """
    check_shaped(x, alpha=alpha)

    wide = widened(x)
    below = alpha * wide.clamp(max=0).expm1()  # exp(1e4) would overflow
    return torch.where(wide > 0, wide, below).to(x.dtype)


@public
def dead_units(
    pre_activations: Float[Tensor, "*batch units"],
) -> Bool[Tensor, " units"]:
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
        import torch
        from dlref.torch.activations import dead_units

        z = torch.tensor([[-1.0, 2.0, 0.0], [-3.0, -1.0, -2.0]])  # two examples
        print(dead_units(z).tolist())
        ```

        ```text {.output}
        [True, False, True]
        ```
    """
    check_pre_activations(pre_activations)

    return (pre_activations[None] <= 0).flatten(0, -2).all(dim=0)
