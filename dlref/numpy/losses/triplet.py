r"""Triplet loss: a negative must be farther than the positive, by a margin.

<!-- formula
a, p, n, m = normal(3), normal(3), normal(3), real(0.1, 2)
d = lambda x, y: np.sqrt((x - y) @ (x - y))
ell = dlref.numpy.losses.triplet_loss(a, p, n, margin=m)
-->

$$
\ell = \max(0, \; d(a, p) - d(a, n) + m)
$$

d is the distance, not its square. FaceNet has the square, of embeddings of length 1, and
m = 0.2; there ‖u − v‖² = 2 − 2 cos(u, v). PyTorch has the distance and m = 1, as here.

A triplet that keeps the margin has no gradient, and most that are drawn at random do. If
all embeddings are equal, the loss is the margin.

PyTorch's `torch.nn.functional.triplet_margin_loss` adds 1e-6 to each entry of a
difference; this module does not.

Source: Schroff, Kalenichenko and Philbin 2015, "FaceNet: A Unified Embedding for Face
Recognition and Clustering", section 3.1. https://arxiv.org/abs/1503.03832

Question: [DL0069][dl0069]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.contrastive import check_triplets
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.losses._sphere import lengths

__all__ = ["triplet_loss"]


@public
def triplet_loss(
    anchor: Float[np.ndarray, "*batch d"],
    positive: Float[np.ndarray, "*batch d"],
    negative: Float[np.ndarray, "*batch d"],
    *,
    margin: float = 1.0,
) -> Float[np.ndarray, "*batch"]:
    """Charge by how much a negative is not farther than the positive and the margin.

    Nothing is normalized here. Where a distance is 0 its gradient is taken as 0, as
    PyTorch's norm has it: the root of a sum of squares would give NaN.

    Args:
        anchor: Embeddings to compare with, one per triplet.
        positive: Embeddings that belong to the anchor.
        negative: Embeddings that do not.
        margin: Margin m > 0, in units of distance.

    Returns:
        Loss, one per triplet, not reduced.

    Raises:
        TypeError: If the embeddings are not floating point, or not of one type.
        ValueError: If their shapes differ, a row has no entries, an entry is not between
            -1e30 and 1e30, or margin not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import triplet_loss

        anchor, near = np.array([0.0, 0.0]), np.array([1.0, 0.0])
        loss = triplet_loss(anchor, near, np.array([0.0, 1.5]))
        print(f"1 - 1.5 + 1 = {loss:.1f}")
        ```

        ```text {.output}
        1 - 1.5 + 1 = 0.5
        ```
    """
    check_triplets(anchor, positive, negative, margin)

    wide = widened(anchor)
    near, far = lengths(wide - widened(positive)), lengths(wide - widened(negative))
    loss = (near - far + margin).clip(min=0)[..., 0]
    return np.asarray(loss, anchor.dtype)
