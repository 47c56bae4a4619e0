"""What a question page costs a reader: bytes on the wire, and requests.

A visit is what Chromium really asks for, each file as a server would send it: gzipped,
but not the font, which is compressed in itself.
"""

from itertools import permutations
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import pages
from workshop.inspect.server import wire

FIRST, REPEAT, REQUESTS = 200_000, 40_000, 14


@pytest.fixture(scope="module")
def questions(site):
    """The pages with a number."""
    with_number = '<p class="eyebrow">'
    return [
        path for path in pages(site)
        if with_number in (site / path / "index.html").read_text(encoding="utf-8")
    ]  # fmt: skip


@pytest.fixture
def fetched(visit, site):
    """Open a page with an empty cache: each file that it takes, and its bytes."""

    def sizes(path):
        seen = []

        def watch(page):
            page.on("request", lambda request: seen.append(request.url))
            # The browser shares its memory among pages, a reader's first one has none.
            network = page.context.new_cdp_session(page)
            network.send("Network.setCacheDisabled", {"cacheDisabled": True})

        visit(path, watch=watch).context.close()
        files = [url for url in seen if not url.startswith("data:")]
        return {url: _on_the_wire(site, url) for url in files}

    return sizes


def _on_the_wire(site, url):
    path = urlsplit(url).path.lstrip("/")
    file = site / path / "index.html" if path.endswith("/") or not path else site / path
    return len(wire(file))


def test_a_question_is_cheap(questions, fetched, capsys):
    first = {path: fetched(path) for path in questions}
    repeat = dict.fromkeys(questions, 0)  # after the worst other question, its files kept
    for before, page in permutations(questions, 2):
        new = sum(size for url, size in first[page].items() if url not in first[before])
        repeat[page] = max(repeat[page], new)
    with capsys.disabled():
        print(f"\n{'first visit':>12}{'requests':>10}{'repeat':>10}")
        for page, files in first.items():
            total = sum(files.values())
            print(f"{total:12,}{len(files):10}{repeat[page]:10,}  {page}")
    assert len(questions) >= 10
    assert max(sum(files.values()) for files in first.values()) <= FIRST
    assert max(map(len, first.values())) <= REQUESTS
    assert max(repeat.values()) <= REPEAT


def test_the_search_index_waits_for_the_search(visit):
    page = visit("losses/focal/")
    with page.expect_response("**/search*.json"):
        page.locator(".md-search").dispatch_event("focusin")
    # Who comes from a result finds the words marked, which takes the index.
    page = visit("losses/focal/?h=focal")
    page.locator("mark").first.wait_for()
