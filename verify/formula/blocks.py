r"""Formulas of a page or docstring: a `$$` block, and the directive above it.

A formula that stands in several places, as in the docstrings of two languages and on a
page, needs its directive in one of them.
"""

import importlib
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import dlref
from verify import ROOT
from verify.fences import fences
from verify.formula.claims import SPECIAL, Mismatch, check
from verify.formula.evaluate import STANDARD
from verify.formula.parse import parse
from verify.formula.tokens import FormulaError, tokens
from verify.formula.tree import Claim
from verify.snippets import digest

DEFINED = "defines a symbol"
EXCUSES = (
    DEFINED,
    "is a result of its source",
    "shows a pattern",
)
KINDS = "executed", "defined", "excused"
DRAWS = 20
_BLOCK = re.compile(
    r"^(?P<prefix>[ \t>]*)\$\$[ \t]*\n(?P<latex>.*?)\n(?P=prefix)\$\$[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"<!-- formula(?:: (?P<excuse>[^\n]*?)|\n(?P<code>.*?))\s*-->[ \t]*\n[\s>]*\Z",
    re.DOTALL,
)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_STRAY = {
    "$$": "$$ must stand on lines of its own, in pairs",
    "<!-- formula": "a directive must stand directly above a formula",
}
_REFERENCE = re.compile(r"\bdlref(?:\.\w+)+")


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
        found = set(_REFERENCE.findall(self.code))
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


def shown(text: str) -> list[str]:
    """The LaTeX of a text's display formulas."""
    return [formula.latex for formula in _written(text)]


def formulas(text: str) -> Iterator[Formula]:
    """Find the display formulas that are no part of a fence, with what binds them."""
    for formula in _written(text):
        if formula.code or formula.excuse:
            yield formula
        else:
            yield replace(formula, code=_elsewhere().get(_key(formula), ""))


def _elsewhere() -> dict[tuple[str, ...], str]:
    """The directives of all pages and docstrings, by the formulas they stand above."""
    files = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("dlref/**/*.py")]
    return _directives(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=1)
def _directives(files: tuple[tuple[Path, int], ...]) -> dict[tuple[str, ...], str]:
    return {
        _key(formula): formula.code
        for file, _ in files
        for formula in _written(file.read_text(encoding="utf-8"))
        if formula.code
    }


def unbound(text: str) -> list[str]:
    """List the lines of `$$` and of directives that belong to no formula."""
    rest = text
    for start, end in [
        *((fence.start, fence.end) for fence in fences(text)),
        *((formula.start, formula.end) for formula in _written(text)),
        *(code.span() for code in _INLINE_CODE.finditer(text)),
    ]:
        rest = rest[:start] + re.sub(r"\S", " ", rest[start:end]) + rest[end:]
    return [
        f"line {rest.count(chr(10), 0, stray.start()) + 1}: {_STRAY[stray[0]]}"
        for stray in re.finditer("|".join(map(re.escape, _STRAY)), rest)
    ]


def _key(formula: Formula) -> tuple[str, ...]:
    return tuple(token.text for token in tokens(formula.latex))


def _written(text: str) -> Iterator[Formula]:
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


def problem(formula: Formula) -> str | None:
    """Execute a formula on many draws; return what is wrong with it, or None."""
    try:
        if formula.excuse:
            return _excused(formula)
        if not formula.code:
            return f"a formula must have a directive above it:\n{formula.latex}"
        for seed in range(DRAWS):
            if found := _mismatch(formula, seed):
                return found
    except FormulaError as error:
        return f"{error}\n{formula.latex}"
    return None


def _excused(formula: Formula) -> str | None:
    if formula.excuse not in EXCUSES:
        known = ", ".join(repr(excuse) for excuse in EXCUSES)
        return f"an excuse must be one of {known}; got {formula.excuse!r}"
    return None


def _mismatch(formula: Formula, seed: int) -> str | None:
    names = bindings(formula.code, seed)
    for claim in parse(formula.latex, {**STANDARD, **SPECIAL, **names}):
        if wrong := _checked(claim, names):
            return _told(claim, wrong, names)
    return None


def _told(claim: Claim, wrong: Mismatch, names: dict[str, Any]) -> str:
    values = {**names, **wrong.at}
    drawn = [f"{name} = {value}" for name, value in values.items() if not callable(value)]
    found = [
        f"left of {wrong.relation}:  {wrong.left}",
        f"right of {wrong.relation}: {wrong.right}",
    ]
    told = textwrap.indent("\n".join(drawn + found), "  ")
    return f"this does not hold:\n{claim.latex}\nwith\n{told}"


def _checked(claim: Claim, names: dict[str, Any]) -> Mismatch | None:
    try:
        with np.errstate(all="ignore"):  # log 0 is −∞; NaN equals nothing, and is found
            return check(claim, names)
    except FormulaError:
        raise
    except Exception as error:  # shapes that do not fit, 1/0 of whole numbers, …
        raise FormulaError(
            f"a formula must have a value; got {type(error).__name__}: {error}"
        ) from error


def bindings(code: str, seed: int) -> dict[str, Any]:
    """Run a directive and return what it binds."""
    for reference in _REFERENCE.findall(code):
        _import(reference)
    draws = _draws(np.random.default_rng([seed, 46]))
    given = {**STANDARD, **draws, "np": np, "dlref": dlref}
    names = dict(given)
    try:
        exec(compile(code, "<formula>", "exec"), names)
    except Exception as error:
        raise FormulaError(
            f"a directive must run; got {type(error).__name__}: {error}"
        ) from error
    return {
        name: value
        for name, value in names.items()
        if name != "__builtins__" and value is not given.get(name)
    }


def _import(reference: str) -> None:
    """Import the module that a dotted name of dlref lies in."""
    parts = reference.split(".")
    for end in range(2, len(parts) + 1):
        try:
            importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            return


def _draws(rng: np.random.Generator) -> dict[str, Any]:
    """What a directive draws its symbols with."""

    def real(low: float, high: float, *shape: int) -> Any:
        return rng.uniform(low, high, shape) if shape else float(rng.uniform(low, high))

    def integer(low: int, high: int, *shape: int) -> Any:
        drawn = rng.integers(low, high + 1, shape)
        return drawn if shape else int(drawn)

    def normal(*shape: int) -> Any:
        return rng.normal(size=shape) if shape else float(rng.normal())

    def boolean(*shape: int) -> Any:
        return rng.random(shape) < 0.5 if shape else bool(rng.random() < 0.5)

    return {
        "rng": rng,
        "real": real,
        "integer": integer,
        "normal": normal,
        "boolean": boolean,
    }
