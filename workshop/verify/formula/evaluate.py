r"""What a parsed formula is worth, with the values that its names are bound to."""

import math
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np

from workshop.verify.formula.tokens import FormulaError
from workshop.verify.formula.tree import (
    Big,
    Binary,
    Call,
    Cases,
    Claim,
    Element,
    Expression,
    Fenced,
    Listing,
    Logical,
    Matrix,
    Name,
    Negative,
    Number,
    Power,
    Transpose,
    Truth,
)

Names = Mapping[str, Any]


def softmax(scores: Any) -> Any:
    """Normalize the exponentials along the last axis."""
    powers = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def sigmoid(z: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + np.exp(-z))


# What needs no binding. A directive may bind the name to something else.
STANDARD: dict[str, Any] = {
    "e": math.e,
    "log": np.log,
    "ln": np.log,
    "log_2": np.log2,
    "exp": np.exp,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "softmax": softmax,
    "sigmoid": sigmoid,
    "max": lambda *values: reduce(np.maximum, values),
    "min": lambda *values: reduce(np.minimum, values),
}
_FENCED: dict[str, Callable[[Any], Any]] = {
    "abs": abs,
    "norm": np.linalg.norm,
    "floor": lambda x: np.floor(x) if isinstance(x, np.ndarray) else math.floor(x),
    "ceil": lambda x: np.ceil(x) if isinstance(x, np.ndarray) else math.ceil(x),
    "root": np.sqrt,
}
_RELATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: bool(np.all(a == b)),
    r"\neq": lambda a, b: bool(np.all(a != b)),
    "<": lambda a, b: bool(np.all(a < b)),
    ">": lambda a, b: bool(np.all(a > b)),
    r"\leq": lambda a, b: bool(np.all(a <= b)),
    r"\geq": lambda a, b: bool(np.all(a >= b)),
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
            return _look_up(function, names)(*_values(arguments, names))
        case Element(whole, index):
            return np.asarray(evaluate(whole, names))[_place(evaluate(index, names))]
        case Listing():
            raise FormulaError("dots must stand among the arguments of a function")
        case Matrix(rows):
            return np.array([_values(row, names) for row in rows])
        case Truth(condition):
            return int(holds(condition, names))
        case Negative(operand):
            return -evaluate(operand, names)
        case Transpose(operand):
            return _transposed(evaluate(operand, names))
        case Power(base, exponent):
            return _power(evaluate(base, names), evaluate(exponent, names))
        case Fenced(kind, operand):
            return _FENCED[kind](evaluate(operand, names))
        case Binary(operator, left, right):
            return _binary(operator, evaluate(left, names), evaluate(right, names))
        case Big():
            return _big(tree, names)
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
    """Tell whether a condition is met, to the letter."""
    if isinstance(condition, Logical):
        both = holds(condition.left, names), holds(condition.right, names)
        return all(both) if condition.operator == "and" else any(both)
    sides = [evaluate(side, names) for side in condition.sides]
    pairs = zip(condition.relations, pairwise(sides), strict=True)
    return all(_RELATIONS[relation](*pair) for relation, pair in pairs)


def _values(arguments: tuple[Expression, ...], names: Names) -> list[Any]:
    """Evaluate arguments; the elements that dots stand for become one each."""
    values: list[Any] = []
    for argument in arguments:
        if isinstance(argument, Listing):
            first, last = (_whole(name, names) for name in vars(argument).values())
            for index in range(first, last + 1):
                element = Name(argument.first.base, (str(index),), str(index))
                values.append(evaluate(element, names))
        else:
            values.append(evaluate(argument, names))
    return values


def _whole(name: Name, names: Names) -> int:
    """The number that the only index of a name is, or is bound to."""
    index = name.subscript
    return int(index) if index.isdigit() else int(evaluate(Name(index), names))


def _look_up(name: Name, names: Names) -> Any:
    """Find what a name is bound to: itself, or something that it is an element of."""
    for bound in names, STANDARD:
        if name.identifier in bound:
            return bound[name.identifier]
    for count in reversed(range(len(name.indices))):
        array = Name(name.base, subscript="_".join(name.indices[:count])).identifier
        if array in names and np.ndim(names[array]):
            return np.asarray(names[array])[_places(name, name.indices[count:], names)]
    raise _unbound(name)


def _places(name: Name, indices: tuple[str, ...], names: Names) -> tuple[int, ...]:
    found = (int(index) if index.isdigit() else names.get(index) for index in indices)
    try:
        return tuple(_place(index) for index in found)
    except FormulaError:
        raise _unbound(name) from None


def _place(index: Any) -> int:
    """Where an entry that is counted from 1 lies in an array."""
    if not isinstance(index, int | np.integer) or index < 1:
        raise FormulaError(f"an index must be a whole number of at least 1; got {index}")
    return int(index) - 1


def _unbound(name: Name) -> FormulaError:
    return FormulaError(f"every symbol must be bound; {name.identifier} is not")


def _transposed(value: Any) -> Any:
    if np.ndim(value) == 1:
        return np.asarray(value)[None, :]
    return np.swapaxes(value, -1, -2)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, int) and isinstance(exponent, int) and exponent < 0:
        return float(base) ** exponent
    return base**exponent


def _binary(operator: str, left: Any, right: Any) -> Any:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "/":
        exact = isinstance(left, int) and isinstance(right, int) and right
        return left // right if exact and left % right == 0 else left / right
    if operator == "o" or np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    if np.ndim(left) == 1 and np.ndim(right) == 1:
        raise FormulaError(r"vectors must be multiplied by \odot, or as a^\top b")
    product = np.matmul(left, right)
    return product[0] if product.shape == (1,) else product  # a row times a column


def _big(tree: Big, names: Names) -> Any:
    steps = _steps(tree, names)
    terms = [evaluate(tree.body, {**names, tree.index: step}) for step in steps]
    match tree.kind:
        case "sum":
            return sum(terms, start=0)
        case "prod":
            return math.prod(terms)
        case "argmin":
            return steps[int(np.argmin(terms))]
        case _:
            return steps[int(np.argmax(terms))]


def _steps(tree: Big, names: Names) -> Any:
    """What the index runs through."""
    if tree.first is not None and tree.last is not None:
        first, last = evaluate(tree.first, names), evaluate(tree.last, names)
        return range(int(first), int(last) + 1)
    steps = names.get(tree.index)
    if isinstance(steps, range | np.ndarray):
        return steps
    raise FormulaError(
        f"a {tree.kind} must have bounds, or its index a range; got {tree.index}={steps}"
    )
