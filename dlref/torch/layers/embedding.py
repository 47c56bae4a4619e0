r"""An embedding is a table: one row of numbers for each token, learned as weights are.

$$
e = E_x = \operatorname{onehot}(x) \, E
$$

x is a token's number, from 0, and e its row of E. The product with a vector that has a 1
at x and zeros elsewhere picks the same row, at V times the cost. But it says what the
gradient is: with g, the gradient of the loss in e, that in E is the outer product of the
one-hot vector and g. It is zero but for the rows that were used, and where a token comes
twice, its two gradients add up:

$$
G_j = \sum_{i \leq n, \, x_i = j} g_i
$$

`grad_E[tokens] += g` is another thing: NumPy writes each row once, and loses all but the
last gradient of a token that comes twice.

Source: Press and Wolf 2017, "Using the Output Embedding to Improve Language Models",
section 1 (one-hot input). https://arxiv.org/abs/1608.05859

Question: [DL0071][dl0071]
"""

import torch.nn.functional as F
from jaxtyping import Float, Integer
from torch import Tensor

from dlref._checks.embeddings import check_table
from dlref.torch._arguments import public

__all__ = ["embedding"]


@public
def embedding(
    weight: Float[Tensor, "vocab d_model"], tokens: Integer[Tensor, "*batch"]
) -> Float[Tensor, "*batch d_model"]:
    """Look up the row of each token: its one-hot vector times the table.

    Args:
        weight: Table E, a row for each token of the vocabulary.
        tokens: Numbers of tokens, from 0.

    Returns:
        A row for each token, in the dtype of weight.

    Raises:
        TypeError: If weight is not floating point, or tokens are not integers.
        ValueError: If weight is not a matrix, or has no row for a token. NumPy itself
            takes −1, and counts it from the end.

    Example:
        ```python
        import torch
        from dlref.torch.layers import embedding

        weight = torch.tensor([[1.0, 2], [3, 4], [5, 6]], requires_grad=True)
        embedding(weight, torch.tensor([2, 0, 2])).sum().backward()
        print(weight.grad.tolist())  # row 2 was used twice, row 1 never
        ```

        ```text {.output}
        [[1.0, 1.0], [0.0, 0.0], [2.0, 2.0]]
        ```
    """
    check_table(weight, tokens)

    return F.embedding(tokens.long(), weight)
