"""The copy button of every Python block gives what has been run, to the letter.

On each page every button is pressed, and what it gives must be the snippets that the
tests find in the page's source, all of them and nothing else. `make alone` runs precisely
these texts, each in a fresh interpreter, and compares what they print with what the page
shows: nothing is left to run here.
"""

from tests.browser.copying import CLIPBOARD, copied, snippets


def test_what_is_copied_is_what_was_run(visit, address):
    page = visit(address, **CLIPBOARD)
    found = copied(page)
    assert sorted(found) == sorted(snippets(address))
    assert found or page.locator("[data-do=quiz]").count() == 0  # all questions have some
    others = page.locator(
        "pre:not(.snippet *, .install *, .takeaway *) > .md-code__nav:visible"
    )
    assert others.count() == 0
