r"""Skip-gram with negative sampling: tell a true neighbor from random words.

<!-- formula
d, k = 5, 3
v_c, u_o, u = normal(d), normal(d), normal(k, d)
i = range(1, k + 1)
sigma = lambda s: dlref.numpy.activations.sigmoid(np.array(s))
L = dlref.numpy.losses.skip_gram_loss(v_c, u_o, u)
-->

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

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from dlref._checks.embeddings import check_pairs
from dlref.numpy._arguments import public
from dlref.numpy._precision import total, widened
from dlref.numpy.activations import sigmoid

__all__ = ["SkipGramGradient", "skip_gram_gradient", "skip_gram_loss"]


class SkipGramGradient(NamedTuple):
    """Gradients of a skip-gram loss, each of the shape of what it is taken in.

    Attributes:
        center: In the vector of the center word, v_c.
        context: In the vector of the true neighbor, u_o.
        negatives: In the vectors of the words drawn at random, u_i.
    """

    center: Float[np.ndarray, "*batch d_model"]
    context: Float[np.ndarray, "*batch d_model"]
    negatives: Float[np.ndarray, "*batch negatives d_model"]


@public
def skip_gram_loss(
    center: Float[np.ndarray, "*batch d_model"],
    context: Float[np.ndarray, "*batch d_model"],
    negatives: Float[np.ndarray, "*batch negatives d_model"],
) -> Float[np.ndarray, "*batch"]:
    """Charge a yes/no answer for the true neighbor, and one for each negative.

    Args:
        center: Vector of the center word, a row of the first table.
        context: Vector of a word beside it, a row of the second table.
        negatives: Vectors of k words drawn at random, rows of the second table.

    Returns:
        Loss in nats, one for each pair, not reduced: the sum of k + 1 terms.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of center.
        ValueError: If shapes do not fit, or there are no negatives: without them the best
            answer to any pair is yes.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import skip_gram_loss

        center, context = np.array([1.0, 0.0]), np.array([2.0, 1.0])
        negatives = np.array([[0.0, 1.0], [-1.0, 0.0]])
        loss = skip_gram_loss(center, context, negatives)
        print(f"0.1269 + 0.6931 + 0.3133 = {loss:.4f}")
        ```

        ```text {.output}
        0.1269 + 0.6931 + 0.3133 = 1.1333
        ```
    """
    check_pairs(center, context, negatives)

    true, noise = _scores(center, context, negatives)
    loss = np.logaddexp(0, -true) + total(np.logaddexp(0, noise))
    return np.asarray(loss[..., 0], center.dtype)


@public
def skip_gram_gradient(
    center: Float[np.ndarray, "*batch d_model"],
    context: Float[np.ndarray, "*batch d_model"],
    negatives: Float[np.ndarray, "*batch negatives d_model"],
) -> SkipGramGradient:
    """Differentiate each pair's `skip_gram_loss` in its own vectors.

    Where a word comes in several pairs, its gradients add up, as in `embedding_gradient`.

    Args:
        center: Vector of the center word, a row of the first table.
        context: Vector of a word beside it, a row of the second table.
        negatives: Vectors of k words drawn at random, rows of the second table.

    Returns:
        Gradients in center, context and negatives, by these names.

    Raises:
        TypeError: If an array is not floating point, or not of the dtype of center.
        ValueError: If shapes do not fit, or there are no negatives.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import skip_gram_gradient

        center, context = np.array([1.0, 2.0]), np.array([2.0, 0.0])
        grad = skip_gram_gradient(center, context, np.zeros((1, 2)))
        print("in context:", grad.context.round(4))  # σ(2) − 1 = −0.1192
        print("in the negative:", grad.negatives.round(4))  # σ(0) = 0.5
        ```

        ```text {.output}
        in context: [-0.1192 -0.2384]
        in the negative: [[0.5 1. ]]
        ```
    """
    check_pairs(center, context, negatives)

    true, noise = _scores(center, context, negatives)
    v, u_o, u = widened(center), widened(context), widened(negatives)
    pull, push = -sigmoid(-true), sigmoid(noise)[..., None]  # 1 − σ would round to 0
    in_center = pull * u_o + (push * u).sum(axis=-2)
    found = in_center, pull * v, push * v[..., None, :]
    return SkipGramGradient(*(x.astype(center.dtype) for x in found))


def _scores(
    center: Float[np.ndarray, "*batch d_model"],
    context: Float[np.ndarray, "*batch d_model"],
    negatives: Float[np.ndarray, "*batch negatives d_model"],
) -> tuple[Float[np.ndarray, "*batch 1"], Float[np.ndarray, "*batch negatives"]]:
    """Multiply the center with the true neighbor, and with each negative."""
    v, u_o, u = widened(center), widened(context), widened(negatives)
    return total(v * u_o), total(v[..., None, :] * u)[..., 0]
