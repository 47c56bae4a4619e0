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

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from dlref._checks.arrays import check_shapes
from dlref._checks.attention import check_mask, check_vectors
from dlref._checks.numbers import check_sizes
from dlref.torch._arguments import public
from dlref.torch.attention.scaled_dot_product import (
    masked_softmax,
    scaled_dot_product_attention,
)

__all__ = ["HierarchicalAttention", "attention_pooling", "hierarchical_attention"]


@public
def attention_pooling(
    hidden: Float[Tensor, "*batch positions d_model"],
    weight: Float[Tensor, "d_a d_model"],
    bias: Float[Tensor, " d_a"],
    context: Float[Tensor, " d_a"],
    mask: Bool[Tensor, "*#batch #positions"] | None = None,
) -> tuple[Float[Tensor, "*batch d_model"], Float[Tensor, "*batch positions"]]:
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
        import torch
        from dlref.torch.attention import attention_pooling

        hidden = torch.tensor([[0.0], [8.0]])
        weight, bias = torch.tensor([[100.0]]), torch.zeros(1)  # answers: 0 and 1
        context = torch.tensor([3.0]).log()  # so the weights are 1 : 3
        pooled, weights = attention_pooling(hidden, weight, bias, context)
        print(weights, f"{pooled.item():.2f}")
        ```

        ```text {.output}
        tensor([0.2500, 0.7500]) 6.00
        ```
    """
    check_shapes(attention_pooling, hidden, weight, bias, context)

    scores = torch.tanh(F.linear(hidden, weight, bias)) @ context
    weights = masked_softmax(scores, mask)
    pooled = (weights[..., None] * hidden).sum(dim=-2)
    return pooled, weights


@public
def hierarchical_attention(
    query: Float[Tensor, "*batch segments words d_k"],
    key: Float[Tensor, "*batch segments words d_k"],
    value: Float[Tensor, "*batch segments words d_v"],
    mask: Bool[Tensor, "*#batch #segments #words"] | None = None,
) -> tuple[
    Float[Tensor, "*batch segments words d_v"],
    Float[Tensor, "*batch segments d_v"],
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
        import torch
        from dlref.torch.attention import hierarchical_attention

        query = key = torch.zeros(2, 2, 1)  # words of a segment weigh alike
        value = torch.tensor([[10.0, 30.0], [0.0, 99.0]])[..., None]
        mask = torch.tensor([[True, True], [True, False]])  # 99 is padding
        words, segments = hierarchical_attention(query, key, value, mask)
        print(words[..., 0].tolist())  # means: 20 and 0
        print(segments[..., 0])  # a query of 0 weighs 20 and 0 alike
        ```

        ```text {.output}
        [[20.0, 20.0], [0.0, 0.0]]
        tensor([20., 10.])
        ```
    """
    check_shapes(hierarchical_attention, query, key, value)
    check_mask(mask, value.shape[:-1])

    shape = value.shape[:-1]
    mask = value.new_ones(shape, dtype=torch.bool) if mask is None else mask
    is_word = mask.expand(shape)
    is_segment = is_word.any(dim=-1)

    words = scaled_dot_product_attention(query, key, value, _pairs(is_word))
    mean = masked_softmax(value.new_zeros(shape), is_word)  # equal weights
    means = (mean[..., None] * words).sum(dim=-2)
    segments = scaled_dot_product_attention(means, means, means, _pairs(is_segment))
    return words, segments


def _pairs(
    mask: Bool[Tensor, "*batch positions"],
) -> Bool[Tensor, "*batch positions positions"]:
    """Let positions that count see each other; the rest see nothing and become zeros."""
    return mask[..., :, None] & mask[..., None, :]


class HierarchicalAttention(nn.Module):
    """Pool words to sentences, and sentences to one document, each with weights to read.

    The paper runs a bidirectional GRU over the words, and one over the sentences, before
    each pooling. Here the words come encoded and the sentences stay as they are, so the
    document is a bag of sentences.

    Args:
        embed_dim: Width d_model of words, sentences and document.

    Raises:
        TypeError: If embed_dim is not an integer.
        ValueError: If embed_dim is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.attention import HierarchicalAttention

        torch.manual_seed(0)
        attention = HierarchicalAttention(4)
        words = torch.randn(3, 5, 4)  # 3 sentences of 5 words
        document, word_weights, sentence_weights = attention(words)
        print(word_weights.shape, sentence_weights.shape)

        shuffled = attention(words[[2, 0, 1]])[0]
        print("same document:", torch.allclose(document, shuffled, atol=1e-6))
        ```

        ```text {.output}
        torch.Size([3, 5]) torch.Size([3])
        same document: True
        ```
    """

    @public
    def __init__(self, embed_dim: int) -> None:
        check_sizes(embed_dim=embed_dim)

        super().__init__()
        self.word_pooling = _AttentionPooling(embed_dim)
        self.sentence_pooling = _AttentionPooling(embed_dim)

    @public
    def forward(
        self,
        words: Float[Tensor, "*batch sentences words d_model"],
        mask: Bool[Tensor, "*#batch #sentences #words"] | None = None,
    ) -> tuple[
        Float[Tensor, "*batch d_model"],
        Float[Tensor, "*batch sentences words"],
        Float[Tensor, "*batch sentences"],
    ]:
        """Pool twice; a sentence without words takes no part in the second pooling.

        Args:
            words: One vector per word.
            mask: True for a word, False for padding. None takes all for words.

        Returns:
            The document, the weights of the words within each sentence, and the weights
            of the sentences. Zeros for a sentence without words, and for a document
            without sentences.
        """
        check_vectors("words", words, self.sentence_pooling.context.numel())

        is_sentence = None if mask is None else mask.any(dim=-1)
        sentences, word_weights = self.word_pooling(words, mask)
        document, sentence_weights = self.sentence_pooling(sentences, is_sentence)
        return document, word_weights, sentence_weights


class _AttentionPooling(nn.Module):
    """Hold the weights of `attention_pooling`, the context among them."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.answer = nn.Linear(embed_dim, embed_dim)
        self.context = nn.Parameter(torch.randn(embed_dim) / embed_dim**0.5)

    def forward(
        self,
        hidden: Float[Tensor, "*batch positions d_model"],
        mask: Bool[Tensor, "*#batch #positions"] | None = None,
    ) -> tuple[Float[Tensor, "*batch d_model"], Float[Tensor, "*batch positions"]]:
        weight, bias = self.answer.weight, self.answer.bias
        return attention_pooling(hidden, weight, bias, self.context, mask)
