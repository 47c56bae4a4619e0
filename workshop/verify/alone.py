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
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sybil.example import Example

from workshop import CACHE, ROOT
from workshop.pages.snippets import Snippet, digest
from workshop.pages.sources import verified
from workshop.verify.comparison import agree, difference
from workshop.verify.examples import sybils
from workshop.verify.manifest import Manifest

# Off screen, `plt.show()` warns that there is no screen.
WARNINGS = ("-Werror", "-Wignore:FigureCanvasAgg is non-interactive")
PYTHON = (sys.executable, "-Xutf8", *WARNINGS)  # Windows: not UTF-8 by itself
NURSERY = Path(__file__).with_name("nursery.py")
KNOWN = CACHE / "alone.json"
# One thread: there is a process for each core, and what has threads cannot be forked.
THREADS = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}


@dataclass(frozen=True)
class Done:
    """How a program ended, and what it printed."""

    status: int
    out: str
    err: str


def examples(*places: Path) -> Iterator[Example]:
    """Find the snippets of files and folders, those of the docstrings included."""
    parsers = sybils(ROOT)
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            for sybil in parsers:
                if sybil.should_parse(file):
                    found = sybil.parse(file)
                    yield from (x for x in found if isinstance(x.parsed, Snippet))


def run_all(codes: list[str], *, forks: bool = sys.platform == "linux") -> list[Done]:
    """Run programs, each as a file in an empty folder, on all cores."""
    with tempfile.TemporaryDirectory() as folder:
        places = [_saved(code, Path(folder) / str(i)) for i, code in enumerate(codes)]
        if forks:
            return _forked(codes, places)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(_fresh, places))


def run(code: str) -> Done:
    """Run one program."""
    return run_all([code])[0]


def _saved(code: str, folder: Path) -> Path:
    folder.mkdir()
    (folder / "snippet.py").write_text(code, encoding="utf-8")
    return folder


def _fresh(folder: Path) -> Done:
    done = _python("snippet.py", cwd=folder)
    return Done(done.returncode, done.stdout, done.stderr)


def _forked(codes: list[str], places: list[Path]) -> list[Done]:
    """Hand the programs to as many nurseries as there are cores, each a fair share."""
    jobs = sorted(
        (leading_imports(x), str(y)) for x, y in zip(codes, places, strict=True)
    )
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        list(pool.map(_nursed, (jobs[core::cores] for core in range(cores))))
    return [
        Done(
            int(Path(f"{place}.status").read_text(encoding="utf-8")),
            *(
                Path(f"{place}.{end}").read_text(encoding="utf-8")
                for end in ("out", "err")
            ),
        )
        for place in places
    ]


def _nursed(jobs: list[tuple[tuple[str, ...], str]]) -> None:
    if not jobs:
        return
    file = Path(f"{jobs[0][1]}.jobs")
    file.write_text(repr(jobs), encoding="utf-8")
    text = NURSERY.read_text(encoding="utf-8")
    done = _python("-c", text, str(file), cwd=file.parent)
    if done.returncode:
        raise RuntimeError(f"a nursery must end with 0; got {done.returncode}")


def _python(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PYTHON, *arguments],
        cwd=cwd,
        env=os.environ | THREADS | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
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
    if bool(done.status) != fails:
        return f"{example.path}:{example.line}: ended with {done.status}\n{done.err}"
    said = done.err.splitlines(keepends=True)
    printed = done.out + "".join(said[-1:] if fails else said)
    if agree(snippet.expected, printed, snippet.tolerances):
        return None
    return f"{example.path}:{example.line}: {difference(snippet.expected, printed)}"


def name(snippet: Snippet) -> str:
    """Name a snippet by all that the page says of it."""
    flags = sorted(snippet.fence.flags | snippet.tolerances)
    return digest(f"{snippet.code}\n{snippet.expected}\n{flags}")


def judge(found: Iterable[Example], known: Manifest) -> dict[str, list[str]]:
    """Run what is not known to pass; return what is wrong, and note what is right."""
    new = [x for x in found if name(x.parsed) not in known.ran]
    done = run_all([x.parsed.code for x in new])
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
