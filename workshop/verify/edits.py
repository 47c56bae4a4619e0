"""Write into a page what its snippets print: whole, or not at all.

All but the outputs stays as it is, byte for byte, the ends of the lines included.
"""

import ast
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LINE_END = re.compile("\r\n?|\n")


@dataclass(frozen=True)
class Edit:
    """One output of a page, in its text as read: there, a line end is one letter."""

    page: str
    place: slice
    new: str
    around: slice
    """Where the whole snippet stands."""
    old: str
    """What stood around: a page may change while it is run."""


def as_read(text: str) -> str:
    """Return a text as it is when it is read back from a file."""
    return _LINE_END.sub("\n", text)


def write(edits: Iterable[Edit]) -> Iterator[str]:
    """Write all pages; yield which could not be written, and why."""
    of_page: dict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        of_page[edit.page].append(edit)
    for name, own in of_page.items():
        page = Path(name).resolve()
        raw = page.read_bytes().decode("utf-8")
        if any(as_read(raw)[edit.around] != edit.old for edit in own):
            yield f"{name} must not change while it is run; nothing was written into it"
            continue
        new = _edited(raw, own)
        if page.suffix == ".py" and not _is_python(new):
            yield f"{name} must not print what ends a docstring; nothing was written"
            continue
        _replace(page, new.encode("utf-8"))


def _edited(raw: str, edits: list[Edit]) -> str:
    """Apply edits to the text of a file; of each line end, they have seen one letter."""
    seen = [i for i in range(len(raw) + 1) if raw[i - 1 : i + 1] != "\r\n"]
    end = _LINE_END.search(raw)
    for edit in sorted(edits, key=lambda edit: -edit.place.start):
        new = edit.new.replace("\n", end[0] if end else "\n")
        raw = raw[: seen[edit.place.start]] + new + raw[seen[edit.place.stop] :]
    return raw


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _replace(page: Path, content: bytes) -> None:
    beside = page.with_name(f"{page.name}.new")
    beside.write_bytes(content)
    shutil.copymode(page, beside)
    os.replace(beside, page)
