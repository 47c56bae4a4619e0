r"""Hierarchical attention: first within each segment, then across the segments.

Of n words in S equal segments, the words of a segment look at each other, and then the
segments do: n²/S + S² pairs in place of n². What one segment tells another must pass
through one vector, so this is not flat attention made cheap.

*Attention pooling* makes one vector of many, s_i of the T words h_it of segment i. A
learned vector u_w, the *context*, puts the same question to every word, and the answers
u_it weigh the average.

$$
\begin{aligned}
u_{it} &= \tanh(W h_{it} + b) \\
a_{it} &= \frac{\exp(u_{it}^\top u_w)}{\sum_{r=1}^{T} \exp(u_{ir}^\top u_w)} \\
s_i &= \sum_{t=1}^{T} a_{it}\,h_{it}
\end{aligned}
$$

Neither level knows an order: unless the vectors themselves tell where they stand,
shuffled sentences make the same document, a *bag of sentences*.

Source: Yang, Yang, Dyer, He, Smola and Hovy 2016, "Hierarchical Attention Networks for
Document Classification" (pooling). https://aclanthology.org/N16-1174
Chalkidis et al. 2022, "An Exploration of Hierarchical Attention Transformers for
Efficient Long Document Classification" (segment-wise, then cross-segment).
https://arxiv.org/abs/2210.05529

Question: [DL0041][dl0041]
"""

import numpy as np
from jaxtyping import Bool, Float

from dlref._checks.arrays import check_shapes
from dlref._checks.attention import check_mask
from dlref.numpy._arguments import public
from dlref.numpy._precision import widened
from dlref.numpy.attention.scaled_dot_product import (
    masked_softmax,
    scaled_dot_product_attention,
)

__all__ = ["attention_pooling", "hierarchical_attention"]


@public
def attention_pooling(
    hidden: Float[np.ndarray, "*batch positions d_model"],
    weight: Float[np.ndarray, "d_a d_model"],
    bias: Float[np.ndarray, " d_a"],
    context: Float[np.ndarray, " d_a"],
    mask: Bool[np.ndarray, "*#batch #positions"] | None = None,
) -> tuple[Float[np.ndarray, "*batch d_model"], Float[np.ndarray, "*batch positions"]]:
    """Average the positions, each weighted by its answer to one learned question.

    Args:
        hidden: One vector h_it per position.
        weight: Weights W of the answers, (out, in) as in `nn.Linear`.
        bias: Bias b of the answers.
        context: The question u_w.
        mask: True where a position counts, False for padding. None counts all.

    Returns:
        The average s_i, and the weights a_it that made it. The weights sum to 1; where
        the mask allows no position, average and weights are zeros.

    Raises:
        TypeError: If the mask is not boolean, anything else not floating point, or the
            dtypes of the rest differ.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.attention import attention_pooling

        hidden = np.array([[0.0], [8.0]])
        weight, bias = np.array([[100.0]]), np.zeros(1)  # so the answers are 0 and 1
        context = np.log([3.0])  # and the weights 1 : 3
        pooled, weights = attention_pooling(hidden, weight, bias, context)
        print(weights, pooled)
        ```

        ```text {.output}
        [0.25 0.75] [6.]
        ```
    """
    check_shapes(attention_pooling, hidden, weight, bias, context)

    dtype = hidden.dtype
    hidden, weight, bias, context = map(widened, (hidden, weight, bias, context))
    scores = np.tanh(hidden @ weight.T + bias) @ context
    weights = masked_softmax(scores, mask)
    pooled = (weights[..., None] * hidden).sum(axis=-2)
    return pooled.astype(dtype), weights.astype(dtype)


@public
def hierarchical_attention(
    query: Float[np.ndarray, "*batch segments words d_k"],
    key: Float[np.ndarray, "*batch segments words d_k"],
    value: Float[np.ndarray, "*batch segments words d_v"],
    mask: Bool[np.ndarray, "*#batch #segments #words"] | None = None,
) -> tuple[
    Float[np.ndarray, "*batch segments words d_v"],
    Float[np.ndarray, "*batch segments d_v"],
]:
    """Attend among the words of each segment, then among the means of the segments.

    The local level is flat attention with a block-diagonal mask. At the global level
    each segment is the mean of its words' outputs: query, key and value at once.

    Args:
        query: What each word looks for.
        key: What each word offers.
        value: What each word hands over.
        mask: True for a word, False for padding. None takes all for words. A segment
            without words does not take part in the global level.

    Returns:
        The words after the local level, and the segments after the global one. Padding
        and segments without words are zeros.

    Raises:
        TypeError: If the mask is not boolean, anything else not floating point, or the
            dtypes of the rest differ.
        ValueError: If shapes do not fit.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.attention import hierarchical_attention

        query = key = np.zeros((2, 2, 1))  # words of a segment weigh alike
        value = np.array([[10.0, 30.0], [0.0, 99.0]])[..., None]
        mask = np.array([[True, True], [True, False]])  # 99 is padding
        words, segments = hierarchical_attention(query, key, value, mask)
        print(words[..., 0].tolist())  # means: 20 and 0
        print(segments[..., 0])  # a query of 0 weighs 20 and 0 alike
        ```

        ```text {.output}
        [[20.0, 20.0], [0.0, 0.0]]
        [20. 10.]
        ```
    """
    check_shapes(hierarchical_attention, query, key, value)
    check_mask(mask, value.shape[:-1])

    shape = value.shape[:-1]
    mask = np.ones(shape, bool) if mask is None else mask
    is_word = np.broadcast_to(mask, shape)
    is_segment = np.any(is_word, axis=-1)

    words = scaled_dot_product_attention(query, key, value, _pairs(is_word))
    mean = masked_softmax(np.zeros(shape), is_word)  # equal weights
    means = (mean[..., None] * words).sum(axis=-2).astype(words.dtype)
    segments = scaled_dot_product_attention(means, means, means, _pairs(is_segment))
    return words, segments


def _pairs(
    mask: Bool[np.ndarray, "*batch positions"],
) -> Bool[np.ndarray, "*batch positions positions"]:
    """Let positions that count see each other; the rest see nothing and become zeros."""
    return np.asarray(mask[..., :, None] & mask[..., None, :])
