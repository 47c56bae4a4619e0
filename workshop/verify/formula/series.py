r"""What dots stand for: `x_1 + \dots + x_n` has the terms from 1 to n."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    Binary,
    Expression,
    Name,
    Number,
    Series,
    identifier,
)

Value = Callable[[Expression], Any]


def terms(series: Series, value: Value) -> list[Expression]:
    """Write out the terms: those before the dots, those that they stand for, the last.

    The last term and the one before the dots must differ in whole numbers alone, all by
    as much; what is of their kind before them must go on in the same steps.

    Args:
        series: The terms that are written.
        value: Evaluates an expression.

    Raises:
        FormulaError: If the terms do not show how they go on.
    """
    *before, start = series.first
    spans = {abs(end - begin): None for begin, end in _numbers(start, series.last, value)}
    if len(spans) != 1:
        raise FormulaError("dots must stand between terms that show how they go on")
    (count,) = spans
    for back, given in enumerate(reversed(before), start=1):
        try:
            wanted = value(_term(start, series.last, -back, value))
        except FormulaError:  # of an index: what stands before is none of the terms
            break
        found = value(given)
        if np.shape(found) != np.shape(wanted) or not np.allclose(found, wanted):
            raise FormulaError("the terms before dots must go on in steps of one")
    return [*before, *(_term(start, series.last, k, value) for k in range(count + 1))]


def _numbers(first: Any, last: Any, value: Value) -> Iterator[tuple[int, int]]:
    """Find the pairs of whole numbers in which two terms differ."""
    if first == last:
        return
    if _alike(first, last):
        for one, other in zip(_parts(first), _parts(last), strict=True):
            yield from _numbers(one, other, value)
        return
    ends = [value(x) for x in (first, last) if _is_plain(x)]
    if [isinstance(x, int) for x in ends] != [True, True]:
        raise FormulaError("dots must stand between terms that show how they go on")
    yield ends[0], ends[1]


def _term(first: Any, last: Any, step: int, value: Value) -> Any:
    """The term that is so many steps from the first one."""
    if first == last:
        return first
    if isinstance(first, Name) and _alike(first, last):
        pairs = zip(first.indices, last.indices, strict=True)
        indices = tuple(_term(one, other, step, value) for one, other in pairs)
        return Name(first.base, indices, identifier([str(_text(x)) for x in indices]))
    if _alike(first, last):
        pairs = zip(_parts(first), _parts(last), strict=True)
        return _rebuilt(first, [_term(one, other, step, value) for one, other in pairs])
    begin, end = value(first), value(last)
    return Number(begin + step * (1 if end >= begin else -1))


def _alike(first: Any, last: Any) -> bool:
    """Tell whether two parts are of one kind, so that their own parts can differ."""
    if type(first) is not type(last) or isinstance(first, Number):
        return False
    if isinstance(first, Name):
        return first.base == last.base and len(first.indices) == len(last.indices) > 0
    if isinstance(first, tuple):
        return len(first) == len(last)
    if isinstance(first, Binary) and first.operator != last.operator:
        return False
    return hasattr(first, "__dataclass_fields__")


def _is_plain(tree: Any) -> bool:
    """Tell whether terms can count from or to it: n, 2 or n - 1, but not 2n or x^n."""
    if isinstance(tree, Binary):
        return (
            tree.operator in {"+", "-"} and _is_plain(tree.left) and _is_plain(tree.right)
        )
    return isinstance(tree, Number | Name)


def _parts(tree: Any) -> tuple[Any, ...]:
    if isinstance(tree, Name):
        return tree.indices
    return tree if isinstance(tree, tuple) else tuple(vars(tree).values())


def _rebuilt(tree: Any, parts: list[Any]) -> Any:
    return tuple(parts) if isinstance(tree, tuple) else type(tree)(*parts)


def _text(index: Any) -> Any:
    return index.value if isinstance(index, Number) else index.identifier
