"""Two ways to one result, timed in turn: their ratio, round by round.

What disturbs a shared machine disturbs both sides of a round, so that their ratio is
steadier than the seconds. The sides take turns at being first.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Result = TypeVar("Result")
Side = Callable[[], Tensor | tuple[Tensor, ...]]

RELATIVE, ABSOLUTE = 1e-4, 1e-5  # how far the float32 results may be apart
CHECKS = 3  # calls before the clock runs: they also warm up


@dataclass(frozen=True)
class Case:
    """The same result from two sides.

    Attributes:
        name: What is compared with what, and at which size.
        ours: Side of which the time is divided ...
        theirs: ... by the time of this one.
        aim: What the ratio should be at most; None if it is only looked at.
        rounds: How often the two are run.
        gradient: Whether autograd may record.
        tokens: Size for which the growth of the time is fitted, if it is.
    """

    name: str
    ours: Side
    theirs: Side
    aim: float | None = None
    rounds: int = 11
    gradient: bool = False
    tokens: int | None = None


def and_back(result: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return a result, and the gradient of its sum in x."""
    (gradient,) = torch.autograd.grad(result.sum(), x)
    return result.detach(), gradient


def on_one_thread(step: Callable[[], Result]) -> Result:
    """Take a step without the other threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return step()
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class Timing:
    """Seconds of both sides in every round of a case."""

    case: Case
    ours: list[float]
    theirs: list[float]

    @property
    def ratios(self) -> list[float]:
        """The seconds of ours over those of theirs, round by round."""
        return [one / other for one, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def row(self) -> str:
        """The case as a row of a Markdown table."""
        low, median, high = statistics.quantiles(self.ratios, method="inclusive")
        aim = "" if self.case.aim is None else f"≤ {self.case.aim:.2f}"
        return f"| {self.case.name} | {median:.2f} | {low:.2f} to {high:.2f} | {aim} |"


def measure(case: Case, rounds: int | None = None) -> Timing:
    """Assert that both sides agree, then time them in turn."""
    timing = Timing(case, [], [])
    turns = [(case.ours, timing.ours), (case.theirs, timing.theirs)]
    with torch.inference_mode(not case.gradient):
        for _ in range(CHECKS):
            agree(case)
        for _ in range(rounds or case.rounds):
            for side, clock in turns:
                start = time.perf_counter()
                side()
                clock.append(time.perf_counter() - start)
            turns.reverse()
    return timing


def agree(case: Case) -> None:
    """Call both sides once; refuse to compare the speed of different things."""
    torch.testing.assert_close(
        case.ours(),
        case.theirs(),
        rtol=RELATIVE,
        atol=ABSOLUTE,
        msg=lambda difference: f"{case.name}: {difference}",
    )


def growth(sizes: list[int], seconds: list[float]) -> float:
    """Fit the exponent of a power law: the slope of log seconds over log sizes."""
    slope, _ = np.polyfit(np.log(sizes), np.log(seconds), deg=1)
    return float(slope)
