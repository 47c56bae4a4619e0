"""The copy button of every Python block gives what has been run, to the letter.

On each page every button is pressed, and what it gives must be the snippets that the
tests find in the page's source, all of them and nothing else. `make alone` runs precisely
these texts, each in a fresh interpreter, and compares what they print with what the page
shows. So nothing is left to run here; still, one of each page is, as copied, and compared
with what the browser shows.
"""

import re

from tests.browser.copying import CLIPBOARD, copied, snippets
from workshop.verify.alone import run
from workshop.verify.comparison import agree

# The output below each snippet, with its tolerances; none where it fails, or is a table.
OUTPUTS = """() => [...document.querySelectorAll(".snippet")].map((snippet) => {
  const next = snippet.nextElementSibling;
  if (!next?.matches(".output") || snippet.querySelector(".fails")) return null;
  return { text: next.textContent, flags: [...next.classList] };
})"""
SLOW = re.compile("torch|matplotlib")


def test_what_is_copied_is_what_was_run(visit, address):
    page = visit(address, **CLIPBOARD)
    found = copied(page)
    assert sorted(found) == sorted(snippets(address))
    others = page.locator("pre:not(.snippet *) > .md-code__nav:visible")
    assert others.count() == 0
    for output, code in zip(page.evaluate(OUTPUTS), found, strict=True):
        if output and not SLOW.search(code):
            done = run(code)
            assert agree(output["text"], done.out, frozenset(output["flags"])), done
            break
    else:  # all questions have one
        assert page.locator(".eyebrow").count() == 0
