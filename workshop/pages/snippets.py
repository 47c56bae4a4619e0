"""Snippets: a Python fence, and the output that stands below it.

The `text {.output}` fence that follows with nothing but white space in between is what
the snippet must print; for a `{.table}` snippet it is the Markdown table that follows. A
snippet without one must print nothing.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from workshop.pages.fences import LIMIT as OWN_LIMIT
from workshop.pages.fences import Fence, fences

LIMIT = 60.0  # seconds


@dataclass(frozen=True)
class Snippet:
    """What a reader can copy, and what it shows."""

    fence: Fence
    output: Fence | None

    @property
    def code(self) -> str:
        return self.fence.source

    @property
    def expected(self) -> str:
        return self.output.source if self.output else ""

    @property
    def limit(self) -> float:
        """After how many seconds it must have ended."""
        own = re.search(OWN_LIMIT, self.fence.header)
        return float(own[1]) if own else LIMIT

    @property
    def tolerances(self) -> frozenset[str]:
        return self.output.flags if self.output else frozenset()

    def blocks(self) -> list[str]:
        """The digests of the blocks that this snippet vouches for."""
        return [digest(fence.source) for fence in (self.fence, self.output) if fence]


def snippets(text: str) -> Iterator[Snippet]:
    """Pair each Python fence of a text with its output."""
    found = fences(text)
    for fence, below in zip_longest(found, found[1:]):
        if fence.language != "python":
            continue
        if "table" in fence.flags:
            yield Snippet(fence, _table(fence, text))
        else:
            yield Snippet(
                fence, below if below and _belongs(below, fence, text) else None
            )


def _table(fence: Fence, text: str) -> Fence | None:
    """Read the Markdown table below a snippet as if a fence stood around it."""
    row = re.escape(fence.prefix) + r"\|[^\n]*(?:\n|\Z)"
    table = re.compile(rf"\n(?:[ \t>]*\n)*(?P<rows>(?:{row})+)").match(text, fence.end)
    if not table:
        return None
    start, end = table.span("rows")
    rows = "".join(
        line.removeprefix(fence.prefix) for line in table["rows"].splitlines(True)
    )
    return Fence(
        header="",
        marks="",
        language="markdown",
        flags=frozenset({"output"}),
        source=rows,
        start=start,
        end=end,
        body=slice(start, end),
        prefix=fence.prefix,
        line=text.count("\n", 0, start) + 1,
    )


def _belongs(below: Fence, fence: Fence, text: str) -> bool:
    between = text[fence.end : below.start]
    return "output" in below.flags and not between.strip(" \t\r\n>")


def normal(code: str) -> str:
    """Code as a Markdown renderer leaves it: no tabs, blank edges, trailing spaces."""
    lines = code.expandtabs(4).strip("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def digest(code: str) -> str:
    """Name a block by its text, the same in the page's source and in the built site."""
    return hashlib.sha256(normal(code).encode()).hexdigest()


def updated(snippet: Snippet, printed: str) -> tuple[slice, str]:
    """Return the edit that makes the shown output true: a place and its new content."""
    fence, output = snippet.fence, snippet.output
    if not printed:
        return slice(fence.end, output.end if output else fence.end), ""
    lines = "".join(
        (fence.prefix + line).rstrip(" \t") + "\n"
        for line in printed.removesuffix("\n").split("\n")
    )
    if output and (not output.marks or output.marks not in printed):
        return output.body, lines
    if "table" in fence.flags:
        return slice(fence.end, fence.end), f"\n\n{lines.rstrip()}"
    longest = max(map(len, re.findall("`{3,}", printed)), default=2)
    marks = "`" * (longest + 1)  # what is printed must not close its fence
    header = output.header if output else "text {.output}"
    block = f"\n\n{fence.prefix}{marks}{header}\n{lines}{fence.prefix}{marks}"
    return slice(fence.end, output.end if output else fence.end), block
