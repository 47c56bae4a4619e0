"""The copy button of every Python block gives what has been run, to the letter.

On each page every button is pressed, and what it gives must be the snippets that the
tests find in the page's source, all of them and nothing else. `make alone` runs precisely
these texts, each in a fresh interpreter, and compares what they print with what the page
shows. So nothing is left to run here; still, the first few of each question are, as
copied, and compared with what the browser shows.
"""

import re

from tests.browser.copying import CLIPBOARD, SNIPPET, copied, snippets
from workshop.takeaway.links import folder
from workshop.verify.alone import run
from workshop.verify.comparison import agree

SAMPLE = 3  # snippets of each question that are run as copied
# Quick to run, with an output right below.
QUICK = re.compile("torch|matplotlib")


def test_what_is_copied_is_what_was_run(visit, address):
    page = visit(address, **CLIPBOARD)
    assert sorted(copied(page)) == sorted(snippets(address))
    others = page.locator("pre:not(.snippet *) > .md-code__nav:visible")
    assert others.count() == 0


def test_what_is_copied_prints_what_is_shown(visit, question):
    page = visit(folder(question.path), **CLIPBOARD)
    blocks = page.locator(".snippet").all()
    tried = 0
    for block, code in zip(blocks, copied(page, SNIPPET), strict=True):
        output = block.locator("xpath=following-sibling::*[1]").and_(
            page.locator(".output")
        )
        if QUICK.search(code) or not output.count() or block.locator(".fails").count():
            continue
        done = run(code)
        printed = done.out + done.err
        tolerances = frozenset(output.get_attribute("class").split())
        assert agree(output.text_content(), printed, tolerances), printed
        tried += 1
        if tried == SAMPLE:
            break
    assert tried == SAMPLE
