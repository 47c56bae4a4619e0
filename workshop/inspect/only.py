"""One page with all that stands behind it: `pytest --only docs/optimizers/adam.md`.

Kept are the page itself, the topics that it links to or imports, their tests, and of all
other tests those that name the page.
"""

from pathlib import Path

import pytest

from workshop.inspect.tree import Tree, mentions
from workshop.pages.questions import Question, questions

ABOUT_ALL = "tests/test_structure.py"
ABOUT_EACH = "tests/test_pages.py", "tests/test_notation.py", "tests/workshop"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--only", metavar="PAGE", help="test one page and what it shows")


def pytest_configure(config: pytest.Config) -> None:
    if page := config.getoption("--only"):
        question = found(page, config.rootpath)
        files = related(question, config.rootpath)
        config.args[:] = arguments(files)
        config.pluginmanager.register(_Only(question, {*files, ABOUT_ALL}))


def arguments(files: list[str]) -> list[str]:
    """Say what pytest should look through.

    It imports each Python file that it is given by name, as if that were a test, which
    would put the module `cross_entropy` in the place of the function. So of the package
    the folder is named.
    """
    tests = [file for file in files if not file.startswith("dlref/")]
    return [*tests, "dlref", ABOUT_ALL, *ABOUT_EACH]


class _Only:
    """Lets pass what is about one question."""

    def __init__(self, question: Question, files: set[str]) -> None:
        self.names = f"docs/{question.path}", question.number
        self.files = files

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._is_about(item.nodeid)]

    def _is_about(self, test: str) -> bool:
        file, _, rest = test.partition("::")
        return file in self.files or any(name in rest for name in self.names)


def found(page: str, root: Path) -> Question:
    """Find a question by the path of its page.

    Raises:
        pytest.UsageError: If there is none.
    """
    for question in questions(root / "docs"):
        if (root / "docs" / question.path) == (root / page).resolve():
            return question
    raise pytest.UsageError(f"--only must name a question's page; got {page}")


def related(question: Question, root: Path) -> list[str]:
    """List the page, the topics whose names it shows, and their tests."""
    shown, files = mentions(question.body), [f"docs/{question.path}"]
    for topic in Tree(root).topics:
        names = {
            f"{x}.{name}" for x in (topic.package, topic.module) for name in topic.all
        }
        if names & shown:
            files += [str(topic), f"tests/{topic.subject}/test_{topic.name}.py"]
    return [file for file in dict.fromkeys(files) if (root / file).is_file()]
