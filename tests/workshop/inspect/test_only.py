"""One page is tested with its code and its tests, and with nothing else."""

import pytest

from workshop import ROOT
from workshop.inspect.only import _Only, arguments, found, related


def test_a_page_brings_its_topics_and_their_tests():
    files = related(found("docs/optimizers/adam.md", ROOT), ROOT)
    assert files[0] == "docs/optimizers/adam.md"
    assert "dlref/optimizers/adam.py" in files
    assert "tests/optimizers/test_adam.py" in files
    assert "tests/attention/test_masks.py" not in files


def test_what_names_the_page_is_kept():
    only = _Only(
        found("docs/optimizers/adam.md", ROOT), {"tests/optimizers/test_adam.py"}
    )
    kept = [
        "tests/optimizers/test_adam.py::test_x",
        "tests/test_pages.py::test_its_form[DL0048-title]",
        "tests/workshop/inspect/test_guard.py::test_page[docs/optimizers/adam.md]",
    ]
    dropped = ["tests/test_pages.py::test_its_form[DL0046-title]", "tests/x.py::test_x"]
    assert [test for test in kept + dropped if only._is_about(test)] == kept


def test_another_page_is_refused():
    with pytest.raises(pytest.UsageError) as error:
        found("docs/index.md", ROOT)
    assert str(error.value) == "--only must name a question's page; got docs/index.md"


def test_no_module_of_the_package_is_given_by_name():
    """pytest would import it in the place of the function that has its name."""
    files = related(found("docs/losses/focal.md", ROOT), ROOT)
    assert "dlref/torch/losses/cross_entropy.py" in files
    given = arguments(files)
    assert [file for file in given if file.startswith("dlref")] == ["dlref"]
    assert "docs/losses/focal.md" in given
