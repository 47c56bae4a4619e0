"""Learning rates as functions of the step: no state, and nothing to resume."""

from dlref.schedules.noam import noam
from dlref.schedules.warmup import warmup_cosine, warmup_stable_decay

__all__ = ["noam", "warmup_cosine", "warmup_stable_decay"]
