"""What the symbols of a formula are, for one draw: the directive above it, executed."""

import builtins
import importlib
from typing import Any

import numpy as np

import dlref
from workshop.pages.formulas import REFERENCE
from workshop.verify.formula.evaluate import STANDARD
from workshop.verify.formula.tokens import FormulaError


def bindings(code: str, seed: int) -> dict[str, Any]:
    """Run a directive and return what it binds.

    Raises:
        FormulaError: If it does not run.
    """
    for reference in REFERENCE.findall(code):
        _import(reference)
    draws = _draws(np.random.default_rng([seed, 46]))
    ours = {name: x for name, x in STANDARD.items() if not hasattr(builtins, name)}
    given = {**ours, **draws, "np": np, "dlref": dlref}
    names = dict(given)
    try:
        exec(compile(code, "<formula>", "exec"), names)
    except (Exception, SystemExit) as error:
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
