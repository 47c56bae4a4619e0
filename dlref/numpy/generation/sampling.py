r"""Sampling: what is done to the logits before the next token is drawn, and the draw.

Each function takes logits and returns logits; what it excludes becomes −∞. The softmax
then divides by the mass that is left:

$$
q_i = \frac{p_i}{\sum_{j \in S} p_j}
$$

p is the softmax of the logits and S the set of tokens that are kept. Top-k keeps the k
most probable. Top-p keeps as few as have a mass of p together: also the token with which
the sum crosses p. Min-p keeps what has at least a share of the largest probability.

All of them depend on gaps between logits only, but for the repetition penalty. It divides
a logit that is positive and multiplies one that is not, so that a number added to all
logits changes what it does.

Source: Holtzman, Buys, Du, Forbes and Choi 2020, "The Curious Case of Neural Text
Degeneration", abstract (top-p). https://arxiv.org/abs/1904.09751. Nguyen et al. 2024,
"Turning Up the Heat: Min-p Sampling for Creative and Coherent LLM Outputs", abstract.
https://arxiv.org/abs/2407.01082. Transformers 5.24, `generation/logits_process.py`,
`RepetitionPenaltyLogitsProcessor` (the sign).
https://github.com/huggingface/transformers/blob/v5.24.0/src/transformers/generation/logits_process.py

Question: [DL0074][dl0074]
"""

import math

import numpy as np
from jaxtyping import Bool, Float, Int, Integer

from dlref._checks.activations import check_logits
from dlref._checks.generation import (
    check_min_p,
    check_repetition,
    check_temperature,
    check_top_k,
    check_top_p,
)
from dlref.numpy._arguments import check_rng, public
from dlref.numpy._precision import softmax, widened

__all__ = [
    "gumbel_max",
    "min_p",
    "repetition_penalty",
    "temperature",
    "top_k",
    "top_p",
]


@public
def temperature(
    logits: Float[np.ndarray, "*batch classes"], value: float
) -> Float[np.ndarray, "*batch classes"]:
    """Divide the logits: below 1 the probabilities are sharper, above 1 flatter.

    Where a quotient would be beyond the type, the largest logit of the row is put at 0
    first, which changes no probability.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        value: Temperature T > 0. At 0 take the argmax.

    Returns:
        Logits, with the dtype of logits.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if value is
            not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import temperature

        print(temperature(np.array([2.0, 1.0]), 0.5).tolist())
        ```

        ```text {.output}
        [4.0, 2.0]
        ```
    """
    check_temperature(logits, value)

    z = widened(logits)
    divisor = _fitted(value, z)
    with np.errstate(over="ignore"):
        plain = (z / divisor).astype(logits.dtype)
        below = ((z - z.max(axis=-1, keepdims=True)) / divisor).astype(logits.dtype)
    fits = np.isfinite(plain.max(axis=-1, keepdims=True))
    return np.where(fits, plain, below)


@public
def top_k(
    logits: Float[np.ndarray, "*batch classes"], k: int
) -> Float[np.ndarray, "*batch classes"]:
    """Keep the k largest logits: of equal ones, those that come first.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        k: How many to keep, at least 1. If there are not so many, all stay.

    Returns:
        Logits, −∞ where a token is excluded.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if k is
            below 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import top_k

        print(top_k(np.array([1.0, 3.0, 2.0, 2.0]), 2).tolist())
        ```

        ```text {.output}
        [-inf, 3.0, 2.0, -inf]
        ```
    """
    check_top_k(logits, k)

    order = _descending(logits)
    return _kept(logits, order, np.arange(logits.shape[-1]) < k)


@public
def top_p(
    logits: Float[np.ndarray, "*batch classes"], p: float
) -> Float[np.ndarray, "*batch classes"]:
    """Keep the fewest tokens whose probabilities sum to p or more.

    A token stays if those before it, from the most probable on, have less than p. So the
    one that crosses p stays, and there is always one.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        p: Mass to keep, above 0 and at most 1. At 1 all stay.

    Returns:
        Logits, −∞ where a token is excluded.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if p is not
            above 0 and at most 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import top_p

        logits = np.log([0.1, 0.5, 0.05, 0.3, 0.05])
        print(np.exp(top_p(logits, 0.7)).round(2).tolist())  # 0.5 is not enough
        ```

        ```text {.output}
        [0.0, 0.5, 0.0, 0.3, 0.0]
        ```
    """
    check_top_p(logits, p)

    order = _descending(logits)
    ranked = np.take_along_axis(softmax(widened(logits)), order, axis=-1)
    before = ranked.cumsum(axis=-1, dtype=float) - ranked
    return _kept(logits, order, (before < p) | (p == 1))


@public
def min_p(
    logits: Float[np.ndarray, "*batch classes"], p: float
) -> Float[np.ndarray, "*batch classes"]:
    """Keep what is at least p times as probable as the most probable token.

    That is a gap to the largest logit of at most −log p, and needs no softmax.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        p: Share of the largest probability, between 0 and 1. At 0 all stay.

    Returns:
        Logits, −∞ where a token is excluded.

    Raises:
        TypeError: If logits are not floating point.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, or if p is not
            between 0 and 1.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import min_p

        logits = np.log([0.1, 0.5, 0.05, 0.3, 0.05])
        print(np.exp(min_p(logits, 0.15)).round(2).tolist())  # from 0.075 on
        ```

        ```text {.output}
        [0.1, 0.5, 0.0, 0.3, 0.0]
        ```
    """
    check_min_p(logits, p)

    z = widened(logits)
    with np.errstate(over="ignore"):  # so far below, it is −∞
        gaps = z - z.max(axis=-1, keepdims=True)
    return _where(gaps >= (math.log(p) if p else -np.inf), logits)


@public
def repetition_penalty(
    logits: Float[np.ndarray, "*batch classes"],
    tokens: Integer[np.ndarray, "*batch length"],
    penalty: float,
) -> Float[np.ndarray, "*batch classes"]:
    """Divide the positive logits of tokens that were there, and multiply the others.

    Each token counts once, however often it was there. A number added to all logits
    changes the result: it moves the sign.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        tokens: What was written so far, for each row of logits.
        penalty: Factor θ > 0: above 1 against repetition, 1 for nothing.

    Returns:
        Logits, with the dtype of logits.

    Raises:
        TypeError: If logits are not floating point, or tokens not integers.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone, if tokens have
            other axes or are no classes, or if penalty is not above 0 and finite.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import repetition_penalty

        logits, tokens = np.array([3.0, -1.0, 2.0]), np.array([1, 0, 1])
        print(repetition_penalty(logits, tokens, 1.5).tolist())
        ```

        ```text {.output}
        [2.0, -1.5, 2.0]
        ```
    """
    check_repetition(logits, tokens, penalty)

    seen = np.zeros(logits.shape, bool)
    np.put_along_axis(seen, tokens.astype(np.intp), True, axis=-1)
    z = widened(logits)
    factor = _fitted(penalty, z)
    with np.errstate(over="ignore"):  # the most that the type holds; or −∞
        moved = np.where(z > 0, z / factor, z * factor)
        fitted = np.minimum(moved, np.finfo(logits.dtype).max).astype(logits.dtype)
    return np.where(seen, fitted, logits)


@public
def gumbel_max(
    logits: Float[np.ndarray, "*batch classes"], rng: np.random.Generator
) -> Int[np.ndarray, "*batch"]:
    """Draw a token from the softmax of each row, without computing it.

    The largest logit wins after Gumbel noise, −log(−log u) for uniform u, is added.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        rng: NumPy's random generator.

    Returns:
        Index of the token, for each row.

    Raises:
        TypeError: If logits are not floating point, or rng is no generator, but a seed.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import gumbel_max

        rows = np.tile(np.log([0.7, 0.2, 0.1]), (100_000, 1))
        drawn = gumbel_max(rows, np.random.default_rng(0))
        print((np.bincount(drawn) / 100_000).round(2).tolist())
        ```

        ```text {.output}
        [0.7, 0.2, 0.1]
        ```
    """
    check_logits(logits)

    noisy = logits + _gumbel(logits, rng)
    return np.asarray(noisy.argmax(axis=-1))


def _gumbel(
    like: Float[np.ndarray, "*axes"], rng: np.random.Generator
) -> Float[np.ndarray, "*axes"]:
    """Draw −log(−log u) in 64 bits, whose tail reaches the rarest tokens."""
    check_rng(rng)

    return rng.gumbel(size=like.shape)


def _descending(
    logits: Float[np.ndarray, "*batch classes"],
) -> Int[np.ndarray, "*batch classes"]:
    """Order the tokens from the most probable on; of equal ones, the first is first."""
    return np.argsort(-logits, axis=-1, kind="stable")


def _kept(
    logits: Float[np.ndarray, "*batch classes"],
    order: Int[np.ndarray, "*batch classes"],
    stays: Bool[np.ndarray, "*#batch classes"],
) -> Float[np.ndarray, "*batch classes"]:
    """Exclude what does not stay, which is told rank by rank."""
    keep = np.zeros(logits.shape, bool)
    np.put_along_axis(keep, order, np.broadcast_to(stays, order.shape), axis=-1)
    return _where(keep, logits)


def _where(
    keep: Bool[np.ndarray, "*batch classes"],
    logits: Float[np.ndarray, "*batch classes"],
) -> Float[np.ndarray, "*batch classes"]:
    """Leave the logits that are kept, and make the others −∞."""
    return np.where(keep, logits, np.asarray(-np.inf, logits.dtype))


def _fitted(factor: float, like: Float[np.ndarray, "*axes"]) -> float:
    """Take the nearest factor that the type holds in full."""
    limits = np.finfo(like.dtype)
    return float(np.clip(factor, limits.tiny, limits.max))
