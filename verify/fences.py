"""Code blocks as they stand in Markdown: fences, with their flags and their place.

A header reads ```` ```language ````, ```` ```language {.flag} ```` or
```` ```language title="…" ````; every other form is found too, so that `guard` can
report it. Nothing is left to the reader's Markdown: which fences really show as code is
settled by rendering the page (see `guard`).
"""

import re
from dataclasses import dataclass

from sybil import Document
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

LANGUAGES = ("python", "text", "bash", "toml", "yaml", "markdown")
FLAGS = {
    "python": {"fails", "figure", "table"},  # must raise · draws · prints Markdown
    "text": {"output", "number", "ellipsis"},  # of the snippet above · tolerances
}
HEADER = re.compile(
    r'(?P<language>[a-z]+)(?: \{(?P<flags>\.[a-z]+(?: \.[a-z]+)*)\}|(?: \w+="[^"]*")+)?'
)

# As lenient as can be, so that no Python fence goes unnoticed: `{ .python }`, `Python`.
_INFO = re.compile(
    r"(?P<header>[ \t]*(?:\{[ \t]*)?\.?(?P<language>[\w#+-]*)[^\n]*)(?:\n|\Z)"
)
_FLAG = re.compile(r"\.([\w-]+)(?=[^{]*\})")  # inside braces


@dataclass(frozen=True)
class Fence:
    """One fenced block of a text."""

    header: str
    """What follows the backticks."""
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
    regions = sorted(
        RawFencedCodeBlockLexer(_INFO)(Document(text, "")),
        key=lambda region: (region.start, -region.end),
    )
    found: list[Fence] = []
    for region in regions:
        if found and region.start < found[-1].end:
            continue  # shown inside a longer fence: text, not code
        source = region.lexemes["source"]
        header = region.lexemes["header"].strip()
        head = text[region.start : text.find("\n", region.start)]
        last_line = text.rfind("\n", 0, region.end) + 1
        found.append(
            Fence(
                header=header,
                language=region.lexemes["language"].lower(),
                flags=frozenset(_FLAG.findall(header)),
                source=str(source),
                start=region.start,
                end=region.end,
                body=slice(region.start + source.offset, last_line),
                prefix=head[: len(head) - len(head.lstrip(" \t>"))],
                line=text.count("\n", 0, region.start) + 1,
            )
        )
    return found
