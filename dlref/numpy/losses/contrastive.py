r"""Contrastive losses: each row must find its partner among the others of the batch.

<!-- formula
a, b, tau, N, i = normal(7, 3), normal(7, 3), real(0.1, 2), 7, range(1, 8)
unit = lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True)
s, ell = unit(a) @ unit(b).T, dlref.numpy.losses.info_nce(a, b, temperature=tau)
-->

$$
\ell_i = -\frac{s_{ii}}{\tau} + \log \sum_{j=1}^N e^{s_{ij} / \tau}
$$

s_ij is the cosine of anchor i and candidate j. This is cross-entropy: the classes are the
N candidates of the batch, and the true class lies on the diagonal. Where all candidates
are alike it is log N: what a collapsed encoder pays, whatever it is given.

In CLIP images choose among texts, and texts among images. Rows and columns of a matrix
have other sums, so the loss is the mean of both:

<!-- formula
a, b, options = normal(7, 3), normal(7, 3), {"temperature": real(0.1, 2)}
ell_rows = dlref.numpy.losses.info_nce(a, b, **options)
ell_columns = dlref.numpy.losses.info_nce(b, a, **options)
ell_CLIP = dlref.numpy.losses.clip_loss(a, b, **options)
-->

$$
\ell_{\text{CLIP}} = \frac{\ell_{\text{rows}} + \ell_{\text{columns}}}{2}
$$

In SimCLR both views of all examples choose among all others. Each of the 2N has one
partner and 2N − 2 negatives, and must not meet itself:

<!-- formula
a, b, tau, i = normal(5, 3), normal(5, 3), real(0.1, 2), integer(1, 10)
j, k = (i + 4) % 10 + 1, range(1, 11)
z = np.concatenate([a, b])
z = z / np.linalg.norm(z, axis=1, keepdims=True)
c, ell = z @ z[i - 1], dlref.numpy.losses.nt_xent(a, b, temperature=tau)
-->

$$
\ell_i = -\log \frac{e^{c_j / \tau}}{\sum_{k \ne i} e^{c_k / \tau}}
$$

The lengths of the embeddings play no part: else longer ones would make any loss small.

Source: van den Oord, Li and Vinyals 2018, "Representation Learning with Contrastive
Predictive Coding", equation 4. https://arxiv.org/abs/1807.03748. Radford et al. 2021,
"Learning Transferable Visual Models From Natural Language Supervision", figure 3.
https://arxiv.org/abs/2103.00020. Chen, Kornblith, Norouzi and Hinton 2020, "A Simple
Framework for Contrastive Learning of Visual Representations", equation 1.
https://arxiv.org/abs/2002.05709

Question: [DL0069][dl0069]
"""

import numpy as np
from jaxtyping import Float

from dlref._checks.contrastive import check_pairs
from dlref.numpy._arguments import public
from dlref.numpy.losses._sphere import cosines
from dlref.numpy.losses.cross_entropy import cross_entropy

__all__ = ["clip_loss", "info_nce", "nt_xent"]


@public
def info_nce(
    anchors: Float[np.ndarray, "pairs d"],
    positives: Float[np.ndarray, "pairs d"],
    *,
    temperature: float,
) -> Float[np.ndarray, " pairs"]:
    """Charge −log of the probability that each anchor gives to its own positive.

    The negatives of an anchor are the positives of the others. Two pairs with the same
    positive are each other's negatives all the same: each then costs at least log 2.

    Args:
        anchors: Embeddings that choose, one per pair, of any length but 0.
        positives: Embeddings that are chosen from, in the same order.
        temperature: Temperature τ > 0, which divides the cosines: the smaller, the more
            only the most similar negatives count.

    Returns:
        Loss in nats, one per anchor, not reduced.

    Raises:
        TypeError: If the embeddings are not floating point, or of two types.
        ValueError: If they differ in shape, are fewer than two pairs, have a row of zeros
            or one that is not finite, or temperature is not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import info_nce

        one_way = np.array([[1.0, 0.0], [1.0, 0.0]])  # a collapsed encoder
        loss = info_nce(one_way, one_way, temperature=0.1)
        print(f"log 2 = {loss[0]:.4f}")
        ```

        ```text {.output}
        log 2 = 0.6931
        ```
    """
    check_pairs(temperature=temperature, anchors=anchors, positives=positives)

    loss = _choice(cosines(anchors, positives) / temperature)
    return np.asarray(loss, anchors.dtype)


@public
def clip_loss(
    images: Float[np.ndarray, "pairs d"],
    texts: Float[np.ndarray, "pairs d"],
    *,
    temperature: float,
) -> Float[np.ndarray, " pairs"]:
    """Take the mean of what an image pays to find its text, and the text its image.

    Args:
        images: Embeddings of the images, one per pair, of any length but 0.
        texts: Embeddings of their texts, in the same order.
        temperature: Temperature τ > 0, which divides the cosines. CLIP learns the
            logarithm of 1/τ, from τ = 0.07, and lets 1/τ be at most 100.

    Returns:
        Loss in nats, one per pair, not reduced. Its mean is CLIP's.

    Raises:
        TypeError: If the embeddings are not floating point, or of two types.
        ValueError: If they differ in shape, are fewer than two pairs, have a row of zeros
            or one that is not finite, or temperature is not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import clip_loss

        images = np.array([[1.0, 0.0], [0.0, 1.0]])
        texts = np.array([[1.0, 0.0], [1.0, 0.0]])  # the same, twice
        loss = clip_loss(images, texts, temperature=1.0)
        print(f"{loss[0]:.4f} {loss[1]:.4f}")
        ```

        ```text {.output}
        0.5032 1.0032
        ```
    """
    check_pairs(temperature=temperature, images=images, texts=texts)

    scores = cosines(images, texts) / temperature
    loss = (_choice(scores) + _choice(scores.T)) / 2
    return np.asarray(loss, images.dtype)


@public
def nt_xent(
    first: Float[np.ndarray, "pairs d"],
    second: Float[np.ndarray, "pairs d"],
    *,
    temperature: float,
) -> Float[np.ndarray, " views"]:
    """Let each of 2N views find its partner among the 2N − 1 others.

    Where all are alike it is log(2N − 1). A view that met itself, at a cosine of 1, could
    never give its partner more than one half: no loss would be below log 2.

    Args:
        first: Embeddings of the one view of each example, of any length but 0.
        second: Embeddings of the other view, in the same order.
        temperature: Temperature τ > 0, which divides the cosines.

    Returns:
        Loss in nats, one per view, not reduced: the first views, and then the second.

    Raises:
        TypeError: If the embeddings are not floating point, or of two types.
        ValueError: If they differ in shape, are fewer than two pairs, have a row of zeros
            or one that is not finite, or temperature is not between 1e-30 and 1e30.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import nt_xent

        one_way = np.array([[1.0, 0.0], [1.0, 0.0]])  # a collapsed encoder
        loss = nt_xent(one_way, one_way, temperature=0.1)
        print(f"log 3 = {loss[0]:.4f}")
        ```

        ```text {.output}
        log 3 = 1.0986
        ```
    """
    check_pairs(temperature=temperature, first=first, second=second)

    views = np.concatenate([first, second])
    scores = cosines(views, views) / temperature
    np.fill_diagonal(scores, -np.inf)
    loss = _choice(scores, shift=len(first))
    return np.asarray(loss, first.dtype)


def _choice(
    scores: Float[np.ndarray, "rows rows"], shift: int = 0
) -> Float[np.ndarray, " rows"]:
    """Charge each row for the column that lies so far to the right of the diagonal."""
    targets = (np.arange(len(scores)) + shift) % len(scores)
    return cross_entropy(scores, targets)
