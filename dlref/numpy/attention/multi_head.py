r"""Multi-head attention: several averages of the same tokens, each with its own question.

$$
\begin{aligned}
&\operatorname{MultiHead}(X) \\
&\quad = \operatorname{Concat}(\mathrm{head}_1, \dots, \mathrm{head}_h) \, W^O \\
&\mathrm{head}_i \\
&\quad = \operatorname{Attention}(X W_i^Q, X W_{g(i)}^K, X W_{g(i)}^V)
\end{aligned}
$$

Head i reads the keys and values of g(i). In multi-head attention (MHA) that is i itself.
In multi-query attention (MQA) all query heads share one key/value head. In grouped-query
attention (GQA) h / h_kv query heads *in a row* do. Counted from 1, as above,

$$
g(i) = \left\lceil \frac{i}{h / h_{kv}} \right\rceil
$$

So sharing is PyTorch's `repeat_interleave`, NumPy's `repeat`. To deal the heads out in
turn, PyTorch's `repeat` and NumPy's `tile`, is another model. Neither is needed: query
heads with an axis for the group broadcast against the shared head, and it stays where it
is. The point of sharing is to *read* less when decoding; QKᵀ and the average cost as many
FLOPs as before.

One matrix holds the maps of all heads, each in a run of its rows. To split the product
into heads is to cut its last axis in two and to swap: a reshape alone would put numbers
of several tokens into one head, and a causal mask would hide the wrong ones.

Source: Vaswani et al. 2017, "Attention Is All You Need", section 3.2.2.
https://arxiv.org/abs/1706.03762 Shazeer 2019, "Fast Transformer Decoding" (MQA).
https://arxiv.org/abs/1911.02150 Ainslie et al. 2023, "GQA".
https://arxiv.org/abs/2305.13245

Question: [DL0051][dl0051]
"""

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.arrays import check_shapes
from dlref._checks.attention import check_merged, check_projections, check_split
from dlref.numpy._arguments import public
from dlref.numpy.attention.scaled_dot_product import scaled_dot_product_attention

__all__ = ["merge_heads", "multi_head_attention", "split_heads"]


@public
def split_heads(
    x: Float[np.ndarray, "*batch tokens d_model"], num_heads: int
) -> Float[np.ndarray, "*batch heads tokens d_k"]:
    """Cut the last axis into heads, and put these before the tokens: each is a batch.

    Head i takes the i-th run of entries of each token. `merge_heads` undoes it.

    Args:
        x: Queries, keys or values of all heads, side by side.
        num_heads: Heads h, a divisor of the width of x.

    Returns:
        One sequence for each head, with d_k = d_model / h numbers per token.

    Raises:
        TypeError: If x is not floating point, or num_heads not an integer.
        ValueError: If x has no axis of tokens, or a width that h does not divide.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.attention import split_heads

        x = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])  # two tokens
        print(split_heads(x, 2).tolist())
        ```

        ```text {.output}
        [[[1.0, 2.0], [5.0, 6.0]], [[3.0, 4.0], [7.0, 8.0]]]
        ```
    """
    check_split(x, num_heads)

    heads = x.reshape(*x.shape[:-1], num_heads, x.shape[-1] // num_heads)
    return np.swapaxes(heads, -3, -2)


@public
def merge_heads(
    x: Float[np.ndarray, "*batch heads tokens d_v"],
) -> Float[np.ndarray, "*batch tokens d_model"]:
    """Put the heads of each token side by side: the Concat of the formula.

    Args:
        x: One sequence for each head, the heads before the tokens.

    Returns:
        One vector per token, h · d_v wide. `split_heads` undoes it.

    Raises:
        TypeError: If x is not floating point.
        ValueError: If x has fewer axes than heads, tokens and width.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.attention import merge_heads

        first = np.array([[1.0, 2.0], [5.0, 6.0]])  # of each of two tokens
        second = np.array([[3.0, 4.0], [7.0, 8.0]])
        print(merge_heads(np.stack([first, second])).tolist())
        ```

        ```text {.output}
        [[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]
        ```
    """
    check_merged(x)

    *batch, heads, tokens, width = x.shape
    return np.swapaxes(x, -3, -2).reshape(*batch, tokens, heads * width)


@public
def multi_head_attention(
    x: Float[np.ndarray, "*batch queries d_model"],
    w_q: Float[np.ndarray, "query_width d_model"],
    w_k: Float[np.ndarray, "key_width d_model"],
    w_v: Float[np.ndarray, "key_width d_model"],
    w_o: Float[np.ndarray, "d_model query_width"],
    num_heads: int,
    *,
    memory: Float[np.ndarray, "*batch keys d_model"] | None = None,
    mask: Bool[np.ndarray, "*#batch #queries #keys"] | None = None,
) -> Float[np.ndarray, "*batch queries d_model"]:
    """Project the tokens, attend in each head, and project the heads, side by side.

    The weights say how wide a head is, the rows of w_q over h, and how many heads have
    keys: as many as w_k has rows for. That is h in multi-head attention, 1 in
    multi-query attention, between in grouped-query attention.

    Args:
        x: Tokens, or those that ask in cross-attention.
        w_q: Weights W_Q of all query heads, (out, in) as in `nn.Linear`.
        w_k: Weights W_K of all key heads.
        w_v: Weights W_V of all value heads, as many.
        w_o: Weights W_O from the heads' outputs to the width of x.
        num_heads: Query heads h.
        memory: Tokens that give keys and values in place of x, in cross-attention.
        mask: True where a token may attend to a key, alike in all heads. None lets every
            token see every key.

    Returns:
        One vector per token of x.

    Raises:
        TypeError: If the mask is not boolean, an array not floating point or not of the
            dtype of x, or num_heads not an integer.
        ValueError: If shapes do not fit, or rows are no whole number of heads.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.attention import multi_head_attention

        x = np.eye(2)  # two tokens, two heads of width 1
        w_q = np.array([[np.log(3), 0.0], [0.0, 0.0]])  # head 2 asks nothing
        w_k, w_v = np.eye(2), np.array([[20.0, 4.0], [1.0, 3.0]])
        w_o = np.array([[1.0, 1.0], [1.0, -1.0]])
        averages = multi_head_attention(x, w_q, w_k, w_v, w_o, num_heads=2)
        print("20 · 3/4 + 4/4 ± (1 + 3)/2 =", averages[0].round().tolist())
        ```

        ```text {.output}
        20 · 3/4 + 4/4 ± (1 + 3)/2 = [18.0, 14.0]
        ```
    """
    check_shapes(multi_head_attention, x, w_q, w_k, w_v, w_o)
    check_projections(x, w_q, w_k, num_heads, memory, mask)

    num_kv_heads = w_k.shape[0] // (w_q.shape[0] // num_heads)
    source = x if memory is None else memory
    query = split_heads(x @ w_q.T, num_heads)
    key = split_heads(source @ w_k.T, num_kv_heads)
    value = split_heads(source @ w_v.T, num_kv_heads)
    heads = merge_heads(_attend(query, key, value, mask))
    averages: np.ndarray = heads @ w_o.T
    return averages


def _attend(
    query: Float[np.ndarray, "*batch heads queries d_k"],
    key: Float[np.ndarray, "*batch kv_heads keys d_k"],
    value: Float[np.ndarray, "*batch kv_heads keys d_k"],
    mask: Bool[np.ndarray, "*#batch #queries #keys"] | None,
) -> Float[np.ndarray, "*batch heads queries d_k"]:
    """Attend in all heads at once, and read the shared ones where they lie."""
    *batch, heads, queries, width = query.shape
    kv_heads = key.shape[-3]
    if mask is not None:
        mask = mask[..., None, None, :, :]  # alike for all kv_heads and groups
    grouped = scaled_dot_product_attention(
        query.reshape(*batch, kv_heads, heads // kv_heads, queries, width),
        key[..., None, :, :],  # (*batch, kv_heads, 1, keys, d_k)
        value[..., None, :, :],
        mask,
    )
    return grouped.reshape(query.shape)
