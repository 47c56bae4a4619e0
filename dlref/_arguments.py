"""What all public functions ask of their arguments, read off the annotations.

An argument is taken as what it is annotated to be, before the function sees it: sizes and
numbers as Python's own, which neither overflow nor turn float32 into float64; arrays only
if they are of the function's own library, and are no more than their entries.
"""

import inspect
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import wraps
from numbers import Real
from operator import index
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

from dlref._checks.arguments import (
    check_array,
    check_function,
    check_integer,
    check_list,
    check_own,
    check_truth,
)
from dlref._checks.numbers import check_exact, check_number, is_integer

Function = TypeVar("Function", bound=Callable[..., Any])
Taker = Callable[[str, Any], Any]


def public_of(*arrays: type, called: str = "") -> Callable[[Function], Function]:
    """Make the decorator of a library's public functions, methods and classes.

    Args:
        arrays: Types of the library's arrays.
        called: What a reader calls one of them, with an article.

    Returns:
        The decorator. It takes the arguments of a class as those of its `__init__`.
    """
    take_array = _as_it_is(check_array, arrays, called)
    take_either = _number_or(_as_it_is(check_array, arrays, f"{called} or a number"))

    def public(function: Any) -> Any:
        if isinstance(function, type):
            function.__init__ = public(function.__init__)  # type: ignore[misc]
            return function
        parameters = inspect.signature(function).parameters
        takers = {
            name: _taker(parameter.annotation, take_array, take_either)
            for name, parameter in parameters.items()
        }

        @wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            named = zip(takers.items(), args, strict=False)
            taken = [take(name, value) for (name, take), value in named]
            surplus = args[len(taken) :]  # for Python to refuse
            options |= {x: takers[x](x, options[x]) for x in options if x in takers}
            return function(*taken, *surplus, **options)

        return call

    return public


def _taker(annotation: Any, take_array: Taker, take_either: Taker) -> Taker:
    """Choose how to take an argument, by what it may be."""
    options = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    kinds = tuple(get_origin(kind) or kind for kind in options if kind is not NoneType)
    take = _TAKERS.get(kinds, _as_it_is())
    if kinds == (Sequence,):
        (entry,) = get_args(next(kind for kind in options if kind is not NoneType))
        take = _list_of(_taker(entry, take_array, take_either))
    elif all(hasattr(kind, "array_type") for kind in kinds):
        take = take_array
    elif kinds[1:] == (float,) and hasattr(kinds[0], "array_type"):
        take = take_either
    elif isinstance(kinds[0], type) and kinds[0].__module__.startswith("dlref."):
        take = _as_it_is(check_own, kinds[0])
    return _optional(take) if NoneType in options else take


def _optional(take: Taker) -> Taker:
    return lambda name, value: None if value is None else take(name, value)


def _number_or(take_array: Taker) -> Taker:
    def take(name: str, value: Any) -> Any:
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        return _number(name, value) if is_number else take_array(name, value)

    return take


def _list_of(take: Taker) -> Taker:
    as_a_list = _as_it_is(check_list)

    def take_all(name: str, value: Any) -> list[Any]:
        return [take(f"{name}[{i}]", x) for i, x in enumerate(as_a_list(name, value))]

    return take_all


def _as_it_is(right: Callable[..., None] | None = None, *more: Any) -> Taker:
    """Take an argument as it is, if that is right.

    A closure, for Dynamo cannot enter functools.partial.
    """

    def take(name: str, value: Any) -> Any:
        if right is not None:
            right(name, value, *more)
        return value

    return take


def _integer(name: str, value: Any) -> int:
    check_integer(name, value)
    return index(value)


def _number(name: str, value: Any) -> float:
    check_number(name, value)
    return value if type(value) is int else float(value)  # an int may be longer


def _exact(name: str, value: Any) -> float | Fraction:
    check_exact(name, value)
    if is_integer(value):
        return index(value)
    return value if type(value) is Fraction else float(value)


def _truth(name: str, value: Any) -> bool:
    check_truth(name, value)
    return bool(value)


_TAKERS: dict[tuple[Any, ...], Taker] = {
    (int,): _integer,
    (float,): _number,
    (float, Fraction): _exact,
    (bool,): _truth,
    (Callable,): _as_it_is(check_function),
}

public = public_of()
