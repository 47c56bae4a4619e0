"""What a page's source seems to hold together, and Markdown takes apart without a word.

A paragraph that leaves its item, a box that is empty, a reference that leads nowhere: all
words are on the page, but not where they belong.
"""

import re
from collections.abc import Iterator
from functools import cache

from workshop.pages.inline import prose
from workshop.pages.sources import pages

_BEGINS = re.compile(r" *(?:[-*+]|\d+\.) ")  # an item of a list
_BOX = re.compile(r"(?P<indent>[ >]*)(?:!!!|\?\?\?\+?|===)[ ]")
_REFERENCE = re.compile(r"\]\[(?P<name>[^\]\s]+)\]")
_NAME = re.compile(r"(?:\{[ ]?#|^[ ]*\[(?=[^^\n]+\]:))([\w.-]+)", re.MULTILINE)


def misplaced(body: str) -> Iterator[str]:
    """Name what is not where it seems to be, each with its line."""
    yield from _unnested(body)
    yield from _empty(body)
    yield from _unnamed(body)


def _unnested(body: str) -> Iterator[str]:
    """Name what would leave the item or the box in which it seems to stand."""
    lines = body.split("\n")
    for number, seen in enumerate(prose(body).split("\n")):
        line, begins = lines[number], number and not lines[number - 1].strip()
        indent = len(line) - len(line.lstrip(" "))
        is_words = seen.strip() and not line.lstrip().startswith("<")
        if is_words and indent % 4 and (begins or _BEGINS.match(line)):
            wanted = "what belongs to an item must be indented by four spaces"
            yield f"line {number + 1}: {wanted}, or eight; got {indent}"


def _empty(body: str) -> Iterator[str]:
    """Name the boxes and tabs that hold nothing: what they should is beside them."""
    lines = body.split("\n")
    for number, seen in enumerate(prose(body).split("\n"), start=1):
        if box := _BOX.match(seen):
            below = next(filter(str.strip, lines[number:]), "")
            if not below.startswith(f"{box['indent']}    "):
                wanted = "a box must hold what is indented below"
                yield f"line {number}: {wanted}; got {below}"


def _unnamed(body: str) -> Iterator[str]:
    """Name the references to what no page has; those to dlref, a build looks up."""
    bare = prose(body)
    known = _names() | {*_NAME.findall(bare)}
    for found in _REFERENCE.finditer(bare):
        if not (name := found["name"]).startswith("dlref.") and name not in known:
            line = body.count("\n", 0, found.start()) + 1
            yield f"line {line}: a reference must lead to an id of a page; got {name}"


@cache
def _names() -> set[str]:
    """All ids that the pages of the site give to their parts."""
    return {
        name
        for page in pages()
        for name in _NAME.findall(prose(page.read_text(encoding="utf-8")))
    }
