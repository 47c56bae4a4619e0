"""What the tests of diffusion share: its functions, and a chance for each language."""

import numpy as np
import pytest
import torch


@pytest.fixture(scope="session")
def diffusion(lang):
    """The functions of one language, from NumPy arrays to NumPy arrays."""
    return lang.subject("diffusion")


@pytest.fixture
def chance(lang):
    """A random generator of the language."""
    if lang.name == "numpy":
        return np.random.default_rng(0)
    return torch.Generator().manual_seed(0)
