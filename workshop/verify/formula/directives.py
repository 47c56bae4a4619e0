"""Which directive speaks for a formula: its own, or that of the same formula elsewhere.

A formula that stands in several places, as in the docstrings of two languages and on a
page, needs its directive in one of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from workshop.pages.formulas import Formula, formulas
from workshop.pages.sources import verified
from workshop.verify.formula.tokens import tokens

Key = tuple[str, ...]
Directives = Mapping[Key, str]


def bound(text: str, directives: Directives) -> Iterator[Formula]:
    """Find the formulas of a text, those that are bound elsewhere with that directive."""
    for formula in formulas(text):
        if formula.code or formula.excuse:
            yield formula
        else:
            yield replace(formula, code=directives.get(_key(formula), ""))


def written(texts: Iterable[str]) -> Directives:
    """Gather the directives of texts, by the formulas that they stand above."""
    return {
        _key(formula): formula.code
        for text in texts
        for formula in formulas(text)
        if formula.code
    }


def everywhere() -> Directives:
    """Gather the directives of all pages and docstrings, as they are now."""
    return _read(tuple((file, file.stat().st_mtime_ns) for file in verified()))


@lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int], ...]) -> Directives:
    return written(file.read_text(encoding="utf-8") for file, _ in files)


def _key(formula: Formula) -> Key:
    """Name a formula by what it says, however it is spaced."""
    return tuple(token.text for token in tokens(formula.latex))
