r"""Smooth rectifiers: x times a gate of x, which opens from 0 to 1.

<!-- formula
import torch
beta, x = real(0.1, 3), normal()
GELU = lambda x: dlref.numpy.activations.gelu(np.array(x))
SiLU_beta = lambda x: dlref.numpy.activations.silu(np.array(x), beta=beta)
Mish = lambda x: dlref.numpy.activations.mish(np.array(x))
softplus = lambda x: dlref.numpy.activations.softplus(np.array(x))
sigma = lambda x: dlref.numpy.activations.sigmoid(np.array(x))
Phi = lambda x: torch.special.ndtr(torch.tensor(x, dtype=torch.float64)).numpy()
-->

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

import numpy as np
from jaxtyping import Float

from dlref._checks.activations import check_shaped
from dlref._checks.arrays import check_floating, check_shapes
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.activations.sigmoid import sigmoid, softplus

__all__ = [
    "gelu",
    "gelu_gradient",
    "mish",
    "mish_gradient",
    "silu",
    "silu_gradient",
    "swiglu",
]

_erfc = np.vectorize(math.erfc, otypes=[float])  # NumPy has none


@public
def gelu(
    x: Float[np.ndarray, "*batch"], *, approximate: bool = False
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.activations import gelu

        x = np.array([-1.0, 1.0, 2.0])
        print(gelu(x).round(5))
        print(gelu(x, approximate=True).round(5))
        ```

        ```text {.output}
        [-0.15866  0.84134  1.9545 ]
        [-0.15881  0.84119  1.9546 ]
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    gate = sigmoid(_cubic(wide)) if approximate else _normal_below(wide)
    return np.asarray(wide * gate, x.dtype)


@public
def gelu_gradient(
    x: Float[np.ndarray, "*batch"], *, approximate: bool = False
) -> Float[np.ndarray, "*batch"]:
    """Take the slope of GELU: between −0.129 and 1.129.

    Args:
        x: Any real numbers.
        approximate: Whether it is that of the tanh form.

    Returns:
        Φ(x) + x φ(x), with the normal's density φ, in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import gelu_gradient

        print(gelu_gradient(np.array([-(2**0.5), 0.0, 2**0.5])).round(4))
        ```

        ```text {.output}
        [-0.1289  0.5     1.1289]
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    if approximate:
        gate = sigmoid(_cubic(wide))
        steepness = math.sqrt(8 / math.pi) * (1 + 3 * 0.044715 * wide**2)
        return np.asarray(gate + wide * gate * (1 - gate) * steepness, x.dtype)
    density = np.exp(-(wide**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(_normal_below(wide) + wide * density, x.dtype)


@public
def silu(
    x: Float[np.ndarray, "*batch"], *, beta: float = 1.0
) -> Float[np.ndarray, "*batch"]:
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
        import numpy as np
        from dlref.numpy.activations import silu

        x = np.array([-1.0, 1.0, 2.0])
        print(silu(x).round(5))
        print(silu(x, beta=100.0).round(5))
        ```

        ```text {.output}
        [-0.26894  0.73106  1.76159]
        [-0.  1.  2.]
        ```
    """
    check_shaped(x, beta=beta)

    wide = widened(x)
    return np.asarray(wide * sigmoid(np.asarray(beta * wide)), x.dtype)


@public
def silu_gradient(
    x: Float[np.ndarray, "*batch"], *, beta: float = 1.0
) -> Float[np.ndarray, "*batch"]:
    """Take the slope of SiLU: between −0.0998 and 1.0998, whatever β.

    Args:
        x: Any real numbers.
        beta: Sharpness β above 0.

    Returns:
        σ(βx) + βx σ(βx) σ(−βx), in the shape of x.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If beta is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import silu_gradient

        print(silu_gradient(np.array([-2.3994, 0.0, 2.3994])).round(4))
        ```

        ```text {.output}
        [-0.0998  0.5     1.0998]
        ```
    """
    check_shaped(x, beta=beta)

    z = np.asarray(beta * widened(x))
    gate = sigmoid(z)
    return np.asarray(gate + z * gate * (1 - gate), x.dtype)


@public
def mish(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Multiply each entry by the tanh of its softplus.

    Args:
        x: Any real numbers.

    Returns:
        x tanh(softplus(x)), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import mish

        print(mish(np.array([-1.0, 0.0, 1.0])).round(4))
        ```

        ```text {.output}
        [-0.3034  0.      0.8651]
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    return np.asarray(wide * np.tanh(softplus(wide)), x.dtype)


@public
def mish_gradient(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Take the slope of Mish: between −0.113 and 1.088.

    Args:
        x: Any real numbers.

    Returns:
        t + x (1 − t²) σ(x), with t = tanh(softplus(x)), in the shape of x.

    Raises:
        TypeError: If x is not floating point.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.activations import mish_gradient

        print(mish_gradient(np.array([-2.2564, 0.0, 1.4906])).round(4))
        ```

        ```text {.output}
        [-0.1125  0.6     1.0885]
        ```
    """
    check_floating("x", x)

    wide = widened(x)
    gate = np.tanh(softplus(wide))
    return np.asarray(gate + wide * (1 - gate**2) * sigmoid(wide), x.dtype)


@public
def swiglu(
    gate: Float[np.ndarray, "*batch d_ff"], up: Float[np.ndarray, "*batch d_ff"]
) -> Float[np.ndarray, "*batch d_ff"]:
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
        import numpy as np
        from dlref.numpy.activations import swiglu

        x = np.array([-3.0, 2.0])
        y = swiglu(x, x) + swiglu(-x, -x)
        print("x² = x SiLU(x) - x SiLU(-x):", *y.round(9))
        ```

        ```text {.output}
        x² = x SiLU(x) - x SiLU(-x): 9.0 4.0
        ```
    """
    check_shapes(swiglu, gate, up)

    return np.asarray(silu(widened(gate)) * widened(up), gate.dtype)


def _normal_below(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Φ(x); with the error function, 1 + erf would lose the digits of a small one."""
    return np.asarray(_erfc(-x / math.sqrt(2)) / 2)


def _cubic(x: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """Of which the sigmoid is almost Φ(x): twice what stands in the tanh."""
    return np.asarray(math.sqrt(8 / math.pi) * (x + 0.044715 * x**3))
