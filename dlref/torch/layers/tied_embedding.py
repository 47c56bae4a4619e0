r"""Tied embeddings: one table for the tokens that go in and for the logits that come out.

Looked up, a table has a gradient in the rows that were used, and in no other. *Tied*, the
same table also gives the logits: token j scores the product of the last hidden vector h
with its row.

$$
z_j = h^\top E_j
$$

The softmax over these gives every row a gradient at every step, whether its token came or
not. One matrix of V d weights is saved.

With entries of variance 1, as in `nn.Embedding`, the logits of a normed h have a standard
deviation of √d: a model that has learned nothing is sure of itself. So `TiedEmbedding`
starts with 0.02.

Source: Press and Wolf 2017, "Using the Output Embedding to Improve Language Models",
abstract and section 1. https://arxiv.org/abs/1608.05859

Question: [DL0071][dl0071]
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Integer
from torch import Tensor, nn

from dlref._checks.embeddings import check_scored
from dlref._checks.numbers import check_sizes
from dlref.torch._arguments import public
from dlref.torch.layers.embedding import embedding

__all__ = ["TiedEmbedding"]


class TiedEmbedding(nn.Module):
    """Hold one table that both embeds tokens and scores the next one.

    Args:
        vocab_size: Number V of tokens, the rows of the table.
        embed_dim: Width d_model of a row.

    Raises:
        TypeError: If a size is not an integer.
        ValueError: If a size is below 1.

    Example:
        ```python
        import torch
        from dlref.torch.layers import TiedEmbedding

        table = TiedEmbedding(50_257, 16)  # the vocabulary of GPT-2
        hidden = table.embed(torch.tensor([[11, 13, 17]]))
        print(tuple(hidden.shape), tuple(table.logits(hidden).shape))
        print([name for name, _ in table.named_parameters()])
        ```

        ```text {.output}
        (1, 3, 16) (1, 3, 50257)
        ['weight']
        ```
    """

    @public
    def __init__(self, vocab_size: int, embed_dim: int) -> None:
        check_sizes(vocab_size=vocab_size, embed_dim=embed_dim)

        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab_size, embed_dim))
        nn.init.normal_(self.weight, std=0.02)

    @public
    def embed(self, tokens: Integer[Tensor, "*batch"]) -> Float[Tensor, "*batch d_model"]:
        """Look up the row of each token.

        Args:
            tokens: Numbers of tokens, from 0.

        Returns:
            A row for each token.

        Raises:
            TypeError: If tokens are not integers.
            ValueError: If the table has no row for a token.
        """
        return embedding(self.weight, tokens)

    @public
    def logits(self, x: Float[Tensor, "*batch d_model"]) -> Float[Tensor, "*batch vocab"]:
        """Score each token of the vocabulary by the product with its row.

        Args:
            x: Hidden vectors behind the last norm.

        Returns:
            Logits, one for each token, before the softmax.

        Raises:
            TypeError: If x is not floating point, or not of the dtype of the table.
            ValueError: If x is not as wide as the table.
        """
        check_scored(x, self.weight)

        return F.linear(x, self.weight)
