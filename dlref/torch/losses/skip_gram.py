r"""Skip-gram with negative sampling: tell a true neighbor from random words.

$$
L = -\log \sigma(v_c^\top u_o) - \sum_{i=1}^{k} \log \sigma(-v_c^\top u_i)
$$

v_c is the vector of the center word, u_o that of a word beside it, and the u_i are those
of k words drawn at random, the *negatives*. v and u are rows of two tables. A softmax
over the vocabulary would need the products with all V rows; this needs k + 1.

Each of the k + 1 answers pulls with its error, the probability minus the truth:

$$
\begin{aligned}
g_c &= (\sigma(v_c^\top u_o) - 1) \, u_o + \sum_{i=1}^{k} \sigma(v_c^\top u_i) \, u_i \\
g_o &= (\sigma(v_c^\top u_o) - 1) \, v_c \\
g_i &= \sigma(v_c^\top u_i) \, v_c
\end{aligned}
$$

are the gradients in v_c, in u_o and in each u_i. With vectors of zeros the loss is
(k + 1) log 2; if both tables are zero, so are all gradients, and nothing is learned.

The logarithm is never taken of a sigmoid, which rounds to 0: −log σ(s) is the softplus of
−s.

Source: Mikolov, Sutskever, Chen, Corrado and Dean 2013, "Distributed Representations of
Words and Phrases and their Compositionality", section 2.2, equation 4.
https://arxiv.org/abs/1310.4546
Their code: `TrainModelThread` in
https://github.com/tmikolov/word2vec/blob/20c129af10659f7c50e86e3be406df663beff438/word2vec.c

Question: [DL0071][dl0071]
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from dlref._checks.embeddings import check_pairs
from dlref.torch._arguments import public
from dlref.torch._precision import widened

__all__ = ["skip_gram_loss"]


@public
def skip_gram_loss(
    center: Float[Tensor, "*batch d_model"],
    context: Float[Tensor, "*batch d_model"],
    negatives: Float[Tensor, "*batch negatives d_model"],
) -> Float[Tensor, "*batch"]:
    """Charge a yes/no answer for the true neighbor, and one for each negative.

    Args:
        center: Vector of the center word, a row of the first table.
        context: Vector of a word beside it, a row of the second table.
        negatives: Vectors of k words drawn at random, rows of the second table.

    Returns:
        Loss in nats, one for each pair, not reduced: the sum of k + 1 terms.

    Raises:
        TypeError: If a tensor is not floating point, or not of the dtype of center.
        ValueError: If shapes do not fit, or there are no negatives: without them the best
            answer to any pair is yes.

    Example:
        ```python
        import torch
        from dlref.torch.losses import skip_gram_loss

        center, context = torch.tensor([1.0, 0.0]), torch.tensor([2.0, 1.0])
        negatives = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])
        loss = skip_gram_loss(center, context, negatives)
        print(f"0.1269 + 0.6931 + 0.3133 = {loss:.4f}")
        ```

        ```text {.output}
        0.1269 + 0.6931 + 0.3133 = 1.1333
        ```
    """
    check_pairs(center, context, negatives)

    v, u_o, u = widened(center), widened(context), widened(negatives)
    true = (v * u_o).sum(-1)
    noise = (v[..., None, :] * u).sum(-1)
    # Not softplus: beyond 20 PyTorch's is a line, and loses digits of 64 bits.
    loss = -F.logsigmoid(true) - F.logsigmoid(-noise).sum(-1)
    return loss.to(center.dtype)
