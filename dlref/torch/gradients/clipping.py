r"""Clipping gradients: by their common norm, which keeps the direction, or each entry.

<!-- formula
import torch
c, i = real(0.1, 9), range(1, 6)
g = normal(5)
parts = [torch.tensor(g[:2]), torch.tensor(g[2:])]
grads, norm = dlref.torch.gradients.clip_by_norm(parts, c)
g_hat, g_norm = torch.cat(grads).numpy(), norm.item()
-->

$$
\begin{aligned}
\lVert g \rVert &= \sqrt{\sum_i g_i^2} \\
\hat g &= \min\left(1, \frac{c}{\lVert g \rVert}\right) g
\end{aligned}
$$

The norm is that of *all* gradients together, as if they were one vector: a factor for
each array would turn it. PyTorch's `clip_grad_norm_` divides by the norm plus 1e-6, and
so clips a norm of 1 to 0.999999. Here the factor is exact, and what is short enough does
not change by a bit.

To clip each entry turns the vector: (100, 1) becomes (1, 1). Neither revives a gradient
that has vanished.

Source: Pascanu, Mikolov and Bengio 2013, "On the difficulty of training recurrent neural
networks", abstract. https://arxiv.org/abs/1211.5063

Question: [DL0061][dl0061]
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.gradients import check_clipped
from dlref.torch._arguments import public

__all__ = ["clip_by_norm", "clip_by_value"]


@public
def clip_by_norm(
    grads: Sequence[Float[Tensor, "..."]], max_norm: float
) -> tuple[list[Float[Tensor, "..."]], Float[Tensor, ""]]:
    """Multiply all gradients by one factor, so that their common norm is at most a bound.

    The squares are added up in 64 bits: in 16 a gradient of 300 would overflow.

    Args:
        grads: A gradient of any shape for each parameter.
        max_norm: Largest norm c, above 0. Infinity only measures.

    Returns:
        The clipped gradients, and the norm of those that were given.

    Raises:
        TypeError: If grads is no list or tuple of arrays that are floating point.
        ValueError: If max_norm is not above 0 or NaN, grads is empty, or an entry is not
            finite or so large that the sum of the squares might not be.

    Example:
        ```python
        import torch
        from dlref.torch.gradients import clip_by_norm

        grads, norm = clip_by_norm([torch.tensor([6.0]), torch.tensor([0.0, 8.0])], 5.0)
        print(f"norm {norm:.0f}, then", *[grad.tolist() for grad in grads])
        ```

        ```text {.output}
        norm 10, then [3.0] [0.0, 4.0]
        ```
    """
    check_clipped(grads, max_norm=max_norm)

    sizes = [torch.linalg.vector_norm(grad, dtype=torch.float64) for grad in grads]
    norm = torch.linalg.vector_norm(torch.stack(sizes))
    factor = 1 / (norm / max_norm).clamp(min=1)
    return [factor.to(grad.dtype) * grad for grad in grads], norm


@public
def clip_by_value(
    grads: Sequence[Float[Tensor, "..."]], limit: float
) -> list[Float[Tensor, "..."]]:
    """Move each entry into ±limit, on its own.

    Args:
        grads: A gradient of any shape for each parameter.
        limit: Largest size of an entry, above 0.

    Returns:
        The clipped gradients, which may point elsewhere.

    Raises:
        TypeError: If grads is no list or tuple of arrays that are floating point.
        ValueError: If limit is not above 0 or NaN, grads is empty, or an entry is not
            finite or so large that the sum of the squares might not be.

    Example:
        ```python
        import torch
        from dlref.torch.gradients import clip_by_value

        print(clip_by_value([torch.tensor([100.0, 1.0, -7.0])], 1.0)[0].tolist())
        ```

        ```text {.output}
        [1.0, 1.0, -1.0]
        ```
    """
    check_clipped(grads, limit=limit)

    return [grad.clamp(-limit, limit) for grad in grads]
