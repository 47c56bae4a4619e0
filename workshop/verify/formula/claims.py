r"""Whether what a formula claims is so, for one draw of its symbols."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise, product
from typing import Any

import numpy as np

from workshop.verify.formula.evaluate import (
    RELATIONS,
    ROUNDED,
    Names,
    as_set,
    evaluate,
    holds,
    worth,
)
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    Call,
    Claim,
    Derivative,
    Expression,
    Integral,
    Name,
    free,
    parts,
)

# Bound to functions so that the parser takes a bracket for their arguments.
SPECIAL: dict[str, Callable[..., Any]] = dict.fromkeys(["cal_N", "cal_U", "cal_O"], list)
EXACT = 1e-9  # relative tolerance of =
NUMERICAL = 1e-6  # of =, where there are derivatives or integrals
_SAMPLES = 10_000
_SIGMAS = 5
_HUGE = 2**60


@dataclass(frozen=True)
class Mismatch:
    """A relation that does not hold, and what was found on both of its sides."""

    relation: str
    left: Any
    right: Any
    at: Names = field(default_factory=dict)
    """The values of the symbols that run through a range."""


def check(claim: Claim, names: Names) -> Mismatch | None:
    """Compare each side with the next; `tolerance` among the names replaces = 1e-9.

    The first side is also compared with the name `equals`, where that is bound: what has
    no symbol of its own is tied to the code by it. A claim must hold for all values of a
    symbol that is bound to a range, unless it sums over them.

    Raises:
        FormulaError: If there is nothing to compare, or a side has no value.
    """
    ranges = {x: names[x] for x in sorted(free(claim)) if type(names.get(x)) is range}
    for name, values in ranges.items():
        if not values:
            raise FormulaError(
                f"a symbol must run through something; got {name}={values}"
            )
    for values in product(*ranges.values()):
        at = dict(zip(ranges, values, strict=True))
        if mismatch := _check(claim, {**names, **at}):
            return replace(mismatch, at=at)
    return None


def _check(claim: Claim, names: Names) -> Mismatch | None:
    sides, relations = claim.sides, claim.relations
    if "equals" in names:
        sides, relations = (Name("equals"), *sides), ("=", *relations)
    if not relations:
        raise FormulaError("a formula must have a relation, or its directive bind equals")
    for relation, (left, right) in zip(relations, pairwise(sides), strict=True):
        if mismatch := _compare(relation, left, right, names):
            return mismatch
    return None


def _compare(
    relation: str, left: Expression, right: Expression, names: Names
) -> Mismatch | None:
    found: Any
    claimed: Any
    match relation, right:
        case "=", Call(Name(base="cal_O"), (bound,)):
            grown = sorted({*_grown(bound, names), *_grown(left, names)})
            found, claimed = (_growth(x, grown, names) for x in (left, bound))
            good = all(abs(found[name] - claimed[name]) < 0.01 for name in claimed)
        case r"\sim", Call(Name(base="cal_N" | "cal_U" as kind), arguments):
            claimed = {kind: [evaluate(x, names) for x in arguments]}
            samples = np.asarray(evaluate(left, names), float)
            found = {"mean": samples.mean(), "variance": samples.var()}
            good = _is_sample(kind, samples, *claimed[kind])
        case r"\sim", _:
            raise FormulaError(r"\sim must be followed by \mathcal{N} or \mathcal{U}")
        case ((r"\in" | r"\notin"), _):
            found, claimed = evaluate(left, names), right
            good = holds(Claim((left, right), (relation,)), names)
        case _:
            found, claimed = _sides(relation, left, right, names)
            good = _stand(
                relation, found, claimed, _tolerance(relation, (left, right), names)
            )
    return None if good else Mismatch(relation, found, claimed)


def _sides(
    relation: str, left: Expression, right: Expression, names: Names
) -> tuple[Any, Any]:
    r"""Evaluate both sides; an update has its new value on the left, `x_new` for `x`."""
    if relation != r"\leftarrow":
        return worth(left, names), worth(right, names)
    name = left.function if isinstance(left, Call) else left
    if not isinstance(name, Name):
        raise FormulaError("an update must have a symbol on its left")
    new = Name(f"{name.identifier}_new")
    if new.identifier not in names and name.indices and f"{name.base}_new" in names:
        new = replace(name, base=f"{name.base}_new")
    elif new.identifier not in names:
        raise FormulaError(f"an update must have its new value; bind {new.identifier}")
    updated = replace(left, function=new) if isinstance(left, Call) else new
    return evaluate(updated, names), worth(right, names)


def _stand(relation: str, left: Any, right: Any, tolerance: float) -> bool:
    """Tell whether two values stand in a relation; there must be some."""
    if isinstance(left, set | frozenset) or isinstance(right, set | frozenset):
        if np.ndim(left) or np.ndim(right) or relation not in {"=", r"\neq"}:
            raise FormulaError("a set must be compared with a set, by = or \\neq")
        return (as_set(left) == as_set(right)) == (relation == "=")
    if not (np.size(left) and np.size(right)):
        raise FormulaError("a side must hold something; got an array without entries")
    if relation == r"\propto":
        return _proportional(left, right, tolerance)
    if relation == r"\neq":  # somewhere; NaN is no number to differ from
        known = not (np.any(np.isnan(left)) or np.any(np.isnan(right)))
        return known and not _agree(left, right, tolerance)
    if relation in {"=", r"\leftarrow", r"\approx"}:
        return _agree(left, right, tolerance)
    met = RELATIONS[relation](left, right)
    if relation in {r"\leq", r"\geq"}:  # equality holds as far as it can be computed
        met = met | np.isclose(left, right, rtol=EXACT, atol=0)
    return bool(np.all(met))


def _proportional(left: Any, right: Any, tolerance: float) -> bool:
    if np.size(left) < 2:
        raise FormulaError(r"\propto must compare several values; got one")
    left, right = np.asarray(left, float), np.asarray(right, float)
    factor = left.flat[np.argmax(abs(right))] / right.flat[np.argmax(abs(right))]
    return bool(factor > 0) and _agree(left, factor * right, tolerance)


def _tolerance(relation: str, sides: tuple[Any, Any], names: Names) -> float:
    usual = ROUNDED if relation == r"\approx" else EXACT
    numerical = any(isinstance(x, Derivative | Integral) for x in parts(sides))
    if numerical and relation != r"\approx":
        usual = NUMERICAL
    return float(names.get("tolerance", usual))


def _agree(left: Any, right: Any, tolerance: float) -> bool:
    """Compare numbers or arrays of one shape; whole numbers to the unit."""
    for value in left, right:
        if np.iscomplexobj(value):
            raise FormulaError(f"a formula must have a real value; got {value}")
    if tolerance == EXACT and _are_whole(left, right):
        return int(left) == int(right)
    left, right = np.asarray(left, float), np.asarray(right, float)
    near = tolerance / 1000 * _scale(left, right)
    alike = left.shape == right.shape or left.size == right.size == 1
    return alike and bool(np.allclose(left, right, tolerance, near))


def _are_whole(left: Any, right: Any) -> bool:
    """Tell whether one is a whole number, and the other one too, if as a float."""
    sides = [x for x in (left, right) if isinstance(x, int | np.integer)]
    floats = [x for x in (left, right) if isinstance(x, float)]
    exact = all(x.is_integer() and abs(x) < 2**53 for x in floats)
    return bool(sides) and len(sides) + len(floats) == 2 and exact


def _scale(left: Any, right: Any) -> float:
    """How large what is compared is, at most 1; 1 where one side is nothing but zeros."""
    sizes = [
        float(np.max(abs(side[np.isfinite(side)]), initial=0)) for side in (left, right)
    ]
    return min(1.0, max(sizes)) if all(sizes) else 1.0


def _grown(tree: Expression, names: Names) -> list[str]:
    """The whole numbers that an expression has, or asks for."""
    asked = free(tree)
    for name in free(tree):
        if callable(function := names.get(name)):
            asked |= {*inspect.signature(function).parameters}
    return [x for x in sorted(asked) if type(names.get(x)) is int]


def _growth(side: Expression, variables: list[str], names: Names) -> dict[str, float]:
    """Fit the exponent of each variable, and of all of them together."""
    if not variables:
        raise FormulaError("an order must have a whole number among its symbols")
    alone = {name: _exponent(side, [name], names) for name in variables}
    return alone | {" ".join(variables): _exponent(side, variables, names)}


def _exponent(side: Expression, variables: list[str], names: Names) -> float:
    def logarithm(size: int, kind: type) -> float:
        grown = {x: kind(names[x] * size) for x in variables}
        return math.log2(worth(side, {**names, **grown}))

    try:
        return logarithm(2 * _HUGE, int) - logarithm(_HUGE, int)
    except TypeError:  # NumPy has no logarithm of such whole numbers
        return logarithm(2 * _HUGE, float) - logarithm(_HUGE, float)


def _is_sample(kind: str, samples: Any, first: float, second: float) -> bool:
    """Compare the moments of many samples with N(mean, variance) or U(low, high)."""
    count = samples.size
    if count < _SAMPLES:
        raise FormulaError(f"samples must be at least {_SAMPLES}; got {count}")
    if kind == "cal_N" and np.ndim(second) == 2:
        return _are_normal_vectors(samples, first, second)
    if kind == "cal_N":
        mean, variance, kurtosis = first, second, 3.0
    else:
        mean, variance, kurtosis = (first + second) / 2, (second - first) ** 2 / 12, 1.8
        edge = (second - first) * 20 / count
        if not (first <= samples.min() < first + edge):
            return False
        if not (second - edge < samples.max() <= second):
            return False
    z = (samples - mean) / math.sqrt(variance)
    return bool(
        abs(z.mean()) < _SIGMAS / math.sqrt(count)
        and abs(z.var() - 1) < _SIGMAS * math.sqrt((kurtosis - 1) / count)
        and abs((z**4).mean() - kurtosis) < _SIGMAS * math.sqrt(96 / count)
    )


def _are_normal_vectors(samples: Any, mean: Any, covariance: Any) -> bool:
    """Compare samples, one a row, with N(mean, covariance): whitened, all are N(0, 1)."""
    if samples.ndim != 2 or samples.shape[1] != len(covariance):
        raise FormulaError(
            f"samples must have a row for each, of {len(covariance)}; got {samples.shape}"
        )
    if len(samples) < _SAMPLES:
        raise FormulaError(f"samples must be at least {_SAMPLES}; got {len(samples)}")
    white = np.linalg.solve(np.linalg.cholesky(covariance), (samples - mean).T)
    count = len(samples)
    off = white @ white.T / count - np.eye(len(covariance))
    return bool(
        _is_sample("cal_N", white, 0, 1)
        and np.all(abs(white.mean(axis=1)) < _SIGMAS / math.sqrt(count))
        and np.all(abs(off) < _SIGMAS * math.sqrt(2 / count))
    )
