"""The copy button of every Python block gives what has been run, to the letter.

On each page every button is clicked, and what lands on the clipboard must be the snippets
that the tests find in the page's source, all of them and nothing else. `make alone` runs
precisely these texts, each in a fresh interpreter, and compares what they print with what
the page shows. So nothing is left to run here; still, the first few of each question are,
from the clipboard, and compared with what the browser shows.
"""

import re
import textwrap

import pytest

from tests.browser.conftest import QUESTIONS, page_through, source
from workshop import ROOT
from workshop.render.contents import reference
from workshop.takeaway.links import folder
from workshop.verify.alone import examples, run
from workshop.verify.comparison import agree

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
LISTING = ".mkdocstrings-source"  # of the code of dlref, below its docstring
# Bring a block to light: open its folds, and choose its tabs as a click on a label does.
REVEAL = """(block) => {
  for (let outer = block; outer; outer = outer.parentElement) {
    if (outer.localName === "details") outer.open = true;
    if (!outer.matches(".tabbed-block")) continue;
    const nth = [...outer.parentElement.children].indexOf(outer);
    const set = outer.closest(".tabbed-set");
    set.querySelectorAll(":scope > .tabbed-labels > label")[nth].click();
  }
}"""
SAMPLE = 3  # snippets of each question that are run from the clipboard


def copied(page, block):
    """What is on the clipboard after a click on the block's button."""
    page.evaluate("navigator.clipboard.writeText('nothing was copied')")
    block.evaluate(REVEAL)
    block.scroll_into_view_if_needed()  # then it gets its button
    block.locator("button").click()
    return page.evaluate("navigator.clipboard.readText()")


def test_what_is_copied_is_what_was_run(visit, address):
    page = visit(address, **CLIPBOARD)
    page_through(page)
    blocks = page.locator(".snippet pre").all()
    assert sorted(copied(page, block) for block in blocks) == sorted(snippets(address))
    for listing in page.locator(LISTING).all():
        code = copied(page, listing.locator("pre[id]"))
        assert is_in(listing.locator("summary code").inner_text(), code)
    others = page.locator(f"pre:not(.snippet *, {LISTING} *) > .md-code__nav:visible")
    assert others.count() == 0


def snippets(address):
    """The snippets of a page, and of the docstrings that it shows."""
    page = source(address)
    subjects = re.findall("<!-- reference: (.+) -->", page.read_text(encoding="utf-8"))
    modules = [name for x in subjects for name in reference(x) if name]
    names = [module.removeprefix("::: ").replace(".", "/") for module in modules]
    files = [ROOT / f"{name}.py" for name in names]
    return [example.parsed.code.rstrip() for example in examples(page, *files)]


def is_in(file, code):
    """Whether a file of the package has this code, at the left or inside a class."""
    written = (ROOT / file).read_text(encoding="utf-8")
    return code in written or textwrap.indent(code, "    ") in written


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_what_is_copied_prints_what_is_shown(visit, question):
    page = visit(folder(question.path), **CLIPBOARD)
    quick = page.locator(
        ".snippet:not(:has(.fails))", has_not_text=re.compile("torch|matplotlib")
    )
    shown = page.locator(".output").and_(page.locator(".snippet + *"))
    tried = 0
    for snippet in quick.all():
        output = snippet.locator("xpath=following-sibling::*[1]").and_(shown)
        if tried == SAMPLE or not output.count():
            continue
        tried += 1
        done = run(copied(page, snippet.locator("pre")))
        printed = done.out + done.err
        tolerances = frozenset(output.get_attribute("class").split())
        assert agree(output.text_content(), printed, tolerances), printed
    assert tried == SAMPLE
