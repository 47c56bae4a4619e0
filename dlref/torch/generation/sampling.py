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

import torch
from jaxtyping import Bool, Float, Int, Integer
from torch import Tensor

from dlref._checks.activations import check_logits
from dlref._checks.generation import (
    check_min_p,
    check_repetition,
    check_temperature,
    check_top_k,
    check_top_p,
)
from dlref.torch._arguments import check_rng, public
from dlref.torch._precision import widened

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
    logits: Float[Tensor, "*batch classes"], value: float
) -> Float[Tensor, "*batch classes"]:
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
        import torch
        from dlref.torch.generation import temperature

        print(temperature(torch.tensor([2.0, 1.0]), 0.5).tolist())
        ```

        ```text {.output}
        [4.0, 2.0]
        ```
    """
    check_temperature(logits, value)

    z = widened(logits)
    divisor = _fitted(value, z)
    plain = (z / divisor).to(logits.dtype)
    below = ((z - z.detach().amax(dim=-1, keepdim=True)) / divisor).to(logits.dtype)
    fits = plain.detach().amax(dim=-1, keepdim=True).isfinite()
    return torch.where(fits, plain, below)


@public
def top_k(
    logits: Float[Tensor, "*batch classes"], k: int
) -> Float[Tensor, "*batch classes"]:
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
        import torch
        from dlref.torch.generation import top_k

        print(top_k(torch.tensor([1.0, 3.0, 2.0, 2.0]), 2).tolist())
        ```

        ```text {.output}
        [-inf, 3.0, 2.0, -inf]
        ```
    """
    check_top_k(logits, k)

    order = _descending(logits)
    ranks = torch.arange(logits.shape[-1], device=logits.device)
    return _kept(logits, order, ranks < min(k, logits.shape[-1]))


@public
def top_p(
    logits: Float[Tensor, "*batch classes"], p: float
) -> Float[Tensor, "*batch classes"]:
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
        import torch
        from dlref.torch.generation import top_p

        logits = torch.tensor([0.1, 0.5, 0.05, 0.3, 0.05]).log()
        print(top_p(logits, 0.7).exp().numpy().round(2))  # 0.5 is not enough
        ```

        ```text {.output}
        [0.  0.5 0.  0.3 0. ]
        ```
    """
    check_top_p(logits, p)

    order = _descending(logits)
    ranked = widened(logits).softmax(dim=-1).gather(-1, order)
    before = ranked.cumsum(dim=-1, dtype=torch.float64) - ranked
    return _kept(logits, order, (before < p) | (p == 1))


@public
def min_p(
    logits: Float[Tensor, "*batch classes"], p: float
) -> Float[Tensor, "*batch classes"]:
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
        import torch
        from dlref.torch.generation import min_p

        logits = torch.tensor([0.1, 0.5, 0.05, 0.3, 0.05]).log()
        print(min_p(logits, 0.15).exp().numpy().round(2))  # from 0.075 on
        ```

        ```text {.output}
        [0.1 0.5 0.  0.3 0. ]
        ```
    """
    check_min_p(logits, p)

    z = widened(logits)
    gaps = z - z.amax(dim=-1, keepdim=True)
    return logits.masked_fill(gaps < (math.log(p) if p else -torch.inf), -torch.inf)


@public
def repetition_penalty(
    logits: Float[Tensor, "*batch classes"],
    tokens: Integer[Tensor, "*batch length"],
    penalty: float,
) -> Float[Tensor, "*batch classes"]:
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
        import torch
        from dlref.torch.generation import repetition_penalty

        logits, tokens = torch.tensor([3.0, -1.0, 2.0]), torch.tensor([1, 0, 1])
        print(repetition_penalty(logits, tokens, 1.5).tolist())
        ```

        ```text {.output}
        [2.0, -1.5, 2.0]
        ```
    """
    check_repetition(logits, tokens, penalty)

    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, tokens.long(), True)
    z = widened(logits)
    factor = _fitted(penalty, z)
    moved = torch.where(z > 0, z / factor, z * factor)
    fitted = moved.clamp(max=torch.finfo(logits.dtype).max).to(logits.dtype)
    return torch.where(seen, fitted, logits)


@public
def gumbel_max(
    logits: Float[Tensor, "*batch classes"], rng: torch.Generator | None
) -> Int[Tensor, "*batch"]:
    """Draw a token from the softmax of each row, without computing it.

    The largest logit wins after Gumbel noise, −log(−log u) for uniform u, is added.

    Args:
        logits: Scores, along the last axis; −∞ is a token that cannot be.
        rng: PyTorch's random generator, on the device of the logits. None is the global
            one.

    Returns:
        Index of the token, for each row.

    Raises:
        TypeError: If logits are not floating point, or rng is no generator, but a seed.
        ValueError: If logits hold no class, NaN, +∞ or a row of −∞ alone.

    Example:
        ```python
        import torch
        from dlref.torch.generation import gumbel_max

        rows = torch.tensor([0.7, 0.2, 0.1]).log().expand(100_000, 3)
        drawn = gumbel_max(rows, torch.Generator().manual_seed(0))
        print((drawn.bincount() / 100_000).numpy().round(2))
        ```

        ```text {.output}
        [0.7 0.2 0.1]
        ```
    """
    check_logits(logits)

    return (logits + _gumbel(logits, rng)).argmax(dim=-1)


def _gumbel(
    like: Float[Tensor, "*axes"], rng: torch.Generator | None
) -> Float[Tensor, "*axes"]:
    """Draw −log(−log u) in 64 bits, whose tail reaches the rarest tokens."""
    check_rng(rng)

    noise = torch.empty_like(like, dtype=torch.float64).exponential_(generator=rng)
    return -noise.log()


def _descending(
    logits: Float[Tensor, "*batch classes"],
) -> Int[Tensor, "*batch classes"]:
    """Order the tokens from the most probable on; of equal ones, the first is first."""
    return logits.detach().argsort(dim=-1, descending=True, stable=True)


def _kept(
    logits: Float[Tensor, "*batch classes"],
    order: Int[Tensor, "*batch classes"],
    stays: Bool[Tensor, "*#batch classes"],
) -> Float[Tensor, "*batch classes"]:
    """Exclude what does not stay, which is told rank by rank."""
    keep = torch.zeros_like(logits, dtype=torch.bool)
    keep = keep.scatter(-1, order, stays.expand(order.shape))
    return logits.masked_fill(~keep, -torch.inf)


def _fitted(factor: float, like: Float[Tensor, "*axes"]) -> float:
    """Take the nearest factor that the type holds in full."""
    limits = torch.finfo(like.dtype)
    return min(max(factor, limits.tiny), limits.max)
