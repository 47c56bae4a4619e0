r"""The Jacobian of the softmax: how its probabilities change with the logits.

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

import numpy as np
from jaxtyping import Float

from dlref._checks.activations import check_logits
from dlref.numpy._arguments import public
from dlref.numpy._precision import softmax, total, widened

__all__ = ["softmax_jacobian"]


@public
def softmax_jacobian(
    logits: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch classes classes"]:
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
        import numpy as np
        from dlref.numpy.activations import softmax_jacobian

        logits = np.log([1.0, 3.0])  # probabilities 1/4, 3/4
        print(softmax_jacobian(logits).tolist())
        ```

        ```text {.output}
        [[0.1875, -0.1875], [-0.1875, 0.1875]]
        ```
    """
    check_logits(logits)

    p = softmax(widened(logits))
    same = np.eye(p.shape[-1], dtype=p.dtype)
    products = (1 - same) * p[..., :, None] * p[..., None, :]
    jacobian: np.ndarray = same * total(products) - products
    return jacobian.astype(logits.dtype)
