"""Generation, as both languages have it."""

import pytest


@pytest.fixture(scope="session")
def generation(lang):
    return lang.subject("generation")
