r"""Formulas within a line, `$p_t$`, and the dollars and backslashes that belong to none.

A dollar is read as the site's Markdown reads it: one that touches a sign on its right
opens a formula, the next that touches one on its left closes it. So `$5/$6` holds the
formula `5/`, which nobody meant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workshop.pages.fences import fences
from workshop.pages.formulas import CODE, blanked, formulas

MATH = re.compile(
    r"(?<![\\$])\$(?![\s$])(?P<latex>(?:\\.|(?!\n[ \t>]*\n)[^\\$])+?)(?<!\s)\$(?!\$)",
    re.DOTALL,
)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BEFORE = re.compile(r"\w")  # 5$/6$, US$5: prices
_AFTER = re.compile(r"(?!(?:th|st|nd|rd|s)\b)\w")  # $5/$6; but the $n$th, two $x$s
_TWO_WORDS = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_NAMED = re.compile(r"\\(?:text|math|operatorname)\w*\*?\s*\{[^{}]*\}")
_STRAY = re.compile(r"(?<![\\$])(?:\\\\)*(?P<sign>\$(?!\$)|\\[([]|\\[A-Za-z]{2,})")
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]")
_NO_FORMULA = r"a dollar that is no formula must read \$"
_NO_DOLLARS = "LaTeX must stand between dollars, $…$"


@dataclass(frozen=True)
class Inline:
    """A formula within a line."""

    latex: str
    start: int
    end: int
    line: int
    """Counted from 1."""


def inline(text: str) -> Iterator[Inline]:
    """Find the formulas within the lines of a text, outside code and comments."""
    for found in MATH.finditer(prose(text)):
        line = text.count("\n", 0, found.start()) + 1
        yield Inline(found["latex"], *found.span(), line)


def numbered(text: str) -> Iterator[tuple[int, str]]:
    """Yield the formulas of a text with their lines, first those that have one alone."""
    for formula in formulas(text):
        yield text.count("\n", 0, formula.block) + 1, formula.latex
    for within in inline(text):
        yield within.line, within.latex


def prose(text: str) -> str:
    """Blank the fences, code, display formulas and comments of a text."""
    text = uncoded(text)
    return blanked(text, [x.span() for x in COMMENT.finditer(text)])


def uncoded(text: str) -> str:
    """Blank the fences, code and display formulas of a text."""
    text = blanked(text, [(x.start, x.end) for x in fences(text)])
    text = blanked(text, [(x.block, x.end) for x in formulas(text)])
    return blanked(text, [x.span() for x in CODE.finditer(text)])


def misread(text: str) -> Iterator[str]:
    """Name the lines with formulas that are none, and with what would stay raw."""
    found = list(inline(text))
    for formula in found:
        if _is_prose(formula, text):
            around = text[max(formula.start - 1, 0) : formula.end + 1].strip()
            yield f"line {formula.line}: {_NO_FORMULA}; got {around}"
        elif _HEADING.match(heading := text.splitlines()[formula.line - 1]):
            # The table of contents has the letters alone.
            yield f"line {formula.line}: a heading must have no formula; got {heading}"
    rest = blanked(prose(text), [(x.start, x.end) for x in found])
    for stray in _STRAY.finditer(rest):
        start = stray.start("sign")
        wanted = _NO_FORMULA if stray["sign"] == "$" else _NO_DOLLARS
        got = text[start:].partition("\n")[0][:20].strip()
        yield f"line {text.count(chr(10), 0, start) + 1}: {wanted}; got {got}"


def is_math(words: str) -> bool:
    """Tell whether words hold a formula that nobody typeset; prices are none."""
    return any(not _is_prose(formula, words) for formula in inline(words))


def _is_prose(formula: Inline, text: str) -> bool:
    """Tell prices and words from a formula."""
    return bool(
        _BEFORE.match(text, max(formula.start - 1, 0))
        or _AFTER.match(text, formula.end)
        or _TWO_WORDS.search(_NAMED.sub("", formula.latex))
    )
