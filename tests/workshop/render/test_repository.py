"""What leads to the repository: its address, and with which versions one reports."""

import re

import pytest

import dlref
from workshop.render import repository

URL = "https://github.com/owner/dl-ref.py"


def test_an_address_lies_below_it(monkeypatch):
    monkeypatch.setenv("REPO_URL", URL)
    assert repository.address() == URL
    assert repository.address("/blob/main/") == f"{URL}/blob/main/"


@pytest.mark.parametrize("set_", [True, False], ids=["empty", "unset"])
def test_without_one_there_is_none(monkeypatch, set_):
    monkeypatch.setenv("REPO_URL", "")
    if not set_:
        monkeypatch.delenv("REPO_URL")
    assert repository.address("/blob/main/") is None


@pytest.mark.parametrize(
    "url",
    [
        "https://gitlab.com/owner/dlref",
        "http://github.com/owner/dlref",
        "git@github.com:owner/dlref.git",
        "https://github.com/owner/dlref.git",
        "https://github.com/owner/dlref/",
        "https://github.com/owner",
    ],
)
def test_another_address_is_refused(monkeypatch, url):
    monkeypatch.setenv("REPO_URL", url)
    said = f"REPO_URL must be https://github.com/owner/name; got {url!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        repository.address()


def test_an_error_is_reported_with_the_versions():
    assert re.fullmatch(
        rf"dlref {dlref.__version__}, Python 3\.\d+\.\d+, "
        r"NumPy [\d.]+, PyTorch [\d.]+, .*",
        repository.made_with(),
    )
