"""How `make check` grows: seconds of its parts for 10, 40, 100 questions.

    python -m benchmarks.verification          # hours; writes benchmarks/VERIFICATION.md
    python -m benchmarks.verification --quick  # the real pages alone; writes nothing

The questions are the real ones and copies of them, as `benchmarks.site` makes them, in a
folder that knows nothing of earlier runs: each snippet runs, in each of the ways that the
check has. What belongs to no page is timed once; the tests of `dlref` are those of ten
questions, and grow with the code behind a question, of which a copy has none.
"""

import os
import platform
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from benchmarks.ratios import growth
from benchmarks.site import ENVIRONMENT, written
from workshop import ROOT

RESULTS = ROOT / "benchmarks/VERIFICATION.md"
ROUNDS = 1, 4, 10  # copies of each of the ten questions, the original included
PYTEST = "pytest -q --numprocesses auto"
VNU = "workshop/inspect/node_modules/vnu-jar/build/dist/vnu.jar"
FILTER = "workshop/inspect/html-faults.txt"
TOP = " ".join(sorted(page.name for page in ROOT.glob("*.md")))
# In the order of `make check`: each needs what those before it left.
GROWING = {
    "snippets, formulas and figures under pytest": f"{PYTEST} docs dlref {TOP}",
    "form of the pages": f"{PYTEST} tests/test_pages.py",
    "every snippet in an interpreter of its own": "workshop.verify.alone",
    "build with Zensical": "zensical build --clean --strict",
    "build with MkDocs": "mkdocs build --clean --strict",
    "policy": "workshop.render.policy site",
    "files to take away": "workshop.takeaway site",
    "inspection of the built site": "workshop.inspect.site site",
    "HTML": f"java -jar {ROOT / VNU} --errors-only --filterfile {ROOT / FILTER} "
    "--skip-non-html site",
    # The contents of so many copies weigh on each; the budget is for what is published.
    "browser: every page": f"{PYTEST} tests/browser/smoke --site site -k not(cheap)",
}
MACHINERY = "benchmarks", "browser", "exercises", "workshop"
SUBJECTS = " ".join(
    f"tests/{folder.name}"
    for folder in sorted((ROOT / "tests").iterdir())
    if folder.is_dir() and folder.name not in (*MACHINERY, "__pycache__")
)
FIXED = {
    "tests of dlref, with coverage": f"{PYTEST} {SUBJECTS} --cov",
    "exercises": f"{PYTEST} tests/exercises",
    "tests of the workshop": f"{PYTEST} tests/workshop tests/benchmarks "
    "tests/test_structure.py tests/test_package.py",
    "format, style and types": "make --silent lint",
    "browser: behavior": f"{PYTEST} tests/browser/behavior",
}


@dataclass
class Row:
    """One part of the check.

    Attributes:
        name: What it does.
        seconds: Of the clock, for each number of questions.
    """

    name: str
    seconds: dict[int, float] = field(default_factory=dict)

    def cells(self, sizes: list[int]) -> str:
        """The part as a row of a Markdown table."""
        found = [self.seconds.get(size) for size in sizes]
        shown = ("" if x is None else f"{x:.0f}" for x in found)
        power = ""
        if None not in found and len(sizes) > 1 and all(found):
            power = f"{growth(sizes, [x for x in found if x]):.2f}"
        return f"| {self.name} | {' | '.join(shown)} | {power} |"


def timed(command: str, folder: Path) -> float:
    """Run a command as CI would, and return its seconds of the clock."""
    words = command.split()
    if words[0] not in ("make", "java"):
        words = [sys.executable, "-m", *words]
    start = time.perf_counter()
    done = subprocess.run(
        words, cwd=folder, env=ENVIRONMENT | {"CI": "1"}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{command} must end well; got\n{(done.stdout + done.stderr)[-4000:]}")
    return time.perf_counter() - start


def measured(rounds: tuple[int, ...]) -> Iterator[Row]:
    """Time each part for each number of questions; then what does not grow."""
    rows = {name: Row(name) for name in GROWING}
    for count in rounds:
        with written(count, known=False) as folder:
            for name, command in GROWING.items():
                rows[name].seconds[10 * count] = timed(command, folder)
                print(f"{10 * count:4} {rows[name].seconds[10 * count]:7.1f} s  {name}")
    yield from rows.values()
    for name, command in FIXED.items():
        row = Row(name, {10: timed(command, ROOT)})
        print(f"     {row.seconds[10]:7.1f} s  {name}")
        yield row


def report(rows: list[Row], rounds: tuple[int, ...]) -> str:
    """Write the page."""
    sizes = [10 * count for count in rounds]
    table = "\n".join(row.cells(sizes) for row in rows)
    head = f"| seconds of | {' | '.join(map(str, sizes))} | exponent |"
    rule = "|---|" + "--:|" * (len(sizes) + 1)
    growing = rows[: len(GROWING)]
    fixed = sum(row.seconds[10] for row in rows[len(GROWING) :])
    sums = {size: sum(row.seconds[size] for row in growing) + fixed for size in sizes}
    total = Row("**all of it**", sums).cells(sizes)
    where = f"{date.today()}: Python {platform.python_version()}, {os.cpu_count()} CPUs, "
    where += f"load {os.getloadavg()[0]:.1f} at the end."
    text = re.sub(r"(?m)^    .*\n", "", __doc__.partition("\n\n")[2]).strip()
    return f"""# How `make check` grows

Written by `make bench-verification`.

{text}

{head}
{rule}
{table}
{total}

{where}
"""


def main() -> None:
    """Print the page; keep it, unless it was made quickly."""
    parser = ArgumentParser(prog="python -m benchmarks.verification")
    parser.add_argument("--quick", action="store_true", help="small, nothing written")
    parser.add_argument("--rounds", type=int, nargs="+", default=ROUNDS)
    given = parser.parse_args()
    rounds = (1,) if given.quick else tuple(given.rounds)
    page = report(list(measured(rounds)), rounds)
    print(page)
    if not given.quick:
        RESULTS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
