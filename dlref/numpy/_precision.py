"""Sums that stay accurate, however many terms they have and however short these are."""

import numpy as np
from jaxtyping import Float

__all__ = ["excess", "log_softmax", "log_sum_exp", "softmax", "total", "widened"]


def widened(array: Float[np.ndarray, "*axes"]) -> Float[np.ndarray, "*axes"]:
    """Turn 16 bits into 32: a sum of thousands would overflow or stall in them."""
    return array.astype(np.promote_types(array.dtype, np.float32), copy=False)


def softmax(scores: Float[np.ndarray, "*batch keys"]) -> Float[np.ndarray, "*batch keys"]:
    """Exponentiate and divide by the sum, over the last axis."""
    exp = np.exp(_shifted(scores))  # or 1e4 would overflow
    weights: np.ndarray = exp / total(exp)
    return weights


def log_sum_exp(
    scores: Float[np.ndarray, "*batch keys"],
) -> Float[np.ndarray, "*batch 1"]:
    """Take the logarithm of the sum of exponentials, over the last axis."""
    peak = _peak(scores)
    peak = np.where(np.isneginf(peak), 0, peak)  # −∞ − (−∞) would be NaN
    with np.errstate(divide="ignore", over="ignore"):  # nothing but −∞ sums to it
        summed: np.ndarray = peak + np.log(total(np.exp(scores - peak)))
    return summed


def log_softmax(
    scores: Float[np.ndarray, "*batch keys"],
) -> Float[np.ndarray, "*batch keys"]:
    """Subtract the log-sum-exp: the peak first, or a large one would swallow the rest."""
    shifted = _shifted(scores)
    logs: np.ndarray = shifted - np.log(total(np.exp(shifted)))
    return logs


def total(terms: Float[np.ndarray, "*batch keys"]) -> Float[np.ndarray, "*batch 1"]:
    """Add up in 64 bits, whatever the order in memory; return the type of the terms."""
    wide = np.promote_types(terms.dtype, np.float64)
    added: np.ndarray = terms.sum(axis=-1, keepdims=True, dtype=wide)
    return added.astype(terms.dtype)


def excess(x: Float[np.ndarray, "*axes"]) -> Float[np.ndarray, "*axes"]:
    """Return eˣ − 1 − x, which is never below 0."""
    return np.asarray(np.expm1(x) - x)


def _shifted(
    scores: Float[np.ndarray, "*batch keys"],
) -> Float[np.ndarray, "*batch keys"]:
    """Put the largest at 0; what the type cannot hold so far below it becomes −∞."""
    with np.errstate(over="ignore"):
        below: np.ndarray = scores - _peak(scores)
    return below


def _peak(scores: Float[np.ndarray, "*batch keys"]) -> Float[np.ndarray, "*batch 1"]:
    """Find the largest entry, where there is one."""
    peak: np.ndarray = scores.max(axis=-1, keepdims=True, initial=-np.inf)
    return peak
