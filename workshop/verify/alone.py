"""Run every snippet as a reader does: saved as a file, in an interpreter of its own.

    python -m workshop.verify.alone              all that pages and docstrings show
    python -m workshop.verify.alone docs/losses  what these files and folders show

The tests run snippets in one process, each as a program of its own, for that is fast. One
thing escapes them: a module that some other snippet has imported, as when `import torch`
is followed by `torch.utils.flop_counter`. Nothing escapes this.

What is known to run alone, by its text, `dlref` and the versions, is not run again; where
`CI` is set, everything is.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from pathlib import Path

from sybil.example import Example

from workshop import CACHE, ROOT
from workshop.pages.snippets import LIMIT, Snippet, digest
from workshop.pages.sources import verified
from workshop.verify.comparison import agree, difference
from workshop.verify.examples import sybils
from workshop.verify.interpreter import FILE, NO_SCREEN, text
from workshop.verify.manifest import Manifest

WARNINGS = ("-Werror", f"-Wignore:{NO_SCREEN}")
# Windows: not UTF-8 by itself. Unbuffered, what is printed in several ways is in order.
PYTHON = (sys.executable, "-u", "-Xutf8", *WARNINGS)
NURSERY = Path(__file__).with_name("nursery.py")
TOO_LONG = -14  # killed by its alarm
KNOWN = CACHE / "alone.json"
# One thread: there is a process for each core, and what has threads cannot be forked.
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it printed, standard error included."""

    status: int
    said: str
    vanished: bool = False
    """Whether it ended as by `os._exit`: an interpreter that was started afresh does not
    tell, if the status is 0."""


def examples(*places: Path) -> Iterator[Example]:
    """Find the snippets of files and folders, those of the docstrings included."""
    parsers = sybils(ROOT)
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            for sybil in parsers:
                if sybil.should_parse(file):
                    found = sybil.parse(file)
                    yield from (x for x in found if isinstance(x.parsed, Snippet))


def run_all(
    codes: list[str],
    limits: list[float] | None = None,
    *,
    forks: bool = sys.platform == "linux",
) -> list[Done]:
    """Run programs, each as a file in an empty folder, on all cores."""
    limits = limits or [LIMIT] * len(codes)
    with tempfile.TemporaryDirectory() as folder:
        places = [_saved(code, Path(folder) / str(i)) for i, code in enumerate(codes)]
        if forks:
            return _forked(codes, places, limits)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(_fresh, places, limits))


def run(code: str) -> Done:
    """Run one program."""
    return run_all([code])[0]


def _saved(code: str, folder: Path) -> Path:
    folder.mkdir()
    (folder / FILE).write_text(code, encoding="utf-8")
    return folder


def _fresh(folder: Path, limit: float) -> Done:
    try:
        done = _python(FILE, cwd=folder, limit=limit)
    except subprocess.TimeoutExpired:
        return Done(TOO_LONG, "")
    return Done(done.returncode, text(done.stdout))


def _forked(codes: list[str], places: list[Path], limits: list[float]) -> list[Done]:
    """Hand the programs to as many nurseries as there are cores, each a fair share."""
    jobs = sorted(
        (leading_imports(code), str(place), limit)
        for code, place, limit in zip(codes, places, limits, strict=True)
    )
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(_nursed, (jobs[core::cores] for core in range(cores))))
    return [_done(place) for place in places]


def _done(place: Path) -> Done:
    status = int(Path(f"{place}.status").read_text(encoding="utf-8"))
    vanished = status >= 0 and not Path(f"{place}.ended").exists()
    return Done(status, text(Path(f"{place}.said").read_bytes()), vanished)


def _nursed(jobs: list[tuple[tuple[str, ...], str, float]]) -> None:
    if not jobs:
        return
    file = Path(f"{jobs[0][1]}.jobs")
    file.write_text(repr(jobs), encoding="utf-8")
    program = NURSERY.read_text(encoding="utf-8")
    done = _python("-c", program, str(file), cwd=file.parent)
    if done.returncode:
        raise RuntimeError(f"a nursery must end with 0; got {done.returncode}")


def _python(
    *arguments: str, cwd: Path, limit: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PYTHON, *arguments],
        cwd=cwd,
        env=os.environ | THREADS | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=limit,
    )


def leading_imports(code: str) -> tuple[str, ...]:
    """Return what a program begins to load, one module after another.

    `from a import b` loads what `import a` does, before it looks for b: two programs that
    take other names of a module have begun alike. None, if the program cannot be read.
    """
    found: list[str] = []
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return ()
    for statement in statements:
        match statement:
            case ast.Import(names=names):
                found += [alias.name for alias in names]
            case ast.ImportFrom(module=str(module), level=0):
                found.append(module)
            case _:
                break
    return tuple(dict.fromkeys(found))  # what is loaded is not loaded again


def problem(example: Example, done: Done) -> str | None:
    """Return what is wrong with what a snippet did, and where, or None."""
    snippet: Snippet = example.parsed
    fails = "fails" in snippet.fence.flags
    here = f"{example.path}:{example.line}"
    if done.status == TOO_LONG:
        return f"{here}: a snippet must end within {snippet.limit:g} s; this one does not"
    if done.vanished:
        return f"{here}: a snippet must not end by os._exit; got status={done.status}"
    if bool(done.status) != fails:
        return f"{here}: ended with {done.status}\n{done.said}"
    printed = without_traceback(done.said) if fails else done.said
    if agree(snippet.expected, printed, snippet.tolerances):
        return None
    return f"{here}: {difference(snippet.expected, printed)}"


_JOINS = re.compile(
    "\n\nThe above exception was the direct cause of the following exception:\n\n|"
    "\n\nDuring handling of the above exception, another exception occurred:\n\n"
)
_BEGINS = re.compile(
    r"^(?:Traceback|  \+ Exception Group Traceback) \(most recent call last\):$", re.M
)
_BEGINS_UNREAD = re.compile(rf'^  File ".*{FILE}", line \d+$', re.M)  # SyntaxError


def without_traceback(said: str) -> str:
    """Return what a program printed, and of its end the lines of the exception only."""
    first, *more = _JOINS.split(said)
    begins = [*_BEGINS.finditer(first)] or [*_BEGINS_UNREAD.finditer(first)]
    if not begins:
        return said  # it ended by `sys.exit`
    start = begins[-1].start()
    end = more[-1] if more else first[start:]
    _, *lines = end.split("\n")
    if end.startswith("  +"):  # a group: its own lines have a bar, and its members follow
        own = takewhile(lambda line: not line.startswith("  +-"), lines)
        lines = [line.removeprefix("  | ") for line in own]
    exception = dropwhile(lambda line: line.startswith("  "), lines)
    return first[:start] + "\n".join(exception)


def name(snippet: Snippet) -> str:
    """Name a snippet by all that the page says of it."""
    flags = sorted(snippet.fence.flags | snippet.tolerances)
    return digest(f"{snippet.code}\n{snippet.expected}\n{flags}")


def judge(found: Iterable[Example], known: Manifest) -> dict[str, list[str]]:
    """Run what is not known to pass; return what is wrong, and note what is right."""
    new = [x for x in found if name(x.parsed) not in known.ran]
    done = run_all([x.parsed.code for x in new], [x.parsed.limit for x in new])
    said = [problem(x, y) for x, y in zip(new, done, strict=True)]
    wrong = [problem for problem in said if problem]
    right = [name(x.parsed) for x, fault in zip(new, said, strict=True) if not fault]
    return {"wrong": wrong, "right": right}


def main(*places: str) -> None:
    files = map(Path.resolve, map(Path, places)) if places else verified()
    found = list(examples(*files))
    known = Manifest() if os.environ.get("CI") else Manifest.load(KNOWN)
    skipped = sum(name(x.parsed) in known.ran for x in found)
    judged = judge(found, known)
    for said in judged["wrong"]:
        print(said, file=sys.stderr)
    known.record(judged["right"], [])
    known.save(KNOWN)
    if judged["wrong"] or not found:
        sys.exit(f"{len(judged['wrong'])} of {len(found)} snippets do not run alone")
    print(f"{len(found)} snippets run alone, each in an interpreter of its own")
    if skipped:
        print(f"{skipped} of them were known to, and were not run again")


if __name__ == "__main__":
    main(*sys.argv[1:])
