"""Every page that is published: a test that asks for one runs on each.

No test here names a page, a place or a number of pages. A test that asks for an `address`
is run on every page, one that asks for a `question` on each page with a number, for an
`other` on each page without, and one that asks for a `figure` on each live figure. What
readers search for, and which section answers, is data: `queries.toml`.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import visits
from workshop import ROOT
from workshop.pages.questions import questions
from workshop.takeaway.links import folder

QUESTIONS = questions()  # in the order of their numbers
LIVE = re.compile(r'<figure class="live" data-live="(\w+)"')


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--site", default=str(ROOT / "site"), help="folder of the built site"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    wanted = metafunc.fixturenames
    if "address" in wanted:
        metafunc.parametrize("address", pages(_built(metafunc.config)))
    if "other" in wanted:
        asked = {folder(question.path) for question in QUESTIONS}
        others = [x for x in pages(_built(metafunc.config)) if x not in asked]
        metafunc.parametrize("other", others)
    if "question" in wanted:
        metafunc.parametrize("question", QUESTIONS, ids=lambda x: x.number)
    if "figure" in wanted:
        found = live_figures(_built(metafunc.config))
        metafunc.parametrize(("figure", "path"), found, ids=[name for name, _ in found])


def _built(config: pytest.Config) -> Path:
    folder = Path(config.getoption("--site")).resolve()
    if not (folder / "index.html").is_file():
        raise pytest.UsageError(f"--site must hold a built site; got {folder}")
    return folder


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config) -> Path:
    """The folder of the built site."""
    return _built(pytestconfig)


@pytest.fixture(scope="module")
def search(chromium: Browser, site: Path, serve: Callable[[Path], str]) -> Iterator[Page]:
    """A home page with the search at hand; its index is read once."""
    with visits(chromium, serve(site)) as visit:
        page = visit()
        page.keyboard.press("/")
        page.get_by_text("Type to start searching").wait_for()  # it is ready
        yield page


def pages(site: Path) -> list[str]:
    """The paths of all pages, as a reader types them."""
    found = (file.parent.relative_to(site) for file in site.rglob("index.html"))
    return sorted("" if str(path) == "." else f"{path.as_posix()}/" for path in found)


def live_figures(site: Path) -> list[tuple[str, str]]:
    """The name of each live figure, and the path of its page."""
    return [
        (name, path)
        for path in pages(site)
        for name in LIVE.findall((site / path / "index.html").read_text("utf-8"))
    ]
