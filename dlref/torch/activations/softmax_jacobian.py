r"""The Jacobian of the softmax: how its probabilities change with the logits.

<!-- formula
m, i, j = 5, integer(1, 5), integer(1, 5)
z, delta = normal(m), np.eye(m)
p = dlref.numpy.attention.masked_softmax(z)
dp_i_dz_j = dlref.numpy.activations.softmax_jacobian(z)[i - 1, j - 1]
-->

$$
\frac{\partial p_i}{\partial z_j} = p_i \, (\delta_{ij} - p_j)
$$

The matrix is symmetric and positive semidefinite, and each of its rows sums to 0: what is
added to all logits changes no probability. At a one-hot p it is 0, so nothing is learned
through a softmax that has made up its mind; where two probabilities are a half each, it
is as large as it can be.

p_i (1 − p_i) would lose all digits where p_i rounds to 1. So the diagonal is what the
rest of its row adds up to.

Source: Stan Development Team, Stan Math Library, `softmax`, the entries of its Jacobian.
https://mc-stan.org/math/namespacestan_1_1math_ace7d68fc547904d298b9e052c54a2187.html

Question: [DL0050][dl0050]
"""

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.activations import check_logits
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["softmax_jacobian"]


@public
def softmax_jacobian(
    logits: Float[Tensor, "*batch classes"],
) -> Float[Tensor, "*batch classes classes"]:
    """Tell how the probability in each row changes with the logit in each column.

    Args:
        logits: Scores, along the last axis; −∞ is a class that cannot be.

    Returns:
        ∂p_i/∂z_j, one symmetric matrix per row of logits.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone.

    Example:
        ```python
        import torch
        from dlref.torch.activations import softmax_jacobian

        logits = torch.tensor([1.0, 3.0]).double().log()  # probabilities 1/4, 3/4
        print(softmax_jacobian(logits).tolist())
        ```

        ```text {.output}
        [[0.1875, -0.1875], [-0.1875, 0.1875]]
        ```
    """
    check_logits(logits)

    p = widened(logits).softmax(dim=-1)
    same = torch.eye(p.shape[-1], dtype=p.dtype, device=p.device)
    products = (1 - same) * p[..., :, None] * p[..., None, :]
    jacobian = same * products.sum(dim=-1, keepdim=True) - products
    return jacobian.to(logits.dtype)
