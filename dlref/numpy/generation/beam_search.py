r"""Beam search: the w best beginnings stay, token by token, and the best end is returned.

A sequence ends with the token `eos`, or where it has as many tokens as it may. Its score
is the logarithm of its probability, over a power of its length:

$$
s = \frac{1}{n^\alpha} \sum_{t=1}^{n} \log p_t
$$

n counts the tokens, also that of the end, p_t is the probability of each one after those
before it, and α the length penalty. At α = 0 each token makes a score worse, so that the
short ones have an advantage.

With a width of 1 this is greedy decoding: the best token, each time. It is exact where
the width is as large as the number of beginnings, and may otherwise miss the best
sequence. A wider beam finds scores that are better on the whole, not in each case.

What has ended keeps its place among the w, and goes no further.

Source: Wu et al. 2016, "Google's Neural Machine Translation System", abstract (a beam
search with length normalization). https://arxiv.org/abs/1609.08144. Transformers 5.24,
`generation/utils.py`, `_update_finished_beams` (the sum of the logarithms over a power of
the length).
https://github.com/huggingface/transformers/blob/v5.24.0/src/transformers/generation/utils.py

Question: [DL0074][dl0074]
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from dlref._checks.generation import check_next, check_search
from dlref.numpy._arguments import public

__all__ = ["Hypothesis", "beam_search", "most_likely_sequence"]


class Hypothesis(NamedTuple):
    """A sequence, and what it scores.

    Attributes:
        tokens: The sequence, with the token of its end if it has one.
        score: Logarithm of its probability in nats, over a power of its length.
    """

    tokens: tuple[int, ...]
    score: float


@public
def beam_search(
    log_probs: Callable[[tuple[int, ...]], Float[np.ndarray, "vocab"]],
    *,
    width: int,
    max_len: int,
    eos: int,
    length_penalty: float = 0.0,
) -> Hypothesis:
    """Search for the sequence with the best score among the w that are kept.

    Args:
        log_probs: The model: from the tokens so far, a tuple that begins empty, to the
            log-probability of each next token.
        width: How many hypotheses are kept after each token, w ≥ 1: 1 is greedy.
        max_len: The most tokens, at least 1; what is so long has ended.
        eos: The token that ends a sequence.
        length_penalty: Exponent α ≥ 0 of the length by which a score is divided.

    Returns:
        The best hypothesis among those that were kept to the end.

    Raises:
        TypeError: If log_probs is no function, or returns no array of floating point.
        ValueError: If a size is below 1, length_penalty negative or not finite, eos no
            token, or what log_probs returns no distribution.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import beam_search

        after = {(): [0.0, 0.5, 0.5], (1,): [0.4, 0.3, 0.3], (2,): [0.9, 0.1, 0.0]}


        def log_probs(prefix):  # 0 ends it
            with np.errstate(divide="ignore"):
                return np.log(after[prefix])


        for width in 1, 2:
            tokens, score = beam_search(log_probs, width=width, max_len=2, eos=0)
            print(f"width {width}: {tokens}, probability {np.exp(score):.2f}")
        ```

        ```text {.output}
        width 1: (1, 0), probability 0.20
        width 2: (2, 0), probability 0.45
        ```
    """
    check_search(length_penalty, width=width, max_len=max_len)

    beam = [Hypothesis((), 0.0)]
    for _ in range(max_len):
        grown = [new for old in beam for new in _extended(log_probs, old, eos)]
        beam = sorted(grown, key=lambda one: -_score(one, length_penalty))[:width]
    return Hypothesis(beam[0].tokens, _score(beam[0], length_penalty))


@public
def most_likely_sequence(
    log_probs: Callable[[tuple[int, ...]], Float[np.ndarray, "vocab"]],
    *,
    max_len: int,
    eos: int,
    length_penalty: float = 0.0,
) -> Hypothesis:
    """Score all sequences, and return the best: what beam search would like to find.

    There are about as many as the vocabulary to the power of the length: this is for
    models that fit on a page.

    Args:
        log_probs: The model: from the tokens so far, a tuple that begins empty, to the
            log-probability of each next token.
        max_len: The most tokens, at least 1; what is so long has ended.
        eos: The token that ends a sequence.
        length_penalty: Exponent α ≥ 0 of the length by which a score is divided.

    Returns:
        The best of all sequences.

    Raises:
        TypeError: If log_probs is no function, or returns no array of floating point.
        ValueError: If max_len is below 1, length_penalty negative or not finite, eos no
            token, or what log_probs returns no distribution.

    Example:
        ```python
        import numpy as np
        from dlref.numpy.generation import most_likely_sequence


        def log_probs(prefix):  # 0 ends it, with one in ten
            return np.log([0.1, 0.45, 0.45])


        print(most_likely_sequence(log_probs, max_len=4, eos=0).tokens)
        longer = most_likely_sequence(log_probs, max_len=4, eos=0, length_penalty=1.0)
        print(longer.tokens)
        ```

        ```text {.output}
        (0,)
        (1, 1, 1, 1)
        ```
    """
    check_search(length_penalty, max_len=max_len)

    everything = [Hypothesis((), 0.0)]
    for _ in range(max_len):
        everything = [new for old in everything for new in _extended(log_probs, old, eos)]
    best = max(everything, key=lambda one: _score(one, length_penalty))
    return Hypothesis(best.tokens, _score(best, length_penalty))


def _extended(
    log_probs: Callable[[tuple[int, ...]], Float[np.ndarray, "vocab"]],
    one: Hypothesis,
    eos: int,
) -> list[Hypothesis]:
    """Add each token that may follow; what has ended stays as it is."""
    if one.tokens[-1:] == (eos,):
        return [one]
    logs = _distribution(log_probs(one.tokens), eos)
    return [
        Hypothesis((*one.tokens, token), one.score + log)
        for token, log in enumerate(logs.tolist())
        if log > -np.inf
    ]


def _distribution(logs: Float[np.ndarray, "vocab"], eos: int) -> np.ndarray:
    """Take what a model gives for the next token, if it is a distribution."""
    check_next(logs, _exponentials(logs), eos)

    return logs


def _exponentials(logs: Float[np.ndarray, "vocab"]) -> np.ndarray:
    """Exponentiate; of logits in place of log-probabilities, some may be ∞."""
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(logs))


def _score(one: Hypothesis, length_penalty: float) -> float:
    """Divide the sum of the logarithms by a power of the length."""
    return float(one.score * len(one.tokens) ** -length_penalty)
