r"""Speculative decoding: a cheap model drafts, the target checks all drafts in one pass.

A draft x, drawn from q, is kept with probability min(1, p(x)/q(x)), where p is the
target. The first that is not kept is drawn again, from what the draft gave too little:

<!-- formula
P, Q = softmax(normal(5)), softmax(normal(5))
R = dlref.numpy.generation.residual(P, Q)
p, q, r = (lambda x, of=of: of[x - 1] for of in (P, Q, R))
x, y = range(1, 6), range(1, 6)
-->

$$
r(x) = \frac{\max(0, p(x) - q(x))}{\sum_y \max(0, p(y) - q(y))}
$$

What comes out then has the law p, whatever q is. A draft is kept with probability α, one
less the total variation between the two:

<!-- formula
P, Q = softmax(normal(5)), softmax(normal(5))
alpha = dlref.numpy.generation.acceptance_rate(P, Q)
p, q = (lambda x, of=of: of[x - 1] for of in (P, Q))
x = range(1, 6)
-->

$$
\alpha = \sum_x \min(p(x), q(x))
$$

A bad draft costs time, never quality. Greedy decoding is the case of a p that is one-hot:
a draft is kept if it is the target's first choice.

p and q are those that are *sampled* from: each after its own temperature, top-k, top-p.

Source: Leviathan, Kalman and Matias 2023, "Fast Inference from Transformers via
Speculative Decoding", algorithm 1, theorem 3.5. https://arxiv.org/abs/2211.17192 Chen
et al. 2023, "Accelerating Large Language Model Decoding with Speculative Sampling".
https://arxiv.org/abs/2302.01318

Question: [DL0075][dl0075]
"""

import numpy as np
from jaxtyping import Float, Integer

from dlref._checks.speculative import check_drafted, check_two_models
from dlref.numpy._arguments import check_rng, public
from dlref.numpy._precision import total, widened

__all__ = ["acceptance_rate", "residual", "speculative_law", "speculative_step"]


@public
def acceptance_rate(
    target: Float[np.ndarray, "*batch vocab"], draft: Float[np.ndarray, "*batch vocab"]
) -> Float[np.ndarray, "*batch"]:
    """Add up what both distributions share: the probability that a draft is kept.

    The same for both orders: 1 if they are equal, 0 if no token is common to both.

    Args:
        target: Probabilities p of the next token under the target.
        draft: Those of the model that drafts, q, for the same vocabulary.

    Returns:
        α, one per row.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no token, or a row does not sum to 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import acceptance_rate

        p, q = np.array([0.5, 0.3, 0.1, 0.1]), np.array([0.2, 0.5, 0.2, 0.1])
        print(f"{acceptance_rate(p, q):.1f}")
        ```

        ```text {.output}
        0.7
        ```
    """
    check_two_models(target, draft)

    shared = total(np.minimum(widened(target), widened(draft)))
    return np.asarray(shared[..., 0], target.dtype)


@public
def residual(
    target: Float[np.ndarray, "*batch vocab"], draft: Float[np.ndarray, "*batch vocab"]
) -> Float[np.ndarray, "*batch vocab"]:
    """Return the law of the token that takes the place of one that was not kept.

    It is what the target has and the draft has not, scaled to sum to 1. Where both are
    equal no draft is ever refused, and the target itself is returned.

    Args:
        target: Probabilities p of the next token under the target.
        draft: Those of the model that drafts, q, for the same vocabulary.

    Returns:
        Probabilities of the next token: 0 where the draft has enough.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no token, or a row does not sum to 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import residual

        p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.7, 0.1])
        print(residual(p, q).round(4))
        ```

        ```text {.output}
        [0.75 0.   0.25]
        ```
    """
    check_two_models(target, draft)

    return np.asarray(_residual(target, draft), target.dtype)


@public
def speculative_law(
    target: Float[np.ndarray, "*batch vocab"], draft: Float[np.ndarray, "*batch vocab"]
) -> Float[np.ndarray, "*batch vocab"]:
    """Return the exact law of the first token that comes out: the target.

    Nothing is drawn: it adds up what every draft may lead to. A token x comes out as a
    draft that is kept, or in the place of one that is not.

    Args:
        target: Probabilities p of the next token under the target.
        draft: Those of the model that drafts, q, for the same vocabulary.

    Returns:
        Probabilities of the first token that is emitted.

    Raises:
        TypeError: If an argument is not floating point, or their dtypes differ.
        ValueError: If shapes differ, there is no token, or a row does not sum to 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import speculative_law

        p, q = np.array([0.5, 0.3, 0.1, 0.1]), np.array([0.2, 0.5, 0.2, 0.1])
        print(speculative_law(p, q))
        ```

        ```text {.output}
        [0.5 0.3 0.1 0.1]
        ```
    """
    check_two_models(target, draft)

    p, q = widened(target), widened(draft)
    kept = np.minimum(p, q)  # q(x) times min(1, p(x)/q(x)), also where q(x) is 0
    refused = total(q - kept)
    return np.asarray(kept + refused * _residual(target, draft), target.dtype)


@public
def speculative_step(
    target: Float[np.ndarray, "passes vocab"],
    draft: Float[np.ndarray, "drafts vocab"],
    tokens: Integer[np.ndarray, " drafts"],
    rng: np.random.Generator,
) -> Integer[np.ndarray, " emitted"]:
    """Keep the drafts up to the first that is refused, and add one token in any case.

    That one is drawn from the residual, in the place of the refused draft; or, if all are
    kept, from the target's last row, which the same pass gives: the bonus token.

    Args:
        target: Probabilities of the target, one row more than there are drafts: row i
            (from 0) is for the token after i drafts.
        draft: Probabilities that each drafted token was drawn from.
        tokens: The drafted tokens, in order. There may be none.
        rng: NumPy's random generator, as of `numpy.random.default_rng(0)`.

    Returns:
        From 1 to drafts + 1 tokens, drawn from the target.

    Raises:
        TypeError: If probabilities are not floating point or differ in dtype, tokens are
            not integers, or rng is no generator, but a seed.
        ValueError: If shapes do not fit, a row does not sum to 1, a token is out of
            range, or has no probability under its own draft.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import speculative_step

        p = np.array([[0.1, 0.9], [0.0, 1.0], [1.0, 0.0]])
        q = np.array([[0.5, 0.5], [0.5, 0.5]])
        rng = np.random.default_rng(0)
        print(speculative_step(p, q, np.array([1, 0]), rng))  # the second is refused
        print(speculative_step(p, q, np.array([1, 1]), rng))  # all kept, one more
        ```

        ```text {.output}
        [1 1]
        [1 1 0]
        ```
    """
    check_drafted(target, draft, tokens)
    check_rng(rng)

    drafts = np.arange(len(tokens))
    p, q = target[drafts, tokens], draft[drafts, tokens]
    kept = rng.random(len(tokens)) * q < p  # with probability min(1, p/q)
    count = int(np.logical_and.accumulate(kept).sum())
    last = target[count]
    if count < len(tokens):
        last = _residual(target[count], draft[count])
    return np.append(tokens[:count], _drawn(last, rng).astype(tokens.dtype))


def _residual(
    target: Float[np.ndarray, "*batch vocab"], draft: Float[np.ndarray, "*batch vocab"]
) -> Float[np.ndarray, "*batch vocab"]:
    """Scale what the target has more to a sum of 1, unless there is nothing."""
    p = widened(target)
    more = np.maximum(p - widened(draft), 0)
    mass = total(more)
    return np.asarray(np.divide(more, mass, out=p.copy(), where=mass > 0))


def _drawn(
    probabilities: Float[np.ndarray, " vocab"], rng: np.random.Generator
) -> Integer[np.ndarray, ""]:
    """Draw one token: the first at which the sum so far exceeds a uniform share of it."""
    sums = probabilities.cumsum(dtype=float)
    return np.asarray(sums.searchsorted(rng.random() * sums[-1], side="right"))
