r"""An embedding is a table: one row of numbers for each token, learned as weights are.

<!-- formula
V, d, x, count_from = 7, 3, integer(0, 6), 0
E = normal(V, d)
onehot = lambda x: np.eye(V)[x]
e = dlref.numpy.layers.embedding(E, np.array(x))
-->

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

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.embeddings import check_scattered, check_table
from dlref.numpy._arguments import public

__all__ = ["embedding", "embedding_gradient"]


@public
def embedding(
    weight: Float[np.ndarray, "vocab d_model"], tokens: Integer[np.ndarray, "*batch"]
) -> Float[np.ndarray, "*batch d_model"]:
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
        import numpy as np
        from dlref.numpy.layers import embedding

        weight = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        tokens = np.array([2, 0, 2])
        print(embedding(weight, tokens).tolist())
        print((np.eye(3)[tokens] @ weight).tolist())
        ```

        ```text {.output}
        [[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]
        [[5.0, 6.0], [1.0, 2.0], [5.0, 6.0]]
        ```
    """
    check_table(weight, tokens)

    rows: np.ndarray = weight[tokens]
    return rows


@public
def embedding_gradient(
    tokens: Integer[np.ndarray, "*batch"],
    grad: Float[np.ndarray, "*batch d_model"],
    vocab_size: int,
) -> Float[np.ndarray, "vocab d_model"]:
    """Add each token's gradient to its row; a token that is absent keeps a row of zeros.

    Args:
        tokens: Numbers of the tokens that were looked up.
        grad: Gradient of the loss in the row of each.
        vocab_size: Rows V of the table.

    Returns:
        Gradient of the loss in the table, in the dtype of grad. The sum is taken in 64
        bits: a frequent token has many terms.

    Raises:
        TypeError: If tokens are not integers, or grad is not floating point.
        ValueError: If grad is not one row for each token, or a token is none of the
            vocabulary.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.layers import embedding_gradient

        tokens = np.array([2, 0, 2])
        grad = np.array([[1.0, 0.0], [0.0, 5.0], [10.0, 0.0]])
        print(embedding_gradient(tokens, grad, 4))
        ```

        ```text {.output}
        [[ 0.  5.]
         [ 0.  0.]
         [11.  0.]
         [ 0.  0.]]
        ```
    """
    check_scattered(tokens, grad, vocab_size)

    width = grad.shape[-1]
    in_weight = np.zeros((vocab_size, width))
    np.add.at(in_weight, tokens.reshape(-1), grad.reshape(tokens.size, width))
    return in_weight.astype(grad.dtype)
