r"""Fake quantization: rounded numbers forward, and a gradient as if they were not.

The derivative of a rounding is 0 wherever there is one, so that no gradient passes. The
straight-through estimator takes it for 1 where the number is on the grid, and for 0 where
it is clipped:

<!-- formula
import torch
b, s = 4, real(0.3, 0.9)
Q, t = 2 ** (b - 1) - 1, [real(-7.4, 7.4), real(7.6, 9), -real(7.6, 9), real(6.6, 7.4)]
x = s * t[integer(0, 3)]
given = torch.tensor(x, dtype=torch.float64, requires_grad=True)
dlref.torch.quantization.fake_quantize(given, s, bits=b).backward()
g, round = given.grad.item(), np.rint
-->

$$
g = \begin{cases}
1 & \text{if } \lvert \operatorname{round}(x / s) \rvert \le Q \\
0 & \text{if } \lvert \operatorname{round}(x / s) \rvert > Q
\end{cases}
$$

with Q = 2^(b−1) − 1, the last integer of b bits.

Training then sees the error of the rounding, and weights move to where it does little
harm: quantization-aware training.

Source: Bengio, Léonard and Courville 2013, "Estimating or Propagating Gradients Through
Stochastic Neurons for Conditional Computation" (the estimator).
https://arxiv.org/abs/1308.3432. PyTorch 2.13, documentation of
`torch.fake_quantize_per_tensor_affine`.
https://docs.pytorch.org/docs/stable/generated/torch.fake_quantize_per_tensor_affine.html

Question: [DL0073][dl0073]
"""

from jaxtyping import Float, Integer
from torch import Tensor

from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.quantization.integers import _ends, _taken, dequantize, quantize

__all__ = ["fake_quantize"]


@public
def fake_quantize(
    x: Float[Tensor, "*axes"],
    scale: Float[Tensor, "*#axes"] | float,
    zero_point: Integer[Tensor, "*#axes"] | int = 0,
    *,
    bits: int = 8,
) -> Float[Tensor, "*axes"]:
    """Quantize and return at once; pass the gradient on where nothing is clipped.

    Args:
        x: Numbers in training: weights, or activations.
        scale: Distance s of two neighbors, above 0: a tensor that broadcasts
            to x, or a number between 1e-30 and 1e30. It gets no gradient.
        zero_point: Integer z that stands for 0, on the grid.
        bits: Bits b of each, 2 to 8; the grid is symmetric.

    Returns:
        The numbers that `dequantize` makes of `quantize`, in the type of x.

    Raises:
        TypeError: If x or scale is not floating point, or zero_point no integer.
        ValueError: If x is empty or not finite, scale is not above 0 or, like
            zero_point, does not broadcast to x, or zero_point or bits is out of range.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import fake_quantize

        x = torch.tensor([0.3, 1.6, 9.0], requires_grad=True)
        y = fake_quantize(x, 1.0, bits=4)
        y.sum().backward()
        print(y.tolist(), x.grad.tolist())
        ```

        ```text {.output}
        [0.0, 2.0, 7.0] [1.0, 1.0, 0.0]
        ```
    """
    fixed = x.detach()
    rate, zero_point = _taken(scale, zero_point)
    rate = rate.detach() if isinstance(rate, Tensor) else rate
    rounded = dequantize(quantize(fixed, rate, zero_point, bits=bits), rate, zero_point)

    low, high = _ends(bits, signed=True)
    points = (widened(fixed) / rate).round() + zero_point
    is_kept = (points >= low) & (points <= high)
    straight = (x - fixed).where(is_kept, 0)  # zero, but for its gradient
    return rounded.to(x.dtype) + straight
