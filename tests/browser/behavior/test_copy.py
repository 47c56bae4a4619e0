"""The copy button: on the reader's own clipboard lands what was run, to the letter."""

import pytest

from tests.browser.behavior.conftest import FIRST, PAGES, PATHS
from tests.browser.conftest import DRAWN, page_through
from tests.browser.copying import CLIPBOARD, REVEAL, SNIPPET, copied, snippets
from workshop.verify.alone import run
from workshop.verify.comparison import agree

REFERENCE = "reference/cost/"
# The output below each snippet, with its tolerances; none where it fails, or is a table.
OUTPUTS = """() => [...document.querySelectorAll(".snippet")].map((snippet) => {
  const next = snippet.nextElementSibling;
  if (!next?.matches(".output") || snippet.querySelector(".fails")) return null;
  return { text: next.textContent, flags: [...next.classList] };
})"""


def pasted(page, block):
    """What is on the clipboard after a click on the block's button."""
    page.evaluate("navigator.clipboard.writeText('nothing was copied')")
    block.evaluate(REVEAL)
    page.evaluate(DRAWN)  # a fold that opens turns its tabs to the choice made last
    block.evaluate(REVEAL)
    block.scroll_into_view_if_needed()  # then it gets its button
    block.locator("button").click()
    return page.evaluate("navigator.clipboard.readText()")


def test_on_the_clipboard_lands_what_was_run(visit):
    page = visit(FIRST, **CLIPBOARD)
    found = [pasted(page, block) for block in page.locator(SNIPPET).all()]
    assert found == snippets(FIRST, PAGES)
    assert copied(page) == found


@pytest.mark.parametrize("path", PATHS)
def test_what_is_copied_prints_what_the_browser_shows(visit, path):
    page = visit(path, **CLIPBOARD)
    outputs = zip(page.evaluate(OUTPUTS), copied(page), strict=True)
    shown = [(output, code) for output, code in outputs if output]
    assert shown
    for output, code in shown:
        done = run(code)
        assert agree(output["text"], done.said, frozenset(output["flags"])), done


def test_the_clipboard_is_the_readers_where_no_button_was_pressed(visit):
    page = visit(FIRST, **CLIPBOARD)
    assert copied(page, ".snippet-of-another-page pre") == []


@pytest.mark.parametrize("path", [FIRST, REFERENCE])
def test_what_was_not_run_has_no_button(visit, path):
    page = visit(path)
    page_through(page)
    assert page.locator("pre:not(.snippet *)").count() > 0
    others = page.locator("pre:not(.snippet *, .takeaway *) > .md-code__nav:visible")
    assert others.count() == 0


def test_a_listing_says_how_to_import_what_it_shows(visit):
    listing = visit(REFERENCE).locator(".mkdocstrings-source")
    said = "To run it, import it: from dlref.cost import kv_cache_bytes"
    assert listing.locator(".import").text_content() == said
