"""What a question page costs a reader: bytes on the wire, and requests; and our scripts.

A visit is what Chromium really asks for, each file as a server would send it: gzipped,
but not the font, which is compressed in itself.
"""

from urllib.parse import urlsplit

import pytest

from tests.browser.smoke.conftest import QUESTIONS
from workshop import ROOT
from workshop.inspect.server import wire
from workshop.takeaway.links import folder

FIRST, REPEAT, REQUESTS = 165_000, 40_000, 14
PRACTICE = 8 * 1024  # bytes of the scripts by which a page is read and practiced
# Their pages load them for something else: figures that move, errors to report.
OTHER = {"live.js", "report.js"}


@pytest.fixture(scope="module")
def known():
    """What was fetched already, by the path of the page."""
    return {}


@pytest.fixture
def fetched(visit, site, known):
    """Open a page with an empty cache: each file that it takes, and its bytes."""

    def sizes(path):
        if path not in known:
            known[path] = {url: _on_the_wire(site, url) for url in asked(path)}
        return known[path]

    def asked(path):
        seen = []

        def watch(page):
            page.on("request", lambda request: seen.append(request.url))
            # The browser shares its memory among pages, a reader's first one has none.
            network = page.context.new_cdp_session(page)
            network.send("Network.setCacheDisabled", {"cacheDisabled": True})

        visit(path, watch=watch).context.close()
        return [url for url in seen if not url.startswith("data:")]

    return sizes


def _on_the_wire(site, url):
    path = urlsplit(url).path.lstrip("/")
    file = site / path / "index.html" if path.endswith("/") or not path else site / path
    return len(wire(file))


def test_a_question_is_cheap(fetched, question, capsys):
    files = fetched(folder(question.path))
    before = fetched(folder(neighbor(question).path))  # its files are kept
    first = sum(files.values())
    repeat = sum(size for url, size in files.items() if url not in before)
    with capsys.disabled():
        print(f"\n{first:,} bytes, {len(files)} requests, repeat {repeat:,}", end=" ")
    assert first <= FIRST
    assert len(files) <= REQUESTS
    assert repeat <= REPEAT


def neighbor(question):
    """The question that a reader comes from."""
    return QUESTIONS[QUESTIONS.index(question) - 1]


def test_reading_and_practicing_take_little_script(site, capsys):
    files = (ROOT / "docs/assets/javascripts").glob("*.js")
    ours = {file.name for file in files} - OTHER
    sizes = {x: len(wire(site / "assets/javascripts" / x)) for x in sorted(ours)}
    with capsys.disabled():
        print(f"\n{sum(sizes.values()):,} bytes", sizes, end=" ")
    assert sum(sizes.values()) <= PRACTICE
