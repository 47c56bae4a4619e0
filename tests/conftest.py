"""What every test may ask for: a language, random numbers, the package's own errors."""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import hypothesis
import jaxtyping
import numpy as np
import pytest
import torch

# The same examples on every machine and at every run: a failure can be looked at again.
hypothesis.settings.register_profile(
    "dlref", derandomize=True, deadline=None, max_examples=50, database=None
)
hypothesis.settings.load_profile("dlref")


@dataclass(frozen=True)
class Language:
    """One language of the package: its modules, and the way in and out of its arrays."""

    name: str

    def module(self, subject: str) -> ModuleType:
        return importlib.import_module(f"dlref.{self.name}.{subject}")

    def array(self, values: Any) -> Any:
        """A copy; Python numbers become float64 and int64 in both languages."""
        array = np.array(values)
        return array if self.name == "numpy" else torch.from_numpy(array)

    def numpy(self, array: Any) -> Any:
        if isinstance(array, tuple):
            return tuple(map(self.numpy, array))
        return array if self.name == "numpy" else array.detach().numpy()

    def through(self, function: Callable[..., Any]) -> Callable[..., np.ndarray]:
        """The same function, from NumPy arrays to a NumPy array."""

        def into(value: Any, arrays: tuple[type, ...]) -> Any:
            return self.array(value) if isinstance(value, arrays) else value

        def call(*args: Any, **options: Any) -> np.ndarray:
            # NumPy turns 0-d arrays into scalars; options like gamma are meant as such.
            inputs = [into(value, (np.ndarray, np.generic)) for value in args]
            options = {name: into(x, (np.ndarray,)) for name, x in options.items()}
            return self.numpy(function(*inputs, **options))

        return call

    def subject(self, subject: str) -> SimpleNamespace:
        """All of a subject's names, from NumPy arrays to NumPy arrays."""
        module = self.module(subject)
        names = module.__all__
        return SimpleNamespace(**{n: self.through(getattr(module, n)) for n in names})


@pytest.fixture(scope="session", params=["numpy", "torch"])
def lang(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def unchecked() -> Iterator[None]:
    """Switch the annotations' run-time checks off, to reach the package's own errors."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
