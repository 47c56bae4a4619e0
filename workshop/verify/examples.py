"""Sybil's part: which files hold snippets, and what evaluating one means."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import jaxtyping
from sybil import Document, Example, Region, Sybil
from sybil.document import PythonDocStringDocument
from sybil.parsers.abstract.lexers import LexingException
from sybil.typing import Parser

from workshop.pages.snippets import Snippet, snippets, updated
from workshop.verify import figures
from workshop.verify.comparison import agree, difference
from workshop.verify.edits import Edit, as_read
from workshop.verify.execution import SnippetError, run
from workshop.verify.formula.directives import Directives, bound, everywhere
from workshop.verify.formula.judging import problem
from workshop.verify.state import pristine


@dataclass(frozen=True)
class SnippetParser:
    """Makes an example of each snippet. With `edits`, outputs are written, not judged."""

    edits: list[Edit] | None = None

    def __call__(self, document: Document) -> Iterable[Region]:
        for snippet in snippets(document.text):
            end = snippet.output.end if snippet.output else snippet.fence.end
            yield Region(snippet.fence.start, end, snippet, self.evaluate)

    def evaluate(self, example: Example) -> str | None:
        """Run one snippet; return what is wrong with it, or None."""
        snippet: Snippet = example.parsed
        try:
            printed = _printed(snippet, example.path, example.line)
        except SnippetError as error:
            return str(error)
        if agree(snippet.expected, printed, snippet.tolerances):
            return None
        if self.edits is None:
            return difference(snippet.expected, printed)
        edit = _edit(example, snippet, printed)
        if problem := _unshown(example, edit, printed):
            return problem
        self.edits.append(edit)
        return None


def _edit(example: Example, snippet: Snippet, printed: str) -> Edit:
    """Return what makes the shown output true, at its place in the file."""
    place, new = updated(snippet, printed)
    shift = example.start - snippet.fence.start  # of the docstring within its file
    moved = slice(place.start + shift, place.stop + shift)
    around = slice(example.start, max(example.end, moved.stop))
    return Edit(example.path, moved, new, around, example.document.text[around])


def _unshown(example: Example, edit: Edit, printed: str) -> str | None:
    """Return what a page cannot show, as lines that end with a carriage return."""
    snippet: Snippet = example.parsed
    head = example.document.text[example.start : edit.place.start]
    tail = example.document.text[edit.place.stop :]
    seen = next(snippets(as_read(head + edit.new + tail)), None)
    if seen and seen.code == snippet.code:
        if agree(seen.expected, printed, seen.tolerances):
            return None
        return f"no page can show what it prints; {difference(seen.expected, printed)}"
    return "no page can show what it prints; it ends its own fence"


@dataclass(frozen=True)
class FormulaParser:
    """Makes an example of each display formula."""

    directives: Directives

    def __call__(self, document: Document) -> Iterable[Region]:
        for formula in bound(document.text, self.directives):
            yield Region(formula.start, formula.end, formula, _execute)


def _execute(example: Example) -> str | None:
    with pristine():
        return problem(example.parsed)


def _printed(snippet: Snippet, path: str, line: int) -> str:
    flags = snippet.fence.flags
    with _unchecked_shapes():
        if "figure" in flags:
            return figures.verified(snippet.code, path, line, snippet.limit)
        with pristine():
            fails, limit = "fails" in flags, snippet.limit
            return run(snippet.code, path, line, fails=fails, limit=limit)


@contextmanager
def _unchecked_shapes() -> Iterator[None]:
    """Let dlref's own errors speak: a reader has no run-time checks of shapes."""
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        yield
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)


class DocstringDocument(PythonDocStringDocument):
    """Docstrings, without the module's names: who copies a snippet has not got them."""

    def __init__(self, text: str, path: str) -> None:
        Document.__init__(self, text, path)

    @classmethod
    def parse(cls, path: str, *parsers: Parser, encoding: str = "utf-8") -> Document:
        document = super().parse(path, *parsers, encoding=encoding)
        for example in document:
            if not re.match(
                r"```|~~~|<!--|\$\$", document.text[example.start :].lstrip(" \t>")
            ):
                raise LexingException(
                    f"docstring must be raw to hold this snippet; "
                    f"an escape shifts it at {path}:{example.line}"
                )
        return document


def sybils(root: Path, edits: list[Edit] | None = None) -> tuple[Sybil, Sybil]:
    """Name what holds snippets: each Markdown page, and the docstrings of the package.

    Args:
        root: The folder of the project.
        edits: Where to gather what the pages should show; None to judge what they do.
    """
    parsers = SnippetParser(edits), FormulaParser(everywhere())
    return (
        Sybil(parsers, path=str(root), pattern="*.md", name="pages"),
        Sybil(
            parsers,
            path=str(root / "dlref"),
            pattern="*.py",
            document_types={".py": DocstringDocument},
            name="docstrings",
        ),
    )
