"""A question on paper: few pages, all of its words, and no page that is half empty."""

import re

from workshop.takeaway.links import folder

MOST = 14  # pages A4
PAGE = re.compile(rb"/Type\s*/Page\b")
WIDE, HALF = 703, 516  # A4 within the margins, in CSS pixels, and half of its height
# What may not break, and would leave half a page empty where it does not fit.
UNBROKEN = f"""() => [...document.querySelectorAll("article *")].filter((part) =>
  getComputedStyle(part).breakInside === "avoid"
  && part.getBoundingClientRect().height > {HALF}).map((part) => part.innerText)"""
# What shows nothing and takes a line: broken there, a page ends with an empty box.
EMPTY = """() => [...document.querySelectorAll("pre > :first-child:empty")]
  .filter((part) => part.checkVisibility()).length"""
# What is cut at its column, and cannot be scrolled on paper.
CUT = """() => ["math", "md-typeset__scrollwrap", "highlight code"]
  .flatMap((kind) => [...document.querySelectorAll(`article .${kind}`)])
  .filter((part) => part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.innerText)"""

# What is written in a light color, on what will be white.
FAINT = """() => [...document.querySelectorAll("article :is(p, li, pre, td, text)")]
  .filter((part) => {
    const [red, green, blue] = getComputedStyle(part).color.match(/[\\d.]+/g).map(Number);
    return red + green + blue > 384;
  }).map((part) => part.textContent)"""


def test_a_question_is_short_whole_and_light_on_paper(visit, question):
    page = visit(folder(question.path), width=WIDE, scheme="dark")
    assert len(PAGE.findall(page.pdf(format="A4"))) <= MOST
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(UNBROKEN) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(EMPTY) == 0
    assert page.evaluate(FAINT) == []
    assert page.locator("details.code:visible").count() == 0


def test_any_page_is_light_on_paper_where_the_screen_is_dark(visit, other):
    page = visit(other, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(FAINT) == []
