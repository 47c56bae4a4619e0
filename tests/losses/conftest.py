"""The losses, as both languages have them."""

import pytest


@pytest.fixture(scope="session")
def losses(lang):
    return lang.subject("losses")
