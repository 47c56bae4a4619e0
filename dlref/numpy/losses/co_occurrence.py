r"""Counts of words: how negatives are drawn, and what skip-gram then makes of pairs.

word2vec draws its negatives by the counts of the words to the power of 3/4, so that
frequent words come less often, and rare ones more often, than in the text:

$$
P_n(c) = \frac{n_c^\alpha}{\sum_i n_i^\alpha}
$$

where n_c is how often word c comes. If vectors have room for it, the loss of skip-gram is
least where each product of a word and a context is

$$
v_w^\top u_c = \log \frac{P(w, c)}{P(w) \, P_n(c)} - \log k
$$

With α = 1 the first term is the pointwise mutual information of word and context, PMI:
how much more often they come together than by chance. With α = 3/4 it is not.

Source: Levy and Goldberg 2014, "Neural Word Embedding as Implicit Matrix Factorization",
abstract.
https://papers.neurips.cc/paper/5477-neural-word-embedding-as-implicit-matrix-factorization
The power: `InitUnigramTable` in
https://github.com/tmikolov/word2vec/blob/20c129af10659f7c50e86e3be406df663beff438/word2vec.c

Question: [DL0071][dl0071]
"""

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.embeddings import check_counts, check_pair_counts
from dlref.numpy._arguments import public
from dlref.numpy._precision import log_softmax, softmax, total

__all__ = ["noise_distribution", "shifted_pmi"]


@public
def noise_distribution(
    counts: Integer[np.ndarray, " vocab"] | Float[np.ndarray, " vocab"],
    *,
    power: float = 0.75,
) -> Float[np.ndarray, " vocab"]:
    """Draw words by a power of their counts; 1 draws as in the text, 0 all alike.

    Args:
        counts: How often each word comes, at least 0. A word that never comes is never
            drawn, whatever the power.
        power: Exponent α ≥ 0. word2vec has 3/4.

    Returns:
        Probability of each word to be drawn. They sum to 1.

    Raises:
        TypeError: If counts are neither integers nor floating point.
        ValueError: If a count is negative or not finite, all are 0, or power is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import noise_distribution

        print(noise_distribution(np.array([90, 9, 1])).round(4))
        ```

        ```text {.output}
        [0.825  0.1467 0.0282]
        ```
    """
    check_counts(counts, ("vocab",), power)

    found = softmax(_powers(counts.astype(np.float64), power))
    return found.astype(counts.dtype) if counts.dtype.kind == "f" else found


@public
def shifted_pmi(
    counts: Integer[np.ndarray, "words contexts"] | Float[np.ndarray, "words contexts"],
    *,
    negatives: int,
    power: float = 1.0,
) -> Float[np.ndarray, "words contexts"]:
    """Find the product of each pair of vectors that makes skip-gram's loss least.

    Args:
        counts: How often each word comes with each context, at least 0.
        negatives: Number k of negatives for each pair.
        power: Exponent α ≥ 0 by which the negatives are drawn. Only with 1, the default,
            is the answer the mutual information minus log k.

    Returns:
        log of P(w, c) / (P(w) P_n(c)), minus log k, in nats. A pair that never comes has
        −∞, also if its word or its context never comes at all.

    Raises:
        TypeError: If counts are neither integers nor floating point.
        ValueError: If a count is negative or not finite, all are 0, negatives is below 1,
            or power is negative.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.losses import shifted_pmi

        counts = np.array([[4, 1], [1, 4]])
        print(shifted_pmi(counts, negatives=1).round(4))
        print(np.log([1.6, 0.4]).round(4))
        ```

        ```text {.output}
        [[ 0.47   -0.9163]
         [-0.9163  0.47  ]]
        [ 0.47   -0.9163]
        ```
    """
    check_pair_counts(counts, negatives, power)

    # In 32 bits a rare pair over a frequent one may round to 0.
    wide = counts.astype(np.float64)
    wide = wide / wide.max()  # or the sum of large ones would overflow
    log_noise = log_softmax(_powers(total(wide.T)[:, 0], power))
    is_seen = wide > 0
    given = np.divide(wide, total(wide), out=np.ones_like(wide), where=is_seen)
    shifted = np.log(given) - log_noise - np.log(negatives)
    found = np.where(is_seen, shifted, -np.inf)
    return found.astype(counts.dtype) if counts.dtype.kind == "f" else found


def _powers(
    counts: Float[np.ndarray, " vocab"], power: float
) -> Float[np.ndarray, " vocab"]:
    """Take the logarithm of each count's power; 0 has none, whatever the power."""
    is_seen = counts > 0
    logs = np.log(np.where(is_seen, counts, 1))
    return np.where(is_seen, power * logs, -np.inf)
