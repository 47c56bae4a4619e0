"""What verification costs: the pages under pytest, against the same snippets run bare.

    python -m benchmarks.snippets

Processes run in turn, several rounds: pytest over `docs/`, the snippets of `docs/` one
after another in one interpreter, and for each of the two its start: pytest with nothing
to run, the bare interpreter with its imports. Processor seconds are compared, for they
are steadier than the clock's on a shared machine.
"""

import contextlib
import io
import os
import resource
import statistics
import subprocess
import sys
import time

from workshop import ROOT
from workshop.pages.snippets import Snippet, snippets
from workshop.verify.figures import STYLE

ROUNDS = 5
NOTHING_TO_RUN = 5  # pytest's exit status
PACKAGE = "import matplotlib.pyplot, dlref.numpy.losses, dlref.torch.losses"
COMMANDS = {
    "pytest": ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "docs"],
    "its start": ["-m", "pytest", "--quiet", "-p", "no:cacheprovider", "CHANGELOG.md"],
    "bare": ["-m", "benchmarks.snippets", "bare"],
    "bare start": ["-c", PACKAGE],
}


def page_snippets() -> list[Snippet]:
    """Find what the pages show, in their order."""
    pages = sorted((ROOT / "docs").rglob("*.md"))
    return [one for page in pages for one in snippets(page.read_text(encoding="utf-8"))]


def bare() -> None:
    """Execute every snippet with nothing around it but what lets it go on."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(STYLE)
    vars(plt)["show"] = lambda: plt.savefig(io.StringIO(), format="svg")
    for snippet in page_snippets():
        fails = "fails" in snippet.fence.flags
        with (
            contextlib.suppress(Exception) if fails else contextlib.nullcontext(),
            contextlib.redirect_stdout(io.StringIO()),
        ):
            exec(snippet.code, {"__name__": "__main__"})
        plt.close("all")


def seconds(command: list[str]) -> tuple[float, float]:
    """Run one process; return its processor and clock seconds."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""},  # compile plugins once
        stdout=subprocess.DEVNULL,
    )
    if done.returncode not in (0, NOTHING_TO_RUN):
        sys.exit(f"{' '.join(command)} must end well; got {done.returncode}")
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, end - start


def main() -> None:
    """Print the seconds, the snippets a second and the ratio."""
    runs = [
        {name: seconds(command) for name, command in COMMANDS.items()}
        for _ in range(ROUNDS)
    ]
    for name in COMMANDS:
        cpu, wall = (statistics.median(run[name][i] for run in runs) for i in (0, 1))
        print(f"{name:12} {cpu:6.2f} s processor  {wall:6.2f} s clock")
    checked = [run["pytest"][0] - run["its start"][0] for run in runs]
    alone = [run["bare"][0] - run["bare start"][0] for run in runs]
    ratios = [one / other for one, other in zip(checked, alone, strict=True)]
    count = len(page_snippets())
    rate = count / statistics.median(checked)
    print(f"{count} snippets, {rate:.0f} a second under pytest, beyond its start")
    print(
        f"pytest / bare, beyond their starts: median {statistics.median(ratios):.2f}, "
        f"from {min(ratios):.2f} to {max(ratios):.2f}"
    )


if __name__ == "__main__":
    bare() if sys.argv[1:] == ["bare"] else main()
