"""Rewards, advantages and log-probabilities of answers, and what weighs them."""

from typing import Any

from dlref._checks.arrays import (
    check_alike,
    check_all_alike,
    check_floating,
    check_rows,
    check_shares,
    extremes,
    require_shapes,
)
from dlref._checks.contrastive import check_shift
from dlref._checks.numbers import check_open_probability, check_positive, check_scale


def check_answers(**arrays: Any) -> None:
    """Refuse numbers that are not one per answer or token in each array, and infinity."""
    check_all_alike(**arrays)
    for name, array in arrays.items():
        check_bounded(name, array)


def check_preferred(
    policy_chosen: Any,
    policy_rejected: Any,
    reference_chosen: Any,
    reference_rejected: Any,
    beta: float,
) -> None:
    """Refuse what does not fit together, and a β by which nothing is kept or weighed."""
    check_scale(beta=beta)
    check_answers(
        policy_chosen=policy_chosen,
        policy_rejected=policy_rejected,
        reference_chosen=reference_chosen,
        reference_rejected=reference_rejected,
    )


def check_clipped(
    log_probs: Any, old_log_probs: Any, advantages: Any, clip: float
) -> None:
    """Refuse what does not fit together, and a clip that leaves no ratio below 1."""
    check_open_probability("clip", clip)
    check_answers(log_probs=log_probs, old_log_probs=old_log_probs, advantages=advantages)


def check_group(rewards: Any, eps: float) -> None:
    """Refuse a group of one, whose mean is itself, and a reward that is not finite."""
    check_positive(eps=eps)
    check_floating("rewards", rewards)
    several = rewards.ndim > 0 and rewards.shape[-1] >= 2
    what = "rewards must have at least 2 answers on the last axis"
    require_shapes(several, what, rewards=rewards)
    check_bounded("rewards", rewards)


def check_regularized(reference: Any, rewards: Any, beta: float) -> None:
    """Refuse what is no distribution over the answers, each with its reward."""
    check_scale(beta=beta)
    check_rows("reference", reference)
    check_alike("reference", reference, rewards=rewards)
    check_shares("reference", reference)
    check_bounded("rewards", rewards)


def check_bounded(name: str, array: Any) -> None:
    """Refuse NaN, and entries that are far too large."""
    for value in extremes(array) or ():
        check_shift(**{name: value})
