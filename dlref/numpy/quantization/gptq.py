r"""GPTQ: round column by column, and let the columns that remain make up for the error.

To round a weight W to the nearest makes W itself as close as the grid allows. What counts
is the output W x. For inputs X, one in each row, its squared error is

<!-- formula
W, X = normal(2, 3), normal(7, 3)
H = X.T @ X
q, s = dlref.numpy.quantization.gptq(W, H, bits=3)
W_hat = dlref.numpy.quantization.dequantize(q, s)
tr = np.trace
E = ((X @ W.T - X @ W_hat.T) ** 2).sum()
-->

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

import numpy as np
from jaxtyping import Float, Float64, Int8

from dlref._checks.quantization import check_hessian
from dlref.numpy._arguments import public
from dlref.numpy.quantization.integers import absmax_scale, dequantize, quantize

__all__ = ["gptq"]


@public
def gptq(
    weight: Float[np.ndarray, "outputs inputs"],
    hessian: Float[np.ndarray, "inputs inputs"],
    *,
    bits: int = 4,
) -> tuple[Int8[np.ndarray, "outputs inputs"], Float[np.ndarray, "outputs 1"]]:
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
        import numpy as np
        from dlref.numpy.quantization import gptq

        weight = np.array([[0.4, 0.4, 7.0]])  # its scale is 1
        hessian = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 1.0]])
        print(gptq(weight, np.eye(3))[0], gptq(weight, hessian)[0])
        ```

        ```text {.output}
        [[0 0 7]] [[0 1 7]]
        ```
    """
    check_hessian(weight, hessian, bits)

    upper = _upper(hessian.astype(float))
    scale = absmax_scale(weight, bits=bits, axis=-1)
    rest, columns = weight.astype(float), []
    for i in range(weight.shape[1]):
        column = rest[:, :1]
        columns.append(quantize(column, scale, bits=bits))
        error = (column - dequantize(columns[-1], scale)) / upper[i, i]
        rest = rest[:, 1:] - error * upper[i, i + 1 :]
    return np.concatenate(columns, axis=1), scale


def _upper(
    hessian: Float64[np.ndarray, "inputs inputs"],
) -> Float64[np.ndarray, "inputs inputs"]:
    """Return U, upper triangular, with UᵀU = H⁻¹.

    Its inverse R is upper triangular too, and R Rᵀ = H: the Cholesky factor of H from the
    last row and column to the first.
    """
    lower = np.linalg.cholesky(hessian[::-1, ::-1])
    return np.asarray(np.linalg.inv(lower[::-1, ::-1]))
