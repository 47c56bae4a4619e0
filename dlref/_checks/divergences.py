"""Two distributions to be compared: their logits, spreads, logarithms at samples."""

from typing import Any

from dlref._checks.arrays import check_all_alike, extremes, require
from dlref._checks.losses import check_class_logits
from dlref._checks.numbers import check_positive, check_scale


def check_two_logits(**logits: Any) -> None:
    """Refuse logits that are not over the same classes, at least two."""
    check_all_alike(**logits)
    first, array = next(iter(logits.items()))
    check_class_logits(array, first)


def check_distillation(student: Any, teacher: Any, temperature: float) -> None:
    """Refuse logits that do not fit together, and a temperature that softens nothing."""
    check_scale(temperature=temperature)
    check_two_logits(student_logits=student, teacher_logits=teacher)


def check_gaussians(**arrays: Any) -> None:
    """Refuse arrays of several shapes, and a deviation that is not above 0."""
    check_all_alike(**arrays)
    for name in "std_p", "std_q":
        for value in extremes(arrays[name]) or ():
            check_positive(**{name: value})


def check_samples(log_probs: Any, reference_log_probs: Any) -> None:
    """Refuse a sample that its own distribution never gives."""
    check_all_alike(log_probs=log_probs, reference_log_probs=reference_log_probs)
    what = "log_probs must be above −∞: what never happens is not sampled"
    for value in extremes(log_probs) or ():
        require(value > -float("inf"), what, log_probs=value)
