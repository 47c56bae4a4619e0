"""Derivatives and integrals of what can only be evaluated."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from workshop.verify.formula.tokens import FormulaError

_FIRST_STEPS = 2.0**-6, 2.0**-10, 2.0**-14  # of a difference, the first ones
_LEVELS = 6  # halvings of each
_STEP, _REACH = 1 / 32, 4.0  # of the double-exponential rule
_CONVERGED = 1e-7


def derivative(function: Callable[[Any], Any], at: Any) -> Any:
    """Differentiate by each entry of `at`, whose axes come last.

    Central differences at steps that halve, extrapolated to none (Richardson).
    """
    point = np.asarray(at, float)
    columns = [_slope(function, point, index) for index in np.ndindex(point.shape)]
    shape = (*np.shape(columns[0]), *point.shape)
    return np.stack(columns, axis=-1).reshape(shape)[()] if shape else columns[0]


def _slope(function: Callable[[Any], Any], point: Any, index: tuple[int, ...]) -> Any:
    def moved(step: float) -> Any:
        there = point.copy()
        there[index] += step
        return np.asarray(function(there[()] if there.ndim else float(there)), float)

    size = max(abs(float(point[index])), 1.0)
    if _is_kink(moved, size * _FIRST_STEPS[-1]):
        raise FormulaError("a derivative must be the same from both sides")
    # A smaller one where the function ends or has a kink nearby.
    for step in _FIRST_STEPS:
        slope, before = _extrapolated(moved, size * step)
        if np.allclose(slope, before, rtol=_CONVERGED, atol=_CONVERGED):
            return slope
    raise FormulaError(f"a derivative must converge; got {before}, then {slope}")


def _is_kink(moved: Callable[[float], Any], step: float) -> bool:
    """Tell whether the slopes of both sides differ, and not by less for half a step."""

    def jump(step: float) -> Any:
        return abs(moved(step) - 2 * moved(0.0) + moved(-step)) / step

    wide, narrow = jump(step), jump(step / 2)
    return bool(np.any((narrow > 1e-6) & (narrow > 0.9 * wide)))


def _extrapolated(moved: Callable[[float], Any], step: float) -> tuple[Any, Any]:
    """The slope at steps that halve, extrapolated to none; and from one step less."""
    row: list[Any] = []
    for _ in range(_LEVELS):
        before = row[-1] if row else None
        new = [(moved(step) - moved(-step)) / (2 * step)]
        for power, coarser in enumerate(row, start=1):
            new.append(new[-1] + (new[-1] - coarser) / (4**power - 1))
        row, step = new, step / 2
    return row[-1], before


def integral(function: Callable[[float], Any], low: float, high: float) -> Any:
    """Integrate by the double-exponential rule, between bounds that may be infinite.

    Raises:
        FormulaError: If half of the points give another value.
    """
    place = _substitution(low, high)
    points = np.arange(-_REACH, _REACH + _STEP / 2, _STEP)
    terms = [_weighted(function, *place(float(t))) for t in points]
    value = sum(terms) * _STEP
    coarse = sum(terms[::2]) * 2 * _STEP
    if not np.allclose(value, coarse, rtol=_CONVERGED, atol=_CONVERGED):
        raise FormulaError(f"an integral must converge; got {coarse}, then {value}")
    size, half = (np.sum(np.abs(found), axis=0) for found in (terms, terms[::2]))
    if not np.allclose(size, 2 * half, rtol=0.01):  # ∞ − ∞
        raise FormulaError("an integral must converge without its signs too")
    return value


def _weighted(function: Callable[[float], Any], x: float, weight: float) -> Any:
    value = function(x) * weight if weight else 0.0
    return np.where(np.isfinite(value), value, 0.0)[()]


def _substitution(low: float, high: float) -> Callable[[float], tuple[float, float]]:
    """Map all numbers to the interval; return the place and its weight."""

    def inner(t: float) -> tuple[float, float]:
        return math.pi / 2 * math.sinh(t), math.pi / 2 * math.cosh(t)

    def whole(t: float) -> tuple[float, float]:
        s, weight = inner(t)
        return math.sinh(s), math.cosh(s) * weight

    def half(t: float) -> tuple[float, float]:
        s, weight = inner(t)
        return low + math.exp(s), math.exp(s) * weight

    def mirrored(t: float) -> tuple[float, float]:
        s, weight = inner(t)
        return high - math.exp(s), math.exp(s) * weight

    def between(t: float) -> tuple[float, float]:
        s, weight = inner(t)
        width = (high - low) / 2
        return low + width * (1 + math.tanh(s)), width * weight / math.cosh(s) ** 2

    if math.isinf(low):
        return whole if math.isinf(high) else mirrored
    return half if math.isinf(high) else between
