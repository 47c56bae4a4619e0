"""What the tests of generative models share: the functions of one language."""

import pytest


@pytest.fixture(scope="session")
def generative(lang):
    """The functions of one language, from NumPy arrays to NumPy arrays."""
    return lang.subject("generative")
