"""The step, the rates and the phases of a schedule."""

from typing import get_args

from dlref._checks.arrays import require
from dlref._checks.numbers import check_choice, check_non_negative, check_sizes
from dlref._choices import Decay


def check_schedule(
    step: int, peak: float, minimum: float, warmup_steps: int, total_steps: int
) -> None:
    """Refuse a step before the first, a minimum above the peak, an endless warm-up."""
    check_sizes(at_least=0, step=step, warmup_steps=warmup_steps)
    check_non_negative(peak=peak, minimum=minimum)
    what = "minimum must be at most peak"
    require(minimum <= peak, what, minimum=minimum, peak=peak)
    phases = {"warmup_steps": warmup_steps, "total_steps": total_steps}
    fits = warmup_steps < total_steps
    require(fits, "warmup_steps must be below total_steps", **phases)


def check_decay_phase(
    decay_steps: int, shape: str, warmup_steps: int, total_steps: int
) -> None:
    """Refuse a decay that begins within the warm-up, and an unknown shape."""
    check_sizes(at_least=0, decay_steps=decay_steps)
    phases = {"warmup_steps": warmup_steps, "total_steps": total_steps}
    fits = decay_steps <= total_steps - warmup_steps
    what = "decay_steps must be at most total_steps - warmup_steps"
    require(fits, what, decay_steps=decay_steps, **phases)
    check_choice("shape", shape, get_args(Decay))


def check_noam(step: int, embed_dim: int, warmup_steps: int) -> None:
    """Refuse step 0, at which the formula has no value, and empty sizes."""
    check_sizes(step=step, embed_dim=embed_dim, warmup_steps=warmup_steps)
