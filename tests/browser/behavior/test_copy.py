"""The copy button: on the reader's own clipboard lands what was run, to the letter."""

import pytest

from tests.browser.behavior.conftest import FIRST, PAGES
from tests.browser.conftest import page_through
from tests.browser.copying import CLIPBOARD, REVEAL, SNIPPET, copied, snippets

REFERENCE = "reference/cost/"


def pasted(page, block):
    """What is on the clipboard after a click on the block's button."""
    page.evaluate("navigator.clipboard.writeText('nothing was copied')")
    block.evaluate(REVEAL)
    page.wait_for_timeout(20)  # a fold that opens turns its tabs to the choice made last
    block.evaluate(REVEAL)
    block.scroll_into_view_if_needed()  # then it gets its button
    block.locator("button").click()
    return page.evaluate("navigator.clipboard.readText()")


def test_on_the_clipboard_lands_what_was_run(visit):
    page = visit(FIRST, **CLIPBOARD)
    found = [pasted(page, block) for block in page.locator(SNIPPET).all()]
    assert found == snippets(FIRST, PAGES)
    assert copied(page) == found


def test_the_clipboard_is_the_readers_where_no_button_was_pressed(visit):
    page = visit(FIRST, **CLIPBOARD)
    assert copied(page, ".snippet-of-another-page pre") == []


@pytest.mark.parametrize("path", [FIRST, REFERENCE])
def test_what_was_not_run_has_no_button(visit, path):
    page = visit(path)
    page_through(page)
    assert page.locator("pre:not(.snippet *)").count() > 0
    assert page.locator("pre:not(.snippet *) > .md-code__nav:visible").count() == 0


def test_a_listing_says_how_to_import_what_it_shows(visit):
    listing = visit(REFERENCE).locator(".mkdocstrings-source")
    said = "To run it, import it: from dlref.cost import kv_cache_bytes"
    assert listing.locator(".import").text_content() == said
