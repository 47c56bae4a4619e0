"""Run every snippet as a reader does: saved as a file, in an interpreter of its own.

    python -m workshop.verify.alone docs dlref README.md

The tests run snippets in one process, each as a program of its own, for that is fast. One
thing escapes them: a module that some other snippet has imported, as when `import torch`
is followed by `torch.utils.flop_counter`. Nothing escapes this, at a second or two each.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sybil.example import Example

from workshop import ROOT
from workshop.pages.snippets import Snippet
from workshop.pages.sources import verified
from workshop.verify.comparison import agree, difference
from workshop.verify.examples import sybils

# Off screen, `plt.show()` warns that there is no screen.
WARNINGS = ("-Werror", "-Wignore:FigureCanvasAgg is non-interactive")


def examples(*places: Path) -> Iterator[Example]:
    """Find the snippets of files and folders, those of the docstrings included."""
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            for sybil in sybils(ROOT):
                if sybil.should_parse(file):
                    found = sybil.parse(file)
                    yield from (x for x in found if isinstance(x.parsed, Snippet))


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Save code as a file, and run it in an interpreter of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "snippet.py"
        file.write_text(code, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-Xutf8", *WARNINGS, file.name],  # Windows: not by itself
            cwd=folder,
            env=os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )


def problem(example: Example) -> str | None:
    """Run one snippet; return what is wrong with it, and where, or None."""
    snippet: Snippet = example.parsed
    done = run(snippet.code)
    fails = "fails" in snippet.fence.flags
    if bool(done.returncode) != fails:
        return (
            f"{example.path}:{example.line}: ended with {done.returncode}\n{done.stderr}"
        )
    printed = done.stdout + (
        done.stderr.splitlines(keepends=True)[-1] if fails else done.stderr
    )
    if agree(snippet.expected, printed, snippet.tolerances):
        return None
    return f"{example.path}:{example.line}: {difference(snippet.expected, printed)}"


def main(*places: str) -> None:
    files = map(Path.resolve, map(Path, places)) if places else verified()
    found = list(examples(*files))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = [said for said in pool.map(problem, found) if said]
    for said in problems:
        print(said, file=sys.stderr)
    if problems or not found:
        sys.exit(f"{len(problems)} of {len(found)} snippets do not run alone")
    print(f"{len(found)} snippets run alone, each in an interpreter of its own")


if __name__ == "__main__":
    main(*sys.argv[1:])
