"""The functions of positions, as both languages have them."""

from types import SimpleNamespace

import pytest
import torch


@pytest.fixture(scope="session")
def positions(lang):
    """The functions, to NumPy arrays; those of PyTorch in float64."""

    def in_float64(function):
        def call(*sizes, **options):
            torch.set_default_dtype(torch.float64)
            try:
                return function(*sizes, **options)
            finally:
                torch.set_default_dtype(torch.float32)

        return call

    functions = vars(lang.subject("positions")).items()
    return SimpleNamespace(**{name: in_float64(f) for name, f in functions})
