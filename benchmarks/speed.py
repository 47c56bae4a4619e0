"""Speed side by side with PyTorch, as ratios.

    python -m benchmarks.speed          # some minutes; writes benchmarks/RESULTS.md
    python -m benchmarks.speed --quick  # tiny sizes, to see that it runs; writes nothing

A ratio of 1.10 means that the first side takes 10 % longer than the one it is compared
with, below 1 it is faster. Both run in one process, in turn, and must first give the same
result. Narrow quartiles say that the machine was quiet; the ratio holds for that machine.
"""

import os
import platform
import statistics
from argparse import ArgumentParser
from datetime import date
from textwrap import fill

import numpy as np
import torch

from benchmarks import attention, block, generation, layers, networks, training
from benchmarks.ratios import ABSOLUTE, RELATIVE, Case, Timing, growth, measure
from workshop import ROOT

RESULTS = ROOT / "benchmarks/RESULTS.md"
THREADS = 2


def full_cases() -> list[Case]:
    """Build the cases of the table, at its sizes."""
    return [
        *attention.cases(),
        *attention.blockwise_cases(),
        *attention.decoding_cases(),
        *attention.jacobian_cases(),
        *block.cases(),
        *generation.cases(),
        *training.cases(),
        *layers.cases(),
        *networks.cases(),
    ]


def quick_cases() -> list[Case]:
    """Build the same cases at sizes that take no time."""
    return [
        *attention.cases(batch=2, heads=3, tokens=7, width=5),
        *attention.blockwise_cases(batch=2, heads=3, tokens=7, width=5, size=3),
        *attention.decoding_cases(heads=4, width=3, keys=11, kv_heads=(2, 1)),
        *attention.jacobian_cases(rows=7, keys=5),
        *block.cases(batch=2, tokens=7, width=6, heads=2),
        *generation.cases(counts=(2, 4, 8), embed_dim=6, num_heads=2),
        *training.cases(size=101),
        *layers.cases(tokens=7, width=5),
        *networks.cases(tokens=7, width=5),
    ]


def table(timings: list[Timing]) -> str:
    """Write one row per case."""
    head = ["| case | ratio | quartiles | aim |", "|---|---|---|---|"]
    return "\n".join([*head, *(timing.row for timing in timings)])


def growths(timings: list[Timing]) -> str:
    """Say how the time of generation grows, with a cache and without."""
    fitted = [timing for timing in timings if timing.case.tokens]
    tokens = [timing.case.tokens or 0 for timing in fitted]
    cached = growth(tokens, [statistics.median(timing.ours) for timing in fitted])
    uncached = growth(tokens, [statistics.median(timing.theirs) for timing in fitted])
    return (
        f"From {tokens[0]} to {tokens[-1]} generated tokens the time grows as their "
        f"number to the power of {cached:.2f} with a cache, of {uncached:.2f} without: "
        "least squares through the logarithms of the median times."
    )


def versions() -> str:
    """Say what made the table, and when."""
    return (
        f"{date.today()}: Python {platform.python_version()}, NumPy {np.__version__}, "
        f"PyTorch {torch.__version__}, float32, {torch.get_num_threads()} threads, "
        f"{os.cpu_count()} CPUs."
    )


def report(timings: list[Timing]) -> str:
    """Write the page: how to read the table, the table, and where it was made."""
    return f"""# Speed side by side with PyTorch

Written by `python -m benchmarks.speed`. A ratio is the time of the first side over the
time of the one that it is compared with, both run in turn in one process: the median over
all rounds, and its quartiles. Below 1, the first is faster. Before they are timed, both
give the same result, within {ABSOLUTE:.0e} + {RELATIVE:.0e} of its size.

{table(timings)}

{fill(growths(timings), width=90)}

{fill(versions(), width=90)}
"""


def main() -> None:
    """Print the page; keep it, unless it was made quickly."""
    parser = ArgumentParser(prog="python -m benchmarks.speed")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, nothing written"
    )
    quick = parser.parse_args().quick

    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    if quick:
        print(report([measure(case, rounds=3) for case in quick_cases()]))
        return
    page = report([measure(case) for case in full_cases()])
    print(page)
    RESULTS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
