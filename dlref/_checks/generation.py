"""Decoding: logits with the number that shapes them, and the search for a sequence."""

from typing import Any

from dlref._checks.activations import check_logits
from dlref._checks.arrays import (
    check_floating,
    check_plain,
    check_shares,
    require,
    require_shapes,
)
from dlref._checks.embeddings import check_tokens
from dlref._checks.numbers import (
    check_non_negative,
    check_positive,
    check_sizes,
    check_within_one,
)


def check_temperature(logits: Any, value: float) -> None:
    """Refuse logits that no softmax takes, and a temperature that is not above 0."""
    check_logits(logits)
    check_positive(value=value)


def check_top_k(logits: Any, k: int) -> None:
    """Refuse to keep nothing."""
    check_logits(logits)
    check_sizes(k=k)


def check_top_p(logits: Any, p: float) -> None:
    """Refuse a mass of nothing, and more than there is."""
    check_logits(logits)
    require(0 < p <= 1, "p must be above 0 and at most 1", p=p)


def check_min_p(logits: Any, p: float) -> None:
    """Refuse a share of the largest probability that is none."""
    check_logits(logits)
    check_within_one(p=p)


def check_repetition(logits: Any, tokens: Any, penalty: float) -> None:
    """Refuse tokens that do not belong to the rows, and a penalty not above 0."""
    check_logits(logits)
    check_tokens(tokens, logits.shape[-1])
    fits = tokens.ndim > 0 and tuple(tokens.shape[:-1]) == tuple(logits.shape[:-1])
    what = "tokens must have the axes of logits, the last one of any length"
    require_shapes(fits, what, tokens=tokens, logits=logits)
    check_positive(penalty=penalty)


def check_search(length_penalty: float, **sizes: int) -> None:
    """Refuse to keep or to write nothing, and a penalty that rewards the short."""
    check_sizes(**sizes)
    check_non_negative(length_penalty=length_penalty)


def check_next(log_probs: Any, probabilities: Any, eos: int) -> None:
    """Refuse what a model gives for the next token if that is no distribution."""
    name = "log_probs(prefix)"
    check_plain(name, log_probs)
    check_floating(name, log_probs)
    fits = log_probs.ndim == 1 and log_probs.shape[0] > 0
    require_shapes(fits, f"{name} must have shape (vocab,)", **{name: log_probs})
    check_shares("exp(log_probs(prefix))", probabilities)
    vocab_size = log_probs.shape[0]
    require(0 <= eos < vocab_size, f"eos must be between 0 and {vocab_size - 1}", eos=eos)
