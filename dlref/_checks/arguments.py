"""Arguments of the wrong type: an array of another library, a truth for a number."""

from typing import Any

from dlref._checks.arrays import check_plain, refuse
from dlref._checks.numbers import is_integer


def check_array(name: str, value: Any, arrays: tuple[type, ...], called: str) -> None:
    """Refuse what is no array of these types, or more than its entries."""
    if not isinstance(value, arrays):
        refuse(name, f"be {called}", value)
    check_plain(name, value)


def check_integer(name: str, value: Any) -> None:
    """Refuse what is no integer of any library, and a truth, which counts as 0 or 1."""
    if not is_integer(value):
        refuse(name, "be an integer", value)


def check_truth(name: str, value: Any) -> None:
    """Refuse what is neither True nor False: the word "no" would count as true."""
    if type(value).__name__ != "bool":  # NumPy's too
        refuse(name, "be True or False", value)


def check_function(name: str, value: Any) -> None:
    """Refuse what cannot be called, such as a function's name."""
    if not callable(value):
        refuse(name, "be a function", value)


def check_own(name: str, value: Any, kind: type) -> None:
    """Refuse what is no object of a class of dlref."""
    if not isinstance(value, kind):
        refuse(name, f"be of type {kind.__name__}", value)


def check_list(name: str, value: Any) -> None:
    """Refuse one array, whose rows would be taken for several, and what is used up."""
    if not isinstance(value, list | tuple):
        refuse(name, "be a list or a tuple", value)
