"""The PDF of the cheat sheet; that it is whole, the tests in the browser say."""

import re
import sys

import pytest

from workshop.takeaway import paper

HTML = """<head><script src="a.js"></script><link rel="stylesheet" href="../a.css"></head>
<a class="chip" href="../losses/focal/#dl0046">F</a> <a href="#all">A</a>"""


@pytest.fixture
def site(tmp_path):
    page = tmp_path / paper.PAGE / "index.html"
    page.parent.mkdir()
    page.write_text(HTML, encoding="utf-8")
    return tmp_path


@pytest.fixture
def at_hand(monkeypatch):
    """Some program is taken for the browser: this Python, which prints nothing."""
    monkeypatch.setattr(paper.browser, "found", lambda: sys.executable)


def test_without_a_browser_there_is_none(site, monkeypatch):
    monkeypatch.setattr(paper.browser, "found", lambda: None)
    assert paper.write(site, "", 0) == []
    assert not (site / paper.PDF).exists()


def test_links_lead_to_the_site():
    led = paper.led(HTML, "https://dlref.example/en/cheat-sheet/")
    assert '<a class="chip" href="https://dlref.example/en/losses/focal/#dl0046">' in led
    assert '<a href="https://dlref.example/en/cheat-sheet/#all">' in led
    assert 'href="../a.css"' in led  # it is what the page looks like


def test_without_an_address_links_lead_nowhere():
    led = paper.led(HTML, "")
    assert '<a class="chip">F</a> <a>A</a>' in led
    assert 'href="../a.css"' in led


def test_its_clock_is_that_of_the_last_run(site, monkeypatch, at_hand):
    seen = []

    def printed(program, html, folder):
        seen.append(html)
        return b"(D:20261127212000+00'00') (D:20261127212001+00'00')"

    monkeypatch.setattr(paper, "_printed", printed)
    assert paper.write(site, "https://dlref.example/", 86_400) == ["cheat-sheet.pdf"]
    clock = b"(D:19700102000000+00'00')"
    assert (site / paper.PDF).read_bytes() == b"%b %b" % (clock, clock)
    assert "<script" not in seen[0]
    assert "https://dlref.example/losses/focal/" in seen[0]


def test_a_browser_that_prints_nothing_is_named(site, at_hand):
    said = f"{sys.executable} must print cheat-sheet.pdf; got "
    with pytest.raises(RuntimeError, match=f"^{re.escape(said)}"):
        paper.write(site, "", 0)
    assert [file.name for file in site.iterdir()] == ["cheat-sheet"]  # no copy is left
