r"""Scaled dot-product attention: an average of values, weighted by matching keys.

$$
\begin{aligned}
\operatorname{Attention}&(Q, K, V) \\
&= \operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}} + M\right) V
\end{aligned}
$$

If the entries of a query and of a key are independent, with mean 0 and variance 1, their
dot product has variance d_k. Dividing by √d_k makes it 1 again; without it the softmax
saturates as d_k grows, and its gradient vanishes.

A mask acts *before* the softmax: M is −∞ where the boolean mask B is False, and 0 where
it is True. Setting weights to 0 after the softmax leaves rows that no longer sum to 1.
With scores s, the weights of the m keys are

$$
a_{ij} = \frac{B_{ij}\,e^{s_{ij}}}{\sum_{l=1}^{m} B_{il}\,e^{s_{il}}}
$$

A row that allows no key is 0/0. It gives zeros here, as in torch's own
`scaled_dot_product_attention` since 2.5. A large negative number in place of −∞ would
give the plain average of all the values, forbidden ones included.

What a mask hides must still be a number: a forbidden key may hold anything, NaN too, but
a forbidden value is multiplied by its weight, and 0 · NaN is NaN.

The gradient that autograd takes is stricter: there a forbidden key is multiplied by 0 as
well. So is it in torch's own function, which adds −∞ to the score, and NaN stays NaN.

A bias is added to QKᵀ/√d_k, before the mask: it favors pairs and hides none. ALiBi takes
a slope times the distance, T5 a learned number for each distance. What is the same for
all keys of a query cancels in the softmax.

Source: Vaswani et al. 2017, "Attention Is All You Need", eq. 1, sections 3.2.1
and 3.2.3 (mask). https://arxiv.org/abs/1706.03762 Press, Smith and Lewis 2021, "Train
Short, Test Long" (ALiBi). https://arxiv.org/abs/2108.12409

Question: [DL0040][dl0040]
"""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from dlref._checks.attention import check_attention, check_scores
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["masked_softmax", "scaled_dot_product_attention"]


@public
def masked_softmax(
    scores: Float[Tensor, "*batch keys"],
    mask: Bool[Tensor, "*#batch #keys"] | None = None,
) -> Float[Tensor, "*batch keys"]:
    """Turn each row of scores into weights that sum to 1 over the allowed keys.

    Args:
        scores: How well each key matches. What the mask hides may be NaN.
        mask: True where a key counts. None counts every key.

    Returns:
        Weights: 0 where the mask is False, so all 0 in a row that allows no key.

    Raises:
        TypeError: If scores are not floating point, or the mask is not boolean.
        ValueError: If the mask does not broadcast to the shape of scores.

    Example:
        ```python
        import torch
        from dlref.torch.attention import masked_softmax

        scores = torch.tensor([1.0, 3.0, 4.0]).log()
        weights = masked_softmax(scores, torch.tensor([True, True, False]))
        print(weights)
        ```

        ```text {.output}
        tensor([0.2500, 0.7500, 0.0000])
        ```
    """
    check_scores(scores, mask)

    return _zero_without_key(*_softmax(scores, mask))


@public
def scaled_dot_product_attention(
    query: Float[Tensor, "*#batch queries d_k"],
    key: Float[Tensor, "*#batch keys d_k"],
    value: Float[Tensor, "*#batch keys d_v"],
    mask: Bool[Tensor, "*#batch #queries #keys"] | None = None,
    *,
    bias: Float[Tensor, "*#batch #queries #keys"] | None = None,
) -> Float[Tensor, "*batch queries d_v"]:
    """Average the values, weighted by how well each query matches each key.

    Heads are batch axes. Where query heads share keys and values, as in multi-query and
    grouped-query attention, give the keys an axis of size 1 for the group: it broadcasts,
    and nothing is copied.

    Args:
        query: What each position looks for.
        key: What each position offers.
        value: What each position hands over.
        mask: True where a query may attend to a key. None lets every query see every
            key.
        bias: What is added to the score of each pair; its numbers lie within ±10⁷, which
            ALiBi does not reach. None adds nothing.

    Returns:
        One average of values per query; zeros where the mask allows no key.

    Raises:
        TypeError: If the mask is not boolean, or anything else not floating point, or
            query, key and value differ in dtype.
        ValueError: If shapes do not fit, d_k is 0, or the bias hides keys as a mask does.

    Example:
        ```python
        import torch
        from dlref.torch.attention import scaled_dot_product_attention

        query = torch.tensor([[1.0]])
        key = torch.tensor([[1.0], [3.0]]).log()  # so the weights are 1/4 and 3/4
        value = torch.tensor([[10.0], [30.0]])
        average = scaled_dot_product_attention(query, key, value)
        print(f"10/4 + 30 · 3/4 = {average.item():.2f}")
        ```

        ```text {.output}
        10/4 + 30 · 3/4 = 25.00
        ```
    """
    check_attention(query, key, value, mask, bias)

    d_k = query.shape[-1]
    # Where an axis of size 1 broadcasts, `@` would copy the keys first; einsum does not.
    scaled = widened(query) / math.sqrt(d_k)
    scores = torch.einsum("...qd,...kd->...qk", scaled, widened(key))
    if bias is not None:
        scores = scores + bias.to(scores.dtype)
    weights, has_key = _softmax(scores, mask)
    averages = torch.einsum("...qk,...kd->...qd", weights, widened(value))
    # Zeros only here: there are fewer numbers than weights.
    return _zero_without_key(averages, has_key).to(value.dtype)


def _softmax(
    scores: Float[Tensor, "*batch keys"], mask: Bool[Tensor, "*#batch #keys"] | None
) -> tuple[Float[Tensor, "*batch keys"], Bool[Tensor, "*#batch 1"] | None]:
    """Weigh the allowed keys, in a row without one all alike; tell which rows have one.

    The softmax of −∞ alone would be NaN, backward too.
    """
    if mask is None:
        return scores.softmax(dim=-1), None
    has_key = mask.any(dim=-1, keepdim=True)
    hidden = torch.where(has_key, -torch.inf, 0).to(scores.dtype)
    return torch.where(mask, scores, hidden).softmax(dim=-1), has_key


def _zero_without_key(
    rows: Float[Tensor, "*batch width"], has_key: Bool[Tensor, "*#batch 1"] | None
) -> Float[Tensor, "*batch width"]:
    """Set the rows to 0 whose query may attend to nothing."""
    return rows if has_key is None else rows * has_key
