r"""Self-attention: each token gathers what it needs, weighted by how well keys match.

<!-- formula
X, d_k = normal(5, 7), 3
W_Q, W_K, W_V = normal(7, 3), normal(7, 3), normal(7, 2)
A = dlref.numpy.attention.attention_weights(X @ W_Q, X @ W_K)
Y = dlref.numpy.attention.scaled_dot_product_attention(X @ W_Q, X @ W_K, X @ W_V)
-->

$$
\begin{aligned}
Y &= A\,X W^V \\
A &= \operatorname{softmax}\left(\frac{X W^Q \, (X W^K)^\top}{\sqrt{d_k}}\right)
\end{aligned}
$$

Queries, keys and values are three maps of the same tokens X, so a token asks for another
thing than it is found by, and hands over a third. In cross-attention the queries come
from X, keys and values from a memory.

A score adds up d_k products. If these are uncorrelated, with mean 0 and variance 1, it
has variance d_k, and without the root the softmax begins nearly one-hot. What that does
to gradients is not all of one kind: most scores get next to none, and where two keys tie,
a query gets one about √d_k times as large. The root is of the width of a *head*, and
assumes that queries and keys have nothing to do with each other: for a query that equals
its key, the score is of the order of d_k, and the root leaves √d_k of it.

Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1 and section 3.2.1, with
its footnote. https://arxiv.org/abs/1706.03762

Question: [DL0050][dl0050]
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dlref._checks.attention import check_matching, check_weights
from dlref.torch._arguments import public
from dlref.torch._precision import widened
from dlref.torch.attention.scaled_dot_product import masked_softmax

__all__ = ["attention_weights", "entropy"]


@public
def attention_weights(
    query: Float[Tensor, "*#batch queries d_k"],
    key: Float[Tensor, "*#batch keys d_k"],
    mask: Bool[Tensor, "*#batch #queries #keys"] | None = None,
    *,
    scale: float | None = None,
) -> Float[Tensor, "*batch queries keys"]:
    """Turn what queries and keys have in common into weights, which sum to 1 per query.

    Averages of values by them are `scaled_dot_product_attention`. Adding one vector to
    all keys changes nothing, as it adds the same to every score of a query.

    Args:
        query: What each position looks for.
        key: What each position offers.
        mask: True where a query may attend to a key. None lets every query see every
            key.
        scale: What the dot products are multiplied by, above 0. None takes 1/√d_k; the
            larger, the sharper, and 1 leaves them as they are.

    Returns:
        Weights: 0 where the mask is False, so all 0 in a row that allows no key.

    Raises:
        TypeError: If the mask is not boolean, anything else not floating point, or query
            and key differ in dtype.
        ValueError: If shapes do not fit, d_k is 0, or scale is not above 0 and finite.

    Example:
        ```python
        import torch
        from dlref.torch.attention import attention_weights

        query = torch.tensor([[2.0, 0.0, 0.0, 0.0]]).double()
        key = torch.tensor([[3.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0]]).double().log()
        for scale in None, 1.0:
            weights = attention_weights(query, key, scale=scale)
            print(weights.round(decimals=4).tolist())
        ```

        ```text {.output}
        [[0.75, 0.25]]
        [[0.9, 0.1]]
        ```
    """
    check_matching(query, key, mask, scale)

    scale = query.shape[-1] ** -0.5 if scale is None else scale
    # Scaled first: the product of large entries may overflow where the score does not.
    scores = scale * widened(query) @ widened(key).mT
    return masked_softmax(scores, mask).to(query.dtype)


@public
def entropy(
    weights: Float[Tensor, "*batch keys"],
) -> Float[Tensor, "*batch"]:
    """Tell how spread the weights of each query are: log m if all m are equal, 0 if one.

    exp(entropy) is the number of keys that, weighted alike, would be as spread.

    Args:
        weights: How much each key counts; rows sum to 1, or are 0 where no key is
            allowed.

    Returns:
        Entropy in nats, one per row; a weight of 0 adds nothing, and gets no gradient.

    Raises:
        TypeError: If weights are not floating point.
        ValueError: If a weight is not between 0 and 1, or a row sums to neither 1 nor 0.

    Example:
        ```python
        import torch
        from dlref.torch.attention import entropy

        weights = torch.tensor([[0.5, 0.5, 0.0, 0.0], [0.25, 0.25, 0.25, 0.25]])
        print(entropy(weights).exp().round(decimals=4).tolist())
        ```

        ```text {.output}
        [2.0, 4.0]
        ```
    """
    check_weights(weights)

    wide = widened(weights)
    surprise = -torch.where(wide > 0, wide, 1).log()  # log 0 would be −∞, and 0 · ∞ NaN
    return (wide * surprise).sum(dim=-1).to(weights.dtype)
