r"""What a parsed formula is worth, with the values that its names are bound to."""

import inspect
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import pairwise, product
from typing import Any

import numpy as np

from workshop.verify.formula.calculus import derivative, integral
from workshop.verify.formula.series import terms
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    At,
    Big,
    Binary,
    Call,
    Cases,
    Claim,
    Derivative,
    Element,
    Expression,
    Fenced,
    Given,
    Integral,
    Listing,
    Logical,
    Matrix,
    Name,
    Negative,
    Norm,
    Number,
    Power,
    Series,
    Space,
    Transpose,
    Truth,
    free,
    identifier,
)

Names = Mapping[str, Any]
_MOST_STEPS = 100_000
_MOST_BITS = 1_000_000
ROUNDED = 0.01  # relative tolerance of \approx


def softmax(scores: Any) -> Any:
    """Normalize the exponentials along the last axis."""
    powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def _chosen_of(choose: np.ufunc, values: tuple[Any, ...]) -> Any:
    """Choose among values, entry by entry; of one array, among its entries."""
    return (
        choose.reduce(values[0], axis=None)
        if len(values) == 1
        else reduce(choose, values)
    )


def sigmoid(z: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


# What needs no binding. A directive may bind the name to something else.
STANDARD: dict[str, Any] = {
    **{name: getattr(np, name) for name in ("exp", "sin", "cos", "tan", "tanh", "sinh")},
    **{"cosh": np.cosh, "arctan": np.arctan, "log": np.log, "ln": np.log},
    **{"e": math.e, "softmax": softmax, "sigmoid": sigmoid},
    **{"det": np.linalg.det, "tr": np.trace, "diag": np.diag},
    "max": lambda *values: _chosen_of(np.maximum, values),
    "min": lambda *values: _chosen_of(np.minimum, values),
    "factorial": math.factorial,
    "binom": math.comb,
    "count_from": 1,
    "inner": lambda a, b: np.sum(a * b),
}
_FENCED: dict[str, Callable[[Any], Any]] = {
    "floor": lambda x: np.floor(x) if isinstance(x, np.ndarray) else math.floor(x),
    "round": lambda x: np.round(x) if isinstance(x, np.ndarray) else round(x),
    "ceil": lambda x: np.ceil(x) if isinstance(x, np.ndarray) else math.ceil(x),
    "root": np.sqrt,
}
_SETS: dict[str, Callable[[Any, Any], Any]] = {
    "|": operator.or_,
    "&": operator.and_,
    "\\": operator.sub,
}
_KINDS = {"R": "fiu", "Z": "iu", "N": "iu", "C": "cfiu"}
_SIGNS: dict[str, Callable[[Any], Any]] = {
    "": np.isfinite,
    **dict.fromkeys(("+", "geq0", "0"), lambda x: x >= 0),
    **dict.fromkeys(("++", ">0"), lambda x: x > 0),
}
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    r"\approx": lambda a, b: abs(a - b) <= ROUNDED * abs(b),
    r"\neq": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    r"\leq": lambda a, b: a <= b,
    r"\geq": lambda a, b: a >= b,
}


def evaluate(tree: Expression, names: Names) -> Any:
    """Compute an expression.

    Raises:
        FormulaError: If a name is not bound, or shapes do not fit.
    """
    match tree:
        case Number(value):
            return value
        case Name():
            return _look_up(tree, names)
        case Call(function, arguments):
            return _function(function, names)(*_values(arguments, names))
        case Element(whole, indices):
            return _entry(evaluate(whole, names), indices, names)
        case Series():
            return _series(tree, names)
        case Listing(entries, r"\{\}"):
            return frozenset(_vector(_values(entries, names)).tolist())
        case Listing(entries):
            return _vector(_values(entries, names))
        case Space():
            raise FormulaError(r"a space must stand behind \in")
        case Matrix(rows):
            return _blocks([_values(row, names) for row in rows])
        case Truth(condition):
            return _truth(condition, names)
        case Given(name, value):
            given, known = evaluate(value, names), names.get(name.identifier)
            is_sample = known is not None and np.ndim(known) > 0
            return known == given if is_sample else given  # or the place that is asked
        case Negative(operand):
            return -_counted(evaluate(operand, names))
        case Transpose(operand):
            return _transposed(evaluate(operand, names))
        case Power(base, exponent, entrywise):
            return _power(evaluate(base, names), evaluate(exponent, names), entrywise)
        case Fenced("abs", Listing(entries, r"\{\}")):
            return len(set(_values(entries, names)))
        case Fenced("abs", operand):
            return _absolute(evaluate(operand, names))
        case Fenced(kind, operand):
            return _FENCED[kind](evaluate(operand, names))
        case Norm(operand, order):
            return _norm(evaluate(operand, names), order, names)
        case Binary(sign, left, right):
            return _binary(sign, evaluate(left, names), evaluate(right, names))
        case Big():
            return _big(tree, names)
        case Derivative():
            return _derivative(tree, names)
        case Integral(variable, low, high, body):
            low, high = evaluate(low, names), evaluate(high, names)
            return integral(lambda x: evaluate(body, {**names, variable: x}), low, high)
        case At(operand, name, value):
            at = {name.identifier: evaluate(value, names)}
            return evaluate(operand, {**names, **at})
        case Cases(rows):
            return _case(rows, names)


def _case(rows: tuple[Any, ...], names: Names) -> Any:
    """The value of the only case that holds, or of *otherwise*."""
    given = [(value, case) for value, case in rows if case is not None]
    true = [value for value, case in given if holds(case, names)]
    otherwise = [value for value, case in rows if case is None]
    if len(true or otherwise) != 1:
        raise FormulaError(
            f"one case must hold for each draw, and one alone; {len(true)} do"
        )
    return evaluate((true or otherwise)[0], names)


def holds(condition: Claim | Logical, names: Names) -> bool:
    """Tell whether a condition is met, to the letter, by all of its entries."""
    met = _met(condition, names)
    if not np.size(met):
        raise FormulaError("a relation must stand between values; got none")
    return bool(np.all(met))


def _truth(condition: Claim | Logical, names: Names) -> Any:
    """1 where a condition is met, 0 elsewhere."""
    met = _met(condition, names)
    return met.astype(int) if isinstance(met, np.ndarray) else int(met)


def _met(condition: Claim | Logical, names: Names) -> Any:
    if isinstance(condition, Logical):
        left, right = _met(condition.left, names), _met(condition.right, names)
        return (
            np.logical_and(left, right)
            if condition.operator == "and"
            else np.logical_or(left, right)
        )
    if not condition.relations:
        return _bound_truth(condition.sides[0], names)
    met: Any = True
    for relation, (left, right) in zip(
        condition.relations, pairwise(condition.sides), strict=True
    ):
        met = np.logical_and(met, related(relation, left, right, names))
    return met


def _bound_truth(side: Expression, names: Names) -> Any:
    value = evaluate(side, names)
    if np.asarray(value).dtype != bool:
        raise FormulaError("a condition must have a relation, or be bound to a truth")
    return value


def related(relation: str, left: Expression, right: Expression, names: Names) -> Any:
    """Compare two expressions, entry by entry where there are some."""
    if relation in {r"\in", r"\notin"}:
        inside = _inside(evaluate(left, names), right, names)
        return inside if relation == r"\in" else np.logical_not(inside)
    if relation not in RELATIONS:
        raise FormulaError(f"{relation} must stand between the sides of a claim")
    return RELATIONS[relation](evaluate(left, names), evaluate(right, names))


def _inside(value: Any, whole: Expression, names: Names) -> Any:
    """Tell what of a value lies in a set, an interval, or a space of arrays."""
    match whole:
        case Space(entries, sign, axes):
            shape = tuple(evaluate(x, names) for x in axes)
            if not isinstance(entries, str):
                return np.shape(value) == shape and np.all(_inside(value, entries, names))
            return np.shape(value) == shape and _of_kind(value, entries, sign)
        case Listing((low, high), brackets) if brackets[0] != "\\":
            low, high = evaluate(low, names), evaluate(high, names)
            above = value >= low if brackets[0] == "[" else value > low
            return np.logical_and(
                above, value <= high if brackets[1] == "]" else value < high
            )
        case Listing(entries):
            return np.isin(value, _values(entries, names))
    members = list(as_set(evaluate(whole, names)))
    if any(np.ndim(member) for member in members):  # pairs, each as a whole
        return any(np.array_equal(value, member) for member in members)
    return np.isin(value, members)


def _of_kind(value: Any, letter: str, sign: str) -> bool:
    """Tell whether all entries are numbers of that kind, and of that sign."""
    if letter not in _KINDS:
        raise FormulaError(rf"\mathbb{{{letter}}} must be one of R, Z, N and C")
    if sign not in _SIGNS:
        raise FormulaError(
            rf"a sign below \mathbb{{{letter}}} must be one of "
            rf"{', '.join(filter(None, _SIGNS))}; got {sign}"
        )
    entries = np.asarray(value)
    fits = np.isfinite(entries) & _SIGNS[sign](entries)
    natural = letter != "N" or np.all(entries >= 0)
    return entries.dtype.kind in _KINDS[letter] and bool(natural and np.all(fits))


def _values(arguments: tuple[Expression, ...], names: Names) -> list[Any]:
    """Evaluate arguments; the elements that dots stand for become one each."""
    values: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Series) and argument.operator == ",":
            written = terms(argument, lambda tree: evaluate(tree, names))
            values += [evaluate(term, names) for term in written]
        else:
            values.append(evaluate(argument, names))
    return values


def _series(series: Series, names: Names) -> Any:
    if series.operator == ",":
        raise FormulaError("dots must stand among the arguments of a function")
    found = [
        evaluate(term, names) for term in terms(series, lambda x: evaluate(x, names))
    ]
    return reduce(lambda a, b: _binary(series.operator, a, b), found)


def _vector(entries: list[Any]) -> Any:
    if any(np.ndim(entry) for entry in entries):
        raise FormulaError(
            "a list must hold numbers; of arrays, say whether they are stacked or joined"
        )
    return np.array(entries)


def _blocks(rows: list[list[Any]]) -> Any:
    """A matrix of numbers or of matrices, or vectors below one another."""
    axes = {np.ndim(entry) for row in rows for entry in row}
    if axes == {0}:
        return np.array(rows)
    if axes == {2}:
        return np.block(rows)
    if axes == {1} and all(len(row) == 1 for row in rows):
        return np.concatenate([entry for (entry,) in rows])
    raise FormulaError(
        "a matrix must hold numbers, matrices, or vectors below one another"
    )


def _function(name: Name, names: Names) -> Callable[..., Any]:
    r"""Find a function; `\log_b`, and `f'` of an f that is bound, need no binding."""
    if name.identifier not in names:
        if name.base == "log" and len(name.indices) == 1:
            base = evaluate(name.indices[0], names)
            return lambda x: np.log(x) / np.log(base)
        plain, primes, rest = name.base.partition("_prime")
        if primes and callable(function := names.get(plain)) and not name.subscript:
            for _ in range(1 + rest.count("_prime")):
                function = _derived(function)
            return function
    found: Callable[..., Any] = _look_up(name, names)
    if not callable(found):
        raise FormulaError(f"{name.identifier} must be a function; got {found}")
    return found


def _derived(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def slope(x: Any) -> Any:
        if np.ndim(x):
            raise FormulaError("a prime must stand at a function of a number")
        return derivative(function, x)

    return slope


def _look_up(name: Name, names: Names) -> Any:
    """Find what a name is bound to: itself, or something that it is an element of."""
    for bound in names, STANDARD:
        if name.identifier in bound:
            return bound[name.identifier]
    for count in reversed(range(len(name.indices))):
        spelled = identifier(["_".join(map(_text, name.indices[:count]))])
        for start in spelled, f"_{spelled}":
            array = Name(name.base, subscript=start if spelled else "").identifier
            if array in names and np.ndim(names[array]):
                return _entry(names[array], name.indices[count:], names)
    raise FormulaError(f"every symbol must be bound; {name.identifier} is not")


def _entry(array: Any, indices: tuple[Expression, ...], names: Names) -> Any:
    """An element of an array, or of its first axes."""
    if len(indices) > np.ndim(array):
        shape = np.shape(array)
        raise FormulaError(
            f"an array must have an axis for each index; got shape {shape}"
        )
    places = (_place(evaluate(index, names), names) for index in indices)
    entry = np.asarray(array)[tuple(places)]
    return entry.item() if isinstance(entry, np.integer | np.bool_) else entry


def _text(index: Expression) -> str:
    """An index as an identifier has it."""
    if isinstance(index, Name):
        return index.identifier
    return str(index.value) if isinstance(index, Number) else "?"


def _place(index: Any, names: Names) -> int:
    """Where an entry lies in an array; `count_from` is the number of its first one."""
    first = int(names.get("count_from", 1))
    if not isinstance(index, int | np.integer) or index < first:
        raise FormulaError(
            f"an index must be a whole number of at least {first}; got {index}"
        )
    return int(index) - first


def _transposed(value: Any) -> Any:
    if np.ndim(value) < 2:
        return np.asarray(value)[None, :] if np.ndim(value) else value
    return np.swapaxes(value, -1, -2)


def _absolute(value: Any) -> Any:
    """Absolute values; the number of entries of a set."""
    if isinstance(value, set | frozenset | range | list | dict):
        return len(value)
    if np.ndim(value) == 2:
        raise FormulaError(r"a matrix must stand within \det or \|…\|, not within bars")
    return abs(value)


def _norm(value: Any, order: Expression | None, names: Names) -> Any:
    r"""The norm of a vector, Euclidean unless said; of a matrix, as is said."""
    matrix = np.ndim(value) > 1
    match order:
        case Name(base="F" | "ast" | "star" as letter) if matrix:
            return np.linalg.norm(value, "fro" if letter == "F" else "nuc")
        case None if matrix:
            raise FormulaError(r"the norm of a matrix must say which: \|…\|_F or \|…\|_2")
        case None:
            return np.linalg.norm(np.atleast_1d(value))
    number = evaluate(order, names)
    if matrix and number != 2:
        raise FormulaError(rf"the norm of a matrix must be _F or _2; got _{number}")
    return np.linalg.norm(value if matrix else np.atleast_1d(value), number)


def _power(base: Any, exponent: Any, entrywise: bool) -> Any:
    if callable(base):
        raise FormulaError("a function must have its argument before it is raised")
    if np.ndim(base) < 2 or entrywise:
        if np.ndim(exponent) > 1:
            raise FormulaError(r"an exponent must be no matrix; write \exp of it")
        if np.any(np.less(exponent, 0)) and np.asarray(base).dtype.kind in "iu":
            return np.asarray(base, float)[()] ** exponent
        whole = isinstance(base, int) and isinstance(exponent, int)
        if whole and base.bit_length() * exponent > _MOST_BITS:
            raise FormulaError(f"a power must have at most {_MOST_BITS} bits")
        return base**exponent
    if np.shape(base)[-1] != np.shape(base)[-2] or not isinstance(exponent, int):
        raise FormulaError(
            "a power of a matrix must be whole, and the matrix square; "
            rf"got {np.shape(base)} to the {exponent}; ^{{\odot 2}} is entry by entry"
        )
    return np.linalg.matrix_power(np.asarray(base), exponent)


def _counted(value: Any) -> Any:
    """Turn truths into numbers: NumPy adds True and True to True."""
    return value.astype(int) if getattr(value, "dtype", None) == np.bool_ else value


def _binary(sign: str, left: Any, right: Any) -> Any:
    left, right = _counted(left), _counted(right)
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "/":
        exact = isinstance(left, int) and isinstance(right, int) and right
        return left // right if exact and left % right == 0 else left / right
    if sign == "%":
        return left % right
    if sign in _SETS:
        return _SETS[sign](as_set(left), as_set(right))
    if sign == "x" and np.ndim(left) and np.ndim(right):
        raise FormulaError(r"arrays must be multiplied by \odot, or side by side; got *")
    if callable(left):  # (f \circ g)(x)
        return (lambda x: left(right(x))) if sign == "o" else left(right)
    if sign == "o" or np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    if np.ndim(left) == 1 and np.ndim(right) == 1:
        raise FormulaError(r"vectors must be multiplied by \odot, or as a^\top b")
    if np.ndim(left) == 1 and np.ndim(right) == 2 and np.shape(right)[0] == 1:
        return np.outer(left, right)  # a column times a row
    product = np.matmul(left, right)
    return product[0] if product.shape == (1,) else product  # a row times a column


def as_set(value: Any) -> set[Any]:
    """A set of values; of one alone, as braces around it are no more than brackets."""
    return set(value) if np.iterable(value) else {value}


def _big(tree: Big, names: Names) -> Any:
    steps = list(_steps(tree, names))
    if not steps and (tree.first is None or tree.kind not in {"sum", "prod"}):
        raise FormulaError(f"a {tree.kind} must run through something; got nothing")
    found = [evaluate(tree.body, {**names, **step}) for step in steps]
    match tree.kind:
        case "sum":
            return sum(found, start=0)
        case "prod":
            return reduce(lambda a, b: _binary("*", a, b), found, 1)
        case "E":
            return _expected(tree, steps, found, names)
        case "max" | "sup":
            return reduce(np.maximum, found)
        case "min" | "inf":
            return reduce(np.minimum, found)
    best = np.argmin(found) if tree.kind == "argmin" else np.argmax(found)
    (index,) = tree.indices
    return steps[int(best)][index]


def _expected(
    tree: Big, steps: list[dict[str, Any]], found: list[Any], names: Names
) -> Any:
    r"""The mean of what is drawn, or weighted by a law that is bound to its weights."""
    law = tree.law
    if law is None or (isinstance(law, Name) and law.identifier not in names):
        return sum(found) / len(found)
    weights = np.asarray(_weights(law, steps, names))
    if weights.shape != (len(steps),) or not math.isclose(weights.sum(), 1):
        raise FormulaError(
            f"a law must have a weight for each of {len(steps)} values, 1 in all; "
            f"got {weights.shape}, {weights.sum()} in all"
        )
    return sum(weight * value for weight, value in zip(weights, found, strict=True))


def _weights(law: Expression, steps: list[dict[str, Any]], names: Names) -> Any:
    """The weight of each value: from an array, a function p, or p(x)."""
    if not isinstance(law, Name):
        return [evaluate(law, {**names, **step}) for step in steps]
    known = names[law.identifier]
    return [known(*step.values()) for step in steps] if callable(known) else known


def _steps(tree: Big, names: Names) -> Iterator[dict[str, Any]]:
    """What the indices take: all of their values for which the condition holds."""
    for values in _values_of(tree, names):
        step = dict(zip(tree.indices, values, strict=True))
        if tree.condition is None or holds(tree.condition, {**names, **step}):
            yield step


def _values_of(tree: Big, names: Names) -> Iterable[tuple[Any, ...]]:
    """What the indices run through together."""
    if tree.first is not None and tree.last is not None:
        run = _between(tree, tree.first, tree.last, names)
        return product(run, repeat=len(tree.indices))
    if tree.among is not None:
        values = _among(tree, tree.among, names)
        return values if len(tree.indices) > 1 else ((value,) for value in values)
    return product(*(_run(tree, index, names.get(index)) for index in tree.indices))


def _between(tree: Big, first: Expression, last: Expression, names: Names) -> range:
    low, high = evaluate(first, names), evaluate(last, names)
    if high == math.inf:
        raise FormulaError(f"a {tree.kind} must end; got \\infty")
    count = max(high - low + 1, 0) ** len(tree.indices)
    if count > _MOST_STEPS:
        raise FormulaError(
            f"a {tree.kind} must have at most {_MOST_STEPS} terms; got {count}"
        )
    return range(int(low), int(high) + 1)


def _among(tree: Big, whole: Expression, names: Names) -> Any:
    match whole:
        case Listing(_, brackets) if brackets != r"\{\}":
            raise FormulaError(f"a {tree.kind} must run through a set; got an interval")
        case Listing(entries):
            return _values(entries, names)
    return _run(tree, tree.indices[0], evaluate(whole, names))


def _run(tree: Big, index: str, steps: Any) -> Any:
    if isinstance(steps, range | np.ndarray | list | set | frozenset):
        return steps
    raise FormulaError(
        f"a {tree.kind} must have bounds, or its index a range; got {index}={steps}"
    )


def _derivative(tree: Derivative, names: Names) -> Any:
    """Differentiate by each name in turn."""
    *others, name = tree.names
    operand = Derivative(tree.operand, tuple(others)) if others else tree.operand
    _check_depends(tree.operand, name, names)
    point = _look_up(name, names)

    def value(x: Any) -> Any:
        return worth(operand, _replaced(name, x, names))

    return derivative(value, point)


def _replaced(name: Name, value: Any, names: Names) -> Names:
    """The names, with another value of one of them, or of one of its elements."""
    if name.identifier in names or not name.indices:
        return {**names, name.identifier: value}
    array = np.array(names[name.base], float)
    array[tuple(_place(evaluate(x, names), names) for x in name.indices)] = value
    return {**names, name.base: array}


def _check_depends(operand: Expression, name: Name, names: Names) -> None:
    """Refuse the derivative of a number that was computed before."""
    known = free(operand)
    if isinstance(operand, Name) and callable(function := names.get(operand.identifier)):
        known |= set(inspect.signature(function).parameters)
    if not known & {name.identifier, name.base}:
        raise FormulaError(
            f"what is differentiated must be a function of {name.identifier}; "
            "bind it to one"
        )


def worth(side: Expression, names: Names) -> Any:
    """Evaluate; a function without a bracket is called with what it asks for."""
    value = evaluate(side, names)
    if callable(value):
        return value(*(names[x] for x in inspect.signature(value).parameters))
    return value
