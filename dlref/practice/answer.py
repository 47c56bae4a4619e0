"""An answer under judgment: it is asked in NumPy, and answers in NumPy."""

import inspect
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import hypothesis
import numpy as np

from dlref.practice import values
from dlref.practice.exercise import Exercise, Inputs, Subject


class CrashError(Exception):
    """An answer raised; the message says what, and where in the reader's own lines."""


@dataclass
class Answer:
    """A function or class in one of the languages, and what it has done so far."""

    exercise: Exercise
    subject: Subject
    language: str
    precision: str = ""  # that of the language
    changed: Inputs | None = None  # the first inputs that it changed

    def __call__(self, **inputs: Any) -> Any:
        """Return what it gives.

        Raises:
            CrashError, UnfitError: If it raises, or returns what cannot be compared.
        """
        given = values.given(inputs, self.language, self.precision)
        result = self._use(given)
        kept = values.given(inputs, self.language, self.precision)
        if self.changed is None and not values.same(given, kept):
            self.changed = inputs
        return values.returned(result, self.language)

    def slopes(self, **inputs: Any) -> Any:
        """Return the gradients of its weighed sum in the inputs that the exercise names.

        Raises:
            CrashError, UnfitError: If it raises, or lets no gradient through.
        """
        import torch

        given = values.given(inputs, "torch", self.precision)
        leaves = [given[name].requires_grad_() for name in self.exercise.gradient]
        total = sum((x * _weights(x)).sum() for x in _tensors(self._use(given)))
        if not getattr(total, "requires_grad", False):
            raise values.UnfitError(
                "No gradient flows through it: compute with tensors alone."
            )
        found = torch.autograd.grad(total, leaves, allow_unused=True)
        pairs = zip(found, leaves, strict=True)
        slopes = tuple(torch.zeros_like(x) if g is None else g for g, x in pairs)
        return values.returned(slopes, "torch")

    def _use(self, given: Inputs) -> Any:
        try:
            with np.errstate(all="ignore"):
                return self.exercise.use(self.subject, **given)
        except (Exception, SystemExit) as error:
            raise CrashError(told(error)) from error


def _tensors(result: Any) -> Iterator[Any]:
    if isinstance(result, tuple | list):
        for part in result:
            yield from _tensors(part)
    elif values.is_tensor(result) and result.is_floating_point():
        yield result


def _weights(tensor: Any) -> Any:
    """Weigh entries unequally: that of a plain sum may be 0 by chance."""
    import torch

    return torch.arange(tensor.numel(), dtype=tensor.dtype).cos().reshape(tensor.shape)


def functions(subject: Subject) -> list[FunctionType]:
    """A function, or the methods of a class."""
    found = [*vars(subject).values()] if inspect.isclass(subject) else [subject]
    return [x for x in found if isinstance(x, FunctionType)]


_HERE = Path(__file__).parent
_LIBRARIES = str(Path(np.__file__).parent.parent), str(Path(hypothesis.__file__).parent)


def told(error: BaseException) -> str:
    """Say what was raised, and in which of the reader's own lines."""
    said = "".join(traceback.format_exception_only(error)).strip()
    lines = [
        f"in line {frame.lineno}: {frame.line}".removesuffix(": ")
        for frame in traceback.extract_tb(error.__traceback__)
        if _HERE not in Path(frame.filename).parents
        and not frame.filename.startswith(_LIBRARIES)
    ]
    return "\n".join([said, *lines])
