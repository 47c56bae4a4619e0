"""How the build of the site grows: 10, 100, 500 question pages, made of the real ones.

    python -m benchmarks.site          # some minutes; writes benchmarks/SITE.md
    python -m benchmarks.site --quick  # the real pages, and twice; writes nothing

A copy of a page has a number, a title, anchors and an entry in the contents of its own,
and its links lead to the copies of its own round. Its snippets are those of the original:
that they ran, and what they draw, is known by their text, so none is run again. What is
timed is the command of the Makefile, in a process of its own; processor seconds are
steadier than the clock's on a shared machine.
"""

import contextlib
import gzip
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from textwrap import fill

from workshop import CACHE, ROOT
from workshop.pages import questions as published

RESULTS = ROOT / "benchmarks/SITE.md"
DOCS = ROOT / "docs"
ROUNDS = 1, 10, 50  # copies of each question, the original included
EDITS = 5
COPIED = "docs", "workshop"
SINGLE = "mkdocs.yml", "pyproject.toml", "conftest.py"
NODE = shutil.ignore_patterns("node_modules")
BUILD = "mkdocs build --clean --strict"
SERVE = "mkdocs serve --dirty --no-strict --livereload --dev-addr"
PATIENCE = 120  # seconds
PAGE = "losses/focal"  # is edited
TOOLS = "mkdocs", "mkdocs-material", "mkdocstrings", "Pygments"
ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Question:
    """A question's page, or a copy of it."""

    path: str
    number: str
    title: str
    text: str

    def copy(self, turn: int) -> "Question":
        """Make a page of its own: DL0046 becomes DL0146, then DL0246."""
        number = _renumbered(self.number, turn)
        title = _word(f"title {number}")  # words that no other page has
        text = re.sub(r"\b(?:DL|dl)\d{4}\b", lambda x: _renumbered(x[0], turn), self.text)
        text = text.replace(f'title: "{self.title}"', f'title: "{title}"')
        text = text.replace(f"# {self.title} {{", f"# {title} {{")
        subject, _, topic = self.path.partition("/")
        text = text.replace(f"subject: {subject}\n", f"subject: {subject}_{turn}\n")
        return Question(f"{subject}_{turn}/{topic}", number, title, text)


def _word(text: str) -> str:
    """Spell a word that no other page has, of letters alone."""
    return "copy" + "".join(chr(ord("a") + ord(x) % 26) for x in text)


def _renumbered(number: str, turn: int) -> str:
    return f"{number[:2]}{int(number[2:]) + 100 * turn:04}"


def questions() -> list[Question]:
    """Read the pages that have a number, in its order, with their front matter."""
    return [
        Question(x.path, x.number, x.title, (DOCS / x.path).read_text(encoding="utf-8"))
        for x in published.questions()
    ]


@contextmanager
def written(rounds: int, *, known: bool = True) -> Iterator[Path]:
    """Write the site with so many copies of each question into a folder of its own.

    Args:
        rounds: Copies of each question, the original included.
        known: Whether it knows what has run here already.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for entry in ROOT.iterdir():
            if entry.name not in (*COPIED, *SINGLE, "site", ".cache"):
                (folder / entry.name).symlink_to(entry)
        if not known:
            (folder / CACHE.name).unlink(missing_ok=True)
        for name in COPIED:  # what knows its place must find itself here
            shutil.copytree(ROOT / name, folder / name, ignore=NODE)
        for name in SINGLE:
            shutil.copy(ROOT / name, folder)
        for turn in range(rounds):
            for question in questions():
                copy = question.copy(turn) if turn else question
                page = folder / "docs" / copy.path
                page.parent.mkdir(exist_ok=True)
                # The search finds a page by a word of its own.
                page.write_text(f"{copy.text}\n{_word(copy.number)}\n", encoding="utf-8")
        yield folder


@dataclass(frozen=True)
class Built:
    """What one build took, and what it left.

    Attributes:
        pages: Number of question pages.
        seconds: Of the processor ...
        clock: ... and of the clock.
        memory: Bytes, at their peak.
        page: Bytes of a question's page, on average ...
        zipped: ... and as a server sends it.
        index: Bytes of the search index.
    """

    pages: int
    seconds: float
    clock: float
    memory: int
    page: float
    zipped: float
    index: int

    @property
    def row(self) -> str:
        """The build as a row of a Markdown table."""
        return (
            f"| {self.pages} | {self.seconds:.1f} | {self.clock:.1f} "
            f"| {self.memory / 2**20:.0f} | {self.page / 2**10:.0f} "
            f"| {self.zipped / 2**10:.1f} | {self.index / 2**20:.2f} |"
        )


def build(rounds: int) -> Built:
    """Build the site with so many copies of each question."""
    with written(rounds) as folder:
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", *BUILD.split()],
            cwd=folder,
            env=ENVIRONMENT,
            stderr=subprocess.DEVNULL,
        )
        _, status, used = os.wait4(process.pid, 0)
        clock = time.perf_counter() - start
        # It need not be waited for.
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            sys.exit(f"{BUILD} must end well; got status {status}")
        pages = [
            file.read_bytes()
            for file in (folder / "site").rglob("*/index.html")
            if b'data-do="quiz"' in file.read_bytes()
        ]
        return Built(
            pages=len(pages),
            seconds=used.ru_utime + used.ru_stime,
            clock=clock,
            memory=used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            page=statistics.mean(map(len, pages)),
            zipped=statistics.mean(len(gzip.compress(page)) for page in pages),
            index=(folder / "site/search/search_index.json").stat().st_size,
        )


def edits() -> list[float]:
    """Serve the site, change a sentence of a page, and time until the server has it."""
    with written(1) as folder, served(folder) as address:
        page = folder / f"docs/{PAGE}.md"
        text = page.read_text(encoding="utf-8")
        seconds = []
        for turn in range(EDITS):
            time.sleep(1)  # the page is older than its HTML again
            page.write_text(f"{text}\n\nEdit {turn}.\n", encoding="utf-8")
            seconds.append(_wait(address, f"Edit {turn}."))
        return seconds


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a site; return the address of the page that is to be edited."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "-m", *SERVE.split(), host]
    with subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(f"http://{host}/{PAGE}/", "</html>")
            time.sleep(1)  # it begins to watch
            yield f"http://{host}/{PAGE}/"
        finally:
            server.terminate()


def _wait(address: str, wanted: str) -> float:
    start = time.perf_counter()
    while time.perf_counter() - start < PATIENCE:
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as answer:
            if wanted in answer.read().decode():
                return time.perf_counter() - start
        time.sleep(0.02)
    sys.exit(f"{SERVE} must show {wanted!r} within {PATIENCE} s; it did not")


def growths(built: list[Built]) -> str:
    """Say how the time grows with the number of pages."""
    # Torch comes along: not before the builds, whose peak of memory would be ours.
    from benchmarks.ratios import growth

    sizes, seconds = [x.pages for x in built], [x.seconds for x in built]
    whole, last = growth(sizes, seconds), growth(sizes[-2:], seconds[-2:])
    return (
        f"From {sizes[0]} to {sizes[-1]} pages the processor seconds grow as the number "
        f"of pages to the power of {whole:.2f}, least squares through the logarithms; "
        f"from {sizes[-2]} to {sizes[-1]}, where little else counts, of {last:.2f} "
        f"(aim: ≤ 1.10)."
    )


def report(built: list[Built], edited: list[float]) -> str:
    """Write the page: what was built, and what it took."""
    low, median, high = min(edited), statistics.median(edited), max(edited)
    reload = (
        f"An edited page of the real site is served again after {median:.2f} s, the "
        f"median of {len(edited)} edits, from {low:.2f} to {high:.2f} (aim: ≤ 1.50)."
    )
    tools = ", ".join(f"{name} {version(name)}" for name in TOOLS)
    where = f"{date.today()}: Python {platform.python_version()}, {tools}, "
    where += f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}."
    rows = "\n".join(one.row for one in built)
    return f"""# How the build of the site grows

Written by `make bench-site`. The question pages are the real ones and copies of them,
with numbers, titles, anchors and links of their own; the reference comes along, once.
Nothing is run or drawn again, and no code colored: all of it is known by its text, as on
every build but the first. The clock's seconds depend on what else the machine does; for
100 pages, the aim is ≤ 6.

| pages | processor s | clock s | peak MiB | page KiB | gzipped KiB | search index MiB |
|---|---|---|---|---|---|---|
{rows}

{fill(growths(built), width=90)}

{fill(reload, width=90)}

{fill(where, width=90)}
"""


def main() -> None:
    """Print the page; keep it, unless it was made quickly."""
    parser = ArgumentParser(prog="python -m benchmarks.site")
    parser.add_argument("--quick", action="store_true", help="small, nothing written")
    quick = parser.parse_args().quick
    built = [build(rounds) for rounds in ((1, 2) if quick else ROUNDS)]
    page = report(built, edits())
    print(page)
    if not quick:
        RESULTS.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
