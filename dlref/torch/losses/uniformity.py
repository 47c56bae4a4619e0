r"""Alignment and uniformity: partners lie close, and all together fill the sphere.

$$
\text{align} = \frac{1}{N} \sum_{i=1}^N \lVert x_i - y_i \rVert^2
$$

$$
\text{uniform} = \log \frac{\sum_{i=1}^N \sum_{j \ne i} e^{-2 d_{ij}^2}}{N (N - 1)}
$$

d_ij is the distance of x_i and x_j; all rows have length 1. A collapsed encoder has the
best alignment, 0, and the worst uniformity, 0. Points that are spread evenly have nearly
−4 in many dimensions, where most pairs lie at right angles.

Source: Wang and Isola 2020, "Understanding Contrastive Representation Learning through
Alignment and Uniformity on the Hypersphere", section 4.1.
https://arxiv.org/abs/2005.10242

Question: [DL0069][dl0069]
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dlref._checks.contrastive import check_embeddings, check_pairs
from dlref.torch._arguments import public
from dlref.torch.losses._sphere import cosines, directions

__all__ = ["alignment", "uniformity"]


@public
def alignment(
    first: Float[Tensor, "pairs d"], second: Float[Tensor, "pairs d"]
) -> Float[Tensor, ""]:
    """Take the mean squared distance of partners, on the sphere: 0 is best.

    Args:
        first: Embeddings of the one view of each example, of any length but 0.
        second: Embeddings of the other view, in the same order.

    Returns:
        Mean of 2 − 2 cos over the pairs, from 0 to 4.

    Raises:
        TypeError: If the embeddings are not floating point, or of two types.
        ValueError: If they differ in shape, are fewer than two pairs, or have a row of
            zeros or one that is not finite.

    Example:
        ```python
        import torch
        from dlref.torch.losses import alignment

        first = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        second = torch.tensor([[2.0, 0.0], [1.0, 0.0]])  # the same way; a right angle
        print(f"{alignment(first, second):.1f}")
        ```

        ```text {.output}
        1.0
        ```
    """
    check_pairs(first=first, second=second)

    apart = directions(first) - directions(second)
    mean = (apart**2).sum(dim=-1).mean()
    return mean.to(first.dtype)


@public
def uniformity(x: Float[Tensor, "examples d"]) -> Float[Tensor, ""]:
    """Take the logarithm of the mean of e^(−2‖x − y‖²) over all pairs of two examples.

    Args:
        x: Embeddings, one per example, of any length but 0.

    Returns:
        Uniformity: 0 if all lie in one place, and the lower, the more evenly spread.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has fewer than two rows, or a row of zeros or one that is not
            finite.

    Example:
        ```python
        import torch
        from dlref.torch.losses import uniformity

        opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
        print(f"{uniformity(opposite):.1f}")  # log e^(-2 · 4)
        ```

        ```text {.output}
        -8.0
        ```
    """
    check_embeddings("x", x)

    potentials = 4 * (cosines(x, x) - 1)  # −2‖x − y‖², as ‖x − y‖² is 2 − 2 cos
    itself = torch.eye(len(x), dtype=torch.bool, device=x.device)
    summed = potentials.masked_fill(itself, -torch.inf).logsumexp(dim=(0, 1))
    return (summed - math.log(len(x) * (len(x) - 1))).to(x.dtype)
