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

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.attention import check_attention, check_scores
from dlref.numpy._arguments import public
from dlref.numpy._precision import softmax, widened

__all__ = ["masked_softmax", "scaled_dot_product_attention"]


@public
def masked_softmax(
    scores: Float[np.ndarray, "*batch keys"],
    mask: Bool[np.ndarray, "*#batch #keys"] | None = None,
) -> Float[np.ndarray, "*batch keys"]:
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
        import numpy as np
        from dlref.numpy.attention import masked_softmax

        scores = np.log([1.0, 3.0, 4.0])
        weights = masked_softmax(scores, np.array([True, True, False]))
        print(weights)
        ```

        ```text {.output}
        [0.25 0.75 0.  ]
        ```
    """
    check_scores(scores, mask)

    wide = widened(scores)
    if mask is None:
        return softmax(wide).astype(scores.dtype)
    is_empty = ~mask.any(axis=-1, keepdims=True)
    wide = np.where(mask, wide, -np.inf)
    weights = softmax(np.where(is_empty, 0, wide))  # −∞ − (−∞) would be NaN
    return np.where(is_empty, 0, weights).astype(scores.dtype)


@public
def scaled_dot_product_attention(
    query: Float[np.ndarray, "*#batch queries d_k"],
    key: Float[np.ndarray, "*#batch keys d_k"],
    value: Float[np.ndarray, "*#batch keys d_v"],
    mask: Bool[np.ndarray, "*#batch #queries #keys"] | None = None,
    *,
    bias: Float[np.ndarray, "*#batch #queries #keys"] | None = None,
) -> Float[np.ndarray, "*batch queries d_v"]:
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
        import numpy as np
        from dlref.numpy.attention import scaled_dot_product_attention

        query = np.array([[1.0]])
        key = np.log([[1.0], [3.0]])  # so the weights are 1/4 and 3/4
        value = np.array([[10.0], [30.0]])
        average = scaled_dot_product_attention(query, key, value)
        print(f"10/4 + 30 · 3/4 = {average.item():.2f}")
        ```

        ```text {.output}
        10/4 + 30 · 3/4 = 25.00
        ```

        Four query heads on two key/value heads:

        ```python
        import numpy as np
        from dlref.numpy.attention import scaled_dot_product_attention

        query = np.zeros((2, 2, 1, 1))  # kv_heads, group, queries, d_k: equal weights
        key = np.zeros((2, 1, 2, 1))  # kv_heads, 1, keys, d_k
        value = np.array([10.0, 30.0, 5.0, 7.0]).reshape(2, 1, 2, 1)
        print(scaled_dot_product_attention(query, key, value).reshape(4))
        ```

        ```text {.output}
        [20. 20.  6.  6.]
        ```
    """
    check_attention(query, key, value, mask, bias)

    d_k = query.shape[-1]
    # Scaled first: the product of large entries may overflow where the score does not.
    scores = widened(query) / math.sqrt(d_k) @ widened(key).mT
    if bias is not None:
        scores = scores + bias
    averages = masked_softmax(scores, mask) @ widened(value)
    return np.asarray(averages, value.dtype)
