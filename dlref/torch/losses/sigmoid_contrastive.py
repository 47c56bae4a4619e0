r"""The sigmoid loss of SigLIP: each pair of the batch is judged alone, match or not.

$$
\ell_i = -\sum_{j=1}^N \log \sigma(z_{ij} (s_{ij} / \tau + b))
$$

z_ij is 1 on the diagonal and −1 elsewhere. No sum over the batch stands in a denominator,
so the loss of a batch is the sum of the losses of its blocks, whichever device has them.

Of N² pairs only N match. A bias b of −10 says at the start that none does; without it the
negatives alone cost (N − 1) log 2. The paper's displayed equation has −b where its
algorithm 1, and its code, have + b, as here.

The paper calls t = 1/τ the temperature: 10 at the start.

Source: Zhai, Mustafa, Kolesnikov and Beyer 2023, "Sigmoid Loss for Language Image
Pre-Training", section 3.2 and algorithm 1. https://arxiv.org/abs/2303.15343

Question: [DL0069][dl0069]
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from dlref._checks.contrastive import check_pairs, check_shift
from dlref.torch._arguments import public
from dlref.torch.losses._sphere import cosines

__all__ = ["sigmoid_contrastive_loss"]


@public
def sigmoid_contrastive_loss(
    images: Float[Tensor, "pairs d"],
    texts: Float[Tensor, "pairs d"],
    *,
    temperature: float,
    bias: float,
) -> Float[Tensor, " pairs"]:
    """Add up what an image pays for its own text, and for each of the other texts.

    Args:
        images: Embeddings of the images, one per pair, of any length but 0.
        texts: Embeddings of their texts, in the same order.
        temperature: Temperature τ > 0, which divides the cosines: one over SigLIP's t,
            so 0.1 at the start.
        bias: Bias b of all logits, −10 at the start.

    Returns:
        Loss in nats, one per image, a sum over the texts. Its mean over the images is
        the paper's; a mean over all pairs would be N times smaller.

    Raises:
        TypeError: If the embeddings are not floating point, or of two types.
        ValueError: If they differ in shape, are fewer than two pairs, have a row of zeros
            or one that is not finite, temperature is not between 1e-30 and 1e30, or bias
            not between -1e30 and 1e30.

    Example:
        ```python
        import torch
        from dlref.torch.losses import sigmoid_contrastive_loss

        images = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        options = {"temperature": 0.1, "bias": -10.0}
        loss = sigmoid_contrastive_loss(images, images, **options)
        print(f"{loss[0]:.4f}")  # log 2, and 0.00005 for the other text
        ```

        ```text {.output}
        0.6932
        ```
    """
    check_shift(bias=bias)
    check_pairs(temperature=temperature, images=images, texts=texts)

    logits = cosines(images, texts) / temperature + bias
    matches = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
    loss = -F.logsigmoid(torch.where(matches, logits, -logits)).sum(dim=-1)
    return loss.to(images.dtype)
