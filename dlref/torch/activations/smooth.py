r"""Smooth rectifiers: x times a gate of x, which opens from 0 to 1.

$$
\begin{aligned}
\operatorname{GELU}(x) &= x\,\Phi(x) \\
\operatorname{SiLU}_\beta(x) &= x\,\sigma(\beta x) \\
\operatorname{Mish}(x) &= x \tanh(\operatorname{softplus}(x))
\end{aligned}
$$

Φ is the distribution function of the standard normal. The gates of GELU and SiLU are
symmetric, so f(x) − f(−x) = x. All three dip below 0, come back to it, and are steeper
than 1 for a while: none is monotonic.

GELU's common approximation is a sigmoid gate too, of a cubic: (1 + tanh(u)) / 2 is
σ(2u). It is off by up to 4.7e-4.

SwiGLU is no function of one number: SiLU of one projection scales another.

Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units (GELUs)", section 2.
https://arxiv.org/abs/1606.08415 Swish: Ramachandran, Zoph and Le 2017, "Searching for
Activation Functions", section 4. https://arxiv.org/abs/1710.05941

Question: [DL0058][dl0058]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.activations import check_shaped
from dlref._checks.arrays import check_floating, check_shapes
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.activations.sigmoid import softplus

__all__ = [
    "gelu",
    "mish",
    "silu",
    "swiglu",
]


@public
def gelu(
    x: Float[Tensor, "*batch"], *, approximate: bool = False
) -> Float[Tensor, "*batch"]:
    """Multiply each entry by the probability that a standard normal lies below it.

    Args:
        x: Any real numbers.
        approximate: Whether to take the tanh form, as GPT-2 does. Weights that were
            trained with one form belong to it.

    Returns:
        x Φ(x), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import torch
        from dlref.torch.activations import gelu

        x = torch.tensor([-1.0, 1.0, 2.0])
        print(*(f"{y:.5f}" for y in gelu(x)))
        print(*(f"{y:.5f}" for y in gelu(x, approximate=True)))
        ```

        ```text {.output}
        -0.15866 0.84134 1.95450
        -0.15881 0.84119 1.95460
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    gate = _cubic(wide).sigmoid() if approximate else _normal_below(wide)
    return (wide * gate).to(x.dtype)


@public
def silu(x: Float[Tensor, "*batch"], *, beta: float = 1.0) -> Float[Tensor, "*batch"]:
    """Multiply each entry by its own sigmoid; also called Swish.

    Args:
        x: Any real numbers.
        beta: Sharpness β above 0: near 0 it is x/2, without end a ReLU.

    Returns:
        x σ(βx), in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If beta is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.activations import silu

        x = torch.tensor([-1.0, 1.0, 2.0])
        print(*(f"{y:.5f}" for y in silu(x)))
        print(*(f"{y:.5f}" for y in silu(x, beta=100.0)))
        ```

        ```text {.output}
        -0.26894 0.73106 1.76159
        -0.00000 1.00000 2.00000
        ```
    """
    check_shaped(x, beta=beta)

    wide = widened(x)
    return (wide * (beta * wide).sigmoid()).to(x.dtype)


@public
def mish(x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Multiply each entry by the tanh of its softplus.

    Args:
        x: Any real numbers.

    Returns:
        x tanh(softplus(x)), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import torch
        from dlref.torch.activations import mish

        print(*(f"{y:.4f}" for y in mish(torch.tensor([-1.0, 0.0, 1.0]))))
        ```

        ```text {.output}
        -0.3034 0.0000 0.8651
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    return (wide * softplus(wide).tanh()).to(x.dtype)


@public
def swiglu(
    gate: Float[Tensor, "*batch d_ff"], up: Float[Tensor, "*batch d_ff"]
) -> Float[Tensor, "*batch d_ff"]:
    """Let SiLU of one projection scale another, entry by entry.

    Args:
        gate: The projection that SiLU bends.
        up: The one that is scaled.

    Returns:
        SiLU(gate) · up, in their shape.

    Raises:
        TypeError: If gate is not floating point, or up not of its dtype.
        ValueError: If their shapes differ.

    Example:
        ```python
        import torch
        from dlref.torch.activations import swiglu

        x = torch.tensor([-3.0, 2.0])
        y = swiglu(x, x) + swiglu(-x, -x)
        print("x² = x SiLU(x) - x SiLU(-x):", *y.round(decimals=4).tolist())
        ```

        ```text {.output}
        x² = x SiLU(x) - x SiLU(-x): 9.0 4.0
        ```
    """
    check_shapes(swiglu, gate, up)

    return (silu(widened(gate)) * widened(up)).to(gate.dtype)


def _normal_below(x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Φ(x); with the error function, 1 + erf would lose the digits of a small one."""
    return torch.erfc(-x / math.sqrt(2)) / 2


def _cubic(x: Float[Tensor, "*batch"]) -> Float[Tensor, "*batch"]:
    """Of which the sigmoid is almost Φ(x): twice what stands in the tanh."""
    return math.sqrt(8 / math.pi) * (x + 0.044715 * x**3)
