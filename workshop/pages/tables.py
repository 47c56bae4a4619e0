r"""Tables as they stand in Markdown: rows, each with as many cells as its head.

A cell ends at a `|`, even within a formula; what a row has too much is not shown.
"""

import re
from collections.abc import Iterator

from workshop.pages.inline import inline, prose

_RULE = re.compile(r"[ \t>]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_BAR = re.compile(r"(?<!\\)\|")
_IN_MATH = r"a formula in a table must have \mid, \lvert or \lVert for its bars"
_IN_CODE = "code in a table must be <code>, with &#124; for its bars"


def torn(text: str) -> Iterator[str]:
    """Name the rows with another number of cells than their head, or with other bars."""
    lines, bare = text.split("\n"), prose(text).split("\n")
    barred = {x.line: x.latex for x in inline(text) if _BAR.search(x.latex)}
    for head, rows in _tables(bare):
        for row in rows:
            line, got = lines[row - 1], _cells(bare[row - 1])
            if row in barred:
                yield f"line {row}: {_IN_MATH}; got ${barred[row]}$"
            elif line.count("|") != bare[row - 1].count("|"):
                yield f"line {row}: {_IN_CODE}; got {line.strip()}"
            elif got != head:
                yield f"line {row}: a row must have its head's {head} cells; got {got}"


def _tables(lines: list[str]) -> Iterator[tuple[int, range]]:
    """Yield the number of cells in each table's head, and the lines of all its rows."""
    for number, line in enumerate(lines, start=1):
        if number > 1 and _RULE.fullmatch(line) and "|" in lines[number - 2]:
            end = number
            while end < len(lines) and lines[end].strip(" \t>"):
                end += 1
            yield _cells(lines[number - 2]), range(number - 1, end + 1)


def _cells(row: str) -> int:
    row = row.strip(" \t>").removeprefix("|")
    return len(_BAR.findall(row)) + (not row.endswith("|"))
