"""Speculative decoding: a target, its draft, what was drafted, and how often it holds."""

from typing import Any

from dlref._checks.activations import check_classes
from dlref._checks.arrays import (
    check_alike,
    check_same_dtype,
    check_shares,
    require,
    require_shapes,
)
from dlref._checks.embeddings import check_tokens
from dlref._checks.numbers import check_non_negative, check_sizes, check_within_one


def check_two_models(target: Any, draft: Any) -> None:
    """Refuse what is not two distributions over one vocabulary."""
    check_classes("target", target)
    check_alike("target", target, draft=draft)
    check_shares("target", target)
    check_shares("draft", draft)


def check_drafted(target: Any, draft: Any, tokens: Any) -> None:
    """Refuse rows that are not one for each draft, with one of the target to spare.

    A token that its own draft never gives was drawn from something else: by another
    temperature, or with the tail cut off.
    """
    check_classes("target", target)
    check_classes("draft", draft)
    check_same_dtype("target", target, draft=draft)
    what = "tokens must have shape (drafts,)"
    require_shapes(tokens.ndim == 1, what, tokens=tokens)
    drafts, vocab = tokens.shape[0], target.shape[-1]
    what = f"target must have shape (drafts + 1={drafts + 1}, vocab)"
    fits = target.ndim == 2 and target.shape[0] == drafts + 1
    require_shapes(fits, what, target=target)
    what = f"draft must have shape (drafts={drafts}, vocab={vocab})"
    require_shapes(tuple(draft.shape) == (drafts, vocab), what, draft=draft)
    check_shares("target", target)
    check_shares("draft", draft)
    check_tokens(tokens, vocab)
    what = "draft must give each of its tokens a probability above 0"
    for i, token in enumerate(tokens.tolist()):
        got = {f"draft[{i}, {token}]": draft[i, token].item()}
        require(draft[i, token] > 0, what, **got)


def check_rounds(acceptance: float, drafts: int) -> None:
    """Refuse what is no probability, and fewer drafts than none."""
    check_within_one(acceptance=acceptance)
    check_sizes(at_least=0, drafts=drafts)


def check_priced(acceptance: float, drafts: int, cost_ratio: float) -> None:
    """Refuse a round that cannot be, and a draft that pays back."""
    check_rounds(acceptance, drafts)
    check_non_negative(cost_ratio=cost_ratio)
