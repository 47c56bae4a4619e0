"""Code blocks as they stand in Markdown: fences, with their flags and their place.

A header reads ```` ```language ````, ```` ```language {.flag limit="90 s: …"} ```` or
```` ```language title="…" ````; every other form is found too, so that `guard` can
report it. Nothing is left to the reader's Markdown: which fences really show as code is
settled by rendering the page (see `guard`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LANGUAGES = ("python", "text", "bash", "toml", "yaml", "markdown")
FLAGS = {
    "python": {"fails", "figure", "table"},  # must raise · draws · prints Markdown
    "text": {"output", "number", "ellipsis"},  # of the snippet above · tolerances
}
LIMIT = r'limit="([1-9]\d*) s: [^"]+"'  # of time, with the reason for it
_BRACED = rf"(?:\.[a-z]+|{LIMIT})"
HEADER = re.compile(rf'[a-z]+(?: \{{{_BRACED}(?: {_BRACED})*\}}|(?: \w+="[^"]*")+)?')

_MARKS = re.compile(  # in a quotation, behind the sign of a list, or indented
    r"^(?P<prefix>(?:[ \t]*>)+[ \t]*|[ \t]*(?:[-*+]|\d+[.)])[ \t]+|[ \t]*)"
    r"(?P<marks>`{3,}|~{3,})(?P<header>[^\n]*)(?:\n|\Z)",
    re.MULTILINE,
)
# As lenient as can be, so that no Python fence goes unnoticed: `{ .python }`, `Python`.
_LANGUAGE = re.compile(r"(?:\{[ \t]*)?\.?(?P<language>[\w#+-]*)")
_QUOTED = re.compile(r'"[^"]*"')
_FLAG = re.compile(r"\.([\w-]+)(?=[^{]*\})")  # inside braces


@dataclass(frozen=True)
class Fence:
    """One fenced block of a text."""

    header: str
    """What follows the backticks."""
    marks: str
    """The backticks, or tildes."""
    language: str
    flags: frozenset[str]
    source: str
    """The text inside, without the prefix of its lines."""
    start: int
    end: int
    body: slice
    """Where the lines inside stand in the text, prefix included."""
    prefix: str
    """What each line begins with: indentation, or the marks of a quotation."""
    line: int
    """Of the header, counted from 1."""


def fences(text: str) -> list[Fence]:
    """Find the outermost fences, in the order of the text."""
    return [_fence(text, *ends) for ends in _pairs(text)]


def _pairs(text: str) -> Iterator[tuple[re.Match[str], re.Match[str] | None]]:
    """Each line that opens a fence, with the one that closes it, if there is one."""
    opening: re.Match[str] | None = None
    for marks in _MARKS.finditer(text):
        if opening is None:
            opening = marks
        elif _closes(marks, opening):
            yield opening, marks
            opening = None
    if opening:
        yield opening, None


def _closes(marks: re.Match[str], opening: re.Match[str]) -> bool:
    return (
        marks["marks"].startswith(opening["marks"])
        and len(marks["prefix"]) == len(opening["prefix"])
        and not marks["header"].strip()
    )


def _fence(text: str, opening: re.Match[str], closing: re.Match[str] | None) -> Fence:
    header = opening["header"].strip()
    language = _LANGUAGE.match(header)
    body = slice(opening.end(), closing.start() if closing else len(text))
    return Fence(
        header=header,
        marks=opening["marks"],
        language=language["language"].lower() if language else "",
        flags=frozenset(_FLAG.findall(_QUOTED.sub("", header))),
        source=_bare(text[body], len(opening["prefix"])),
        start=opening.start(),
        end=closing.end("header") if closing else len(text),
        body=body,
        prefix=re.sub(r"[^ \t>].*", "", opening["prefix"]),
        line=text.count("\n", 0, opening.start()) + 1,
    )


def _bare(lines: str, width: int) -> str:
    """Take the prefix off each line; one that is shorter is blank."""
    return "\n".join(line[width:] for line in lines.split("\n"))
