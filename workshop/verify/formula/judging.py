"""Whether a formula holds: it is executed on many draws of its symbols."""

from typing import Any

import numpy as np

from workshop.pages.formulas import EXCUSES, Formula
from workshop.pages.snippets import LIMIT
from workshop.verify.formula.binding import bindings
from workshop.verify.formula.claims import SPECIAL, Mismatch, check
from workshop.verify.formula.evaluate import STANDARD
from workshop.verify.formula.parse import parse
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import Claim, Name, parts
from workshop.verify.formula.wording import unheld
from workshop.verify.interpreter import Stopped, limited

DRAWS = 20


def problem(formula: Formula, limit: float = LIMIT) -> str | None:
    """Execute a formula on many draws; return what is wrong with it, or None.

    Args:
        formula: The formula, with its directive.
        limit: After how many seconds all draws must have been tried.
    """
    try:
        if formula.excuse:
            return _excused(formula)
        if not formula.code:
            return f"a formula must have a directive above it:\n{formula.latex}"
        with limited(limit, "a formula"):
            for seed in range(DRAWS):
                if found := _mismatch(formula, seed):
                    return found
    except (FormulaError, Stopped) as error:
        return f"{error}\n{formula.latex}"
    return None


def _excused(formula: Formula) -> str | None:
    if formula.excuse not in EXCUSES:
        known = ", ".join(repr(excuse) for excuse in EXCUSES)
        return f"an excuse must be one of {known}; got {formula.excuse!r}"
    return None


def _mismatch(formula: Formula, seed: int) -> str | None:
    names = bindings(formula.code, seed)
    for claim in _claims(formula.latex, {**STANDARD, **SPECIAL, **names}):
        if wrong := _checked(claim, names):
            return unheld(claim, wrong, names)
    return None


def _claims(latex: str, names: dict[str, Any]) -> list[Claim]:
    """Read the claims, in which each name must be that of one symbol."""
    try:
        claims = parse(latex, names)
    except RecursionError:
        raise FormulaError("a formula must not be nested so deeply") from None
    meant: dict[str, set[Name]] = {}
    for name in parts(tuple(claims)):
        if isinstance(name, Name):
            meant.setdefault(name.identifier, set()).add(name)
    for identifier, found in meant.items():
        if len(found) > 1:
            raise FormulaError(f"{identifier} must be one symbol; two are written so")
    return claims


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
