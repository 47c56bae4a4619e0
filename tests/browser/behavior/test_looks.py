"""A page in every width and scheme; and what must be seen, is."""

import time

import pytest

from tests.browser.behavior.conftest import FIRST
from tests.browser.conftest import NARROW, SCHEMES, WIDE
from tests.browser.looks import MARK_LOOKS, SHIFTS, look

LOST = "404.html"
# Two texts that look alike, two that do not, and one on another ground.
TEXTS = """() => {
  const write = (color, ground) => {
    const text = document.createElement("p");
    document.querySelector("article").append(text);
    text.append("A text.");
    text.style.color = color;
    text.style.background = ground;
  };
  write("rgb(1, 2, 3)", "rgb(250, 250, 250)");
  write("rgb(1, 2, 3)", "rgb(250, 250, 250)");
  write("rgb(1, 2, 4)", "rgb(250, 250, 250)");
  write("rgb(1, 2, 3)", "rgb(250, 250, 251)");
}"""
FAINT = """() => {
  const words = document.querySelectorAll(".snippet .k");
  words[words.length - 1].style.color = "rgb(200, 200, 200)";
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", ["", FIRST, "reference/cost/", LOST])
def test_a_page_is_calm_fits_and_is_accessible(visit, path, width, scheme):
    look(visit(path, width=width, scheme=scheme))


def test_texts_that_look_alike_are_judged_once(visit):
    page = visit(FIRST)
    before = page.evaluate(MARK_LOOKS)
    page.evaluate(TEXTS)
    assert page.evaluate(MARK_LOOKS) - before == 3


def test_one_faint_text_is_found(visit):
    page = visit(FIRST)
    page.evaluate(FAINT)
    with pytest.raises(AssertionError, match="color-contrast"):
        look(page)


def test_the_page_for_lost_readers_leads_home(visit, root):
    page = visit(LOST)
    # It is the shortest page: here it shows if the late theme moves the footer.
    page.route("**/bundle*.js", lambda route: time.sleep(0.5) or route.continue_())
    page.reload(wait_until="networkidle")
    assert page.evaluate(SHIFTS) == []
    page.locator("article a[href]").click()
    page.wait_for_url(root)
