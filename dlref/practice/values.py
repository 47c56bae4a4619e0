"""Values between the judge, who asks in NumPy, and an answer in either language."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

LONGEST = 200  # characters of a value that is shown
PRECISIONS = {"numpy": "float64", "torch": "float32"}  # as people write in each


class UnfitError(Exception):
    """What was returned cannot be compared; the message says what must hold."""


def available(language: str) -> bool:
    """Tell whether a language is installed: torch is optional."""
    return find_spec(language) is not None


def given(value: Any, language: str, precision: str = "") -> Any:
    """Copy a value for an answer: arrays in its language and usual precision."""
    if isinstance(value, Mapping):
        return {name: given(x, language, precision) for name, x in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(given(x, language, precision) for x in value)
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind == "f":
        value = value.astype(precision or PRECISIONS[language])
    if language == "numpy":
        return value.copy()
    import torch

    return torch.from_numpy(value.copy())


def returned(value: Any, language: str) -> Any:
    """Write what an answer returned in NumPy.

    Raises:
        UnfitError: If it is no array, no number and nothing made of them.
    """
    if isinstance(value, Mapping):
        return {name: returned(x, language) for name, x in value.items()}
    if isinstance(value, list | tuple):
        return tuple(returned(x, language) for x in value)
    if is_tensor(value) and language == "torch":
        # A copy: what the answer still holds may change later.
        return value.detach().cpu().resolve_conj().numpy().copy()
    if isinstance(value, np.ndarray) and language == "numpy":
        return value.copy()
    if isinstance(value, bool | int | float | np.generic):
        return np.asarray(value)
    wanted = {"numpy": "an array", "torch": "a tensor"}[language]
    if value is None:
        raise UnfitError("It returns None: is there a return at its end?")
    raise UnfitError(f"It must return {wanted}, or a number; got {type(value).__name__}.")


def is_tensor(value: Any) -> bool:
    """Tell whether a value is a tensor, and do not import torch for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def difference(yours: Any, right: Any, rtol: float, atol: float) -> str | None:
    """Say in which way a value differs from the right one, or None if it does not.

    The sentence is empty if only the numbers differ.
    """
    if isinstance(right, Mapping | tuple):
        return _difference_of_parts(yours, right, rtol, atol)
    if isinstance(yours, Mapping | tuple):
        return f"It must return one value; got {len(yours)}."
    yours, right = np.asarray(yours), np.asarray(right)
    if yours.shape != right.shape:
        return f"Its shape must be {right.shape}; got {yours.shape}."
    if _kind(yours) != _kind(right):
        return f"It must hold {_kind(right)}; got {yours.dtype}."
    if right.dtype.kind == "b":
        return None if (yours == right).all() else ""
    close = np.allclose(yours, right, rtol=rtol, atol=atol, equal_nan=True)
    return None if close else ""


def _difference_of_parts(yours: Any, right: Any, rtol: float, atol: float) -> str | None:
    names = [*right] if isinstance(right, Mapping) else range(len(right))
    got = [*yours] if isinstance(yours, Mapping) else None
    if (
        type(yours) is not type(right)
        or len(yours) != len(right)
        or got not in (None, names)
    ):
        wanted = (
            f"a dict of {names}" if isinstance(right, Mapping) else f"{len(right)} values"
        )
        return f"It must return {wanted}; got {_described(yours)}."
    found = (difference(yours[x], right[x], rtol, atol) for x in names)
    return next((x for x in found if x is not None), None)


def _described(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"a dict of {[*value]}"
    return f"{len(value)} values" if isinstance(value, tuple) else "one"


def _kind(value: Any) -> str:
    return {"b": "bools", "i": "integers", "u": "integers"}.get(
        value.dtype.kind, "floats"
    )


def same(one: Any, other: Any) -> bool:
    """Tell whether two values of one language are equal, entry by entry."""
    if isinstance(one, Mapping):
        return all(same(one[name], other[name]) for name in other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if is_tensor(one):
        one, other = one.detach().numpy(), other.numpy()
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and bool(((one == other) | (one != one)).all())
    return bool(one == other)


def shown(value: Any) -> str:
    """Write a value as a reader would type it, numbers to six digits."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {shown(x)}' for name, x in value.items())}}}"
    if isinstance(value, list | tuple):
        start, end = "[]" if isinstance(value, list) else "()"
        return f"{start}{', '.join(map(shown, value))}{end}"
    if not isinstance(value, np.ndarray):
        return _listed(value)
    text = _listed(value.tolist())
    if len(text) > LONGEST:
        return f"{text[:LONGEST]} … of shape {value.shape}"
    return text


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_listed, value))}]"
    if isinstance(value, float):
        short = f"{value:.6g}"
        return short if any(x in short for x in ".en") else f"{short}.0"
    return repr(value)
