"""Display formulas of a page or docstring: a `$$` block, and the directive above it.

Finding them reads this one text and nothing else. What the directive means, and whether
the formula holds, is settled in `verify.formula`.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from workshop.pages.fences import fences
from workshop.pages.snippets import digest

DEFINED = "defines a symbol"
EXCUSES = (
    DEFINED,
    "is a result of its source",
    "shows a pattern",
)
KINDS = "executed", "defined", "excused"
REFERENCE = re.compile(r"\bdlref(?:\.\w+)+")
_BLOCK = re.compile(
    r"^(?P<prefix>[ \t>]*)\$\$[ \t]*\n(?P<latex>.*?)\n(?P=prefix)\$\$[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"<!-- formula(?:: (?P<excuse>[^\n]*?)|\n(?P<code>(?:(?!-->).)*?))\s*-->[ \t]*\n"
    r"[\s>]*\Z",
    re.DOTALL,
)
CODE = re.compile(  # within a paragraph
    r"(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t>]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL
)
_STRAY = {
    "$$": "$$ must stand on lines of its own, in pairs",
    "<!-- formula": "a directive must stand directly above a formula",
}


@dataclass(frozen=True)
class Formula:
    """A display formula, and what its directive says about it."""

    latex: str
    code: str
    """Binds the symbols; empty if nothing does."""
    excuse: str
    """Why nothing does; empty if it should be executed."""
    start: int
    """Of the directive, or of the block where there is none."""
    block: int
    end: int
    prefix: str

    @property
    def references(self) -> list[str]:
        """The functions of dlref that it is checked against; a state is none."""
        found = set(REFERENCE.findall(self.code))
        return sorted(name for name in found if not name.endswith("State"))

    @property
    def kind(self) -> str:
        """What became of it, if it passes."""
        if self.code:
            return "executed"
        return "defined" if self.excuse == DEFINED else "excused"

    def blocks(self) -> list[str]:
        """The digest under which it is known to have been executed."""
        return [digest(f"{self.latex}\n{self.code}")] if self.code else []


def formulas(text: str) -> Iterator[Formula]:
    """Find the display formulas of a text that are no part of a fence."""
    code = [(fence.start, fence.end) for fence in fences(text)]
    for block in _BLOCK.finditer(text):
        if any(start <= block.start() < end for start, end in code):
            continue
        before = text.rfind("<!-- formula", 0, block.start())
        directive = _DIRECTIVE.match(text, before, block.start()) if before >= 0 else None
        yield Formula(
            latex=_bare(block["latex"], block["prefix"]),
            code=_bare((directive["code"] if directive else "") or "", block["prefix"]),
            excuse=(directive["excuse"] if directive else "") or "",
            start=text.rfind("\n", 0, (directive or block).start() + 1) + 1,
            block=block.start(),
            end=block.end(),
            prefix=block["prefix"],
        )


def _bare(text: str, prefix: str) -> str:
    lines = [line.removeprefix(prefix) for line in text.split("\n")]
    return textwrap.dedent("\n".join(lines)).strip()


def unbound(text: str) -> list[str]:
    """List the lines of `$$` and of directives that belong to no formula."""
    rest = blanked(text, [(fence.start, fence.end) for fence in fences(text)])
    rest = blanked(rest, [(formula.start, formula.end) for formula in formulas(text)])
    rest = blanked(rest, [code.span() for code in CODE.finditer(rest)])
    return [
        f"line {rest.count(chr(10), 0, stray.start()) + 1}: {_STRAY[stray[0]]}"
        for stray in re.finditer("|".join(map(re.escape, _STRAY)), rest)
    ]


def blanked(text: str, places: list[tuple[int, int]]) -> str:
    """Blank some places of a text, in their order, so that all else stays where it is."""
    pieces, last = [], 0
    for start, end in places:
        pieces += [text[last:start], re.sub(r"\S", " ", text[start:end])]
        last = end
    return "".join([*pieces, text[last:]])
