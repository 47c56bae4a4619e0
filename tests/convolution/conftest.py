"""Convolution and pooling, as both languages have them."""

import pytest


@pytest.fixture(scope="session")
def convolution(lang):
    return lang.subject("convolution")
