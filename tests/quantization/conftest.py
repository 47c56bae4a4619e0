import pytest


@pytest.fixture(scope="session")
def quantization(lang):
    return lang.subject("quantization")
