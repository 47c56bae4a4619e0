r"""GPTQ: round column by column, and let the columns that remain make up for the error.

To round a weight W to the nearest makes W itself as close as the grid allows. What counts
is the output W x. For inputs X, one in each row, its squared error is

$$
\begin{aligned}
E &= \operatorname{tr}\left((W - \hat W) \, H \, (W - \hat W)^\top\right) \\
H &= X^\top X
\end{aligned}
$$

Where H is not diagonal, an error in one column can be undone in part by another. With
U upper triangular, H⁻¹ = UᵀU, the columns i are rounded from the left; each error goes to
the columns j on its right, w_j ← w_j − (w_i − ŵ_i) U_ij / U_ii. So weights get worse, and
outputs better. If H is diagonal, nothing moves: that is rounding to the nearest.

Source: Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative
Pre-trained Transformers". https://arxiv.org/abs/2210.17323; its code, `fasterquant` in
`gptq.py`. https://github.com/IST-DASLab/gptq/blob/main/gptq.py

Question: [DL0073][dl0073]
"""

import torch
from jaxtyping import Float, Float64, Int8
from torch import Tensor

from dlref._checks.quantization import check_hessian
from dlref.torch._arguments import public
from dlref.torch.quantization.integers import absmax_scale, dequantize, quantize

__all__ = ["gptq"]


@public
def gptq(
    weight: Float[Tensor, "outputs inputs"],
    hessian: Float[Tensor, "inputs inputs"],
    *,
    bits: int = 4,
) -> tuple[Int8[Tensor, "outputs inputs"], Float[Tensor, "outputs 1"]]:
    """Quantize a weight so that its outputs, not its entries, change little.

    Each row is rounded on the grid of its `absmax_scale`, as it was at the start.

    Args:
        weight: Weight W to be quantized.
        hessian: H = XᵀX of inputs X from calibration, up to a factor. Add a little to its
            diagonal, such as 1 % of the diagonal's mean: else it may have no inverse.
        bits: Bits b of each, 2 to 8.

    Returns:
        Integers between ∓(2^(b−1) − 1), and the scale of each row, in 32 bits or more.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If an array is empty or not finite, bits is out of range, shapes do
            not fit, or hessian is not symmetric or not positive definite.

    Example:
        ```python
        import torch
        from dlref.torch.quantization import gptq

        weight = torch.tensor([[0.4, 0.4, 7.0]])  # its scale is 1
        hessian = torch.tensor([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
        print(gptq(weight, torch.eye(3))[0].numpy(), gptq(weight, hessian)[0].numpy())
        ```

        ```text {.output}
        [[0 0 7]] [[0 1 7]]
        ```
    """
    check_hessian(weight, hessian, bits)

    upper = _upper(hessian.double())
    scale = absmax_scale(weight, bits=bits, axis=-1)
    rest, columns = weight.double(), []
    for i in range(weight.shape[1]):
        column = rest[:, :1]
        columns.append(quantize(column, scale, bits=bits))
        error = (column - dequantize(columns[-1], scale)) / upper[i, i]
        rest = rest[:, 1:] - error * upper[i, i + 1 :]
    return torch.cat(columns, dim=1), scale


def _upper(
    hessian: Float64[Tensor, "inputs inputs"],
) -> Float64[Tensor, "inputs inputs"]:
    """Return U, upper triangular, with UᵀU = H⁻¹.

    Its inverse R is upper triangular too, and R Rᵀ = H: the Cholesky factor of H from the
    last row and column to the first.
    """
    lower = torch.linalg.cholesky(hessian.flip(0, 1))
    one = torch.eye(len(hessian), dtype=hessian.dtype, device=hessian.device)
    inverse: Tensor = torch.linalg.solve_triangular(lower.flip(0, 1), one, upper=True)
    return inverse
