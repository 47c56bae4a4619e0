"""Live figures: by key, by mouse, on paper, without JavaScript, and while they come."""

import re

import pytest

from tests.browser.behavior.conftest import FIRST
from tests.browser.conftest import NARROW, SCHEMES, WIDE, unfold
from tests.browser.live_figure import Live, can_be_seen, moves_by_key_and_resets

FIGURE = "cache"
# On the page, wherever it is scrolled to.
PLACE = """() => {
  const figure = document.querySelector("figure.live");
  const { x, y, width, height } = figure.getBoundingClientRect();
  return [x, y + scrollY, width, height];
}"""


def test_a_key_moves_it_and_reset_brings_it_back(visit):
    moves_by_key_and_resets(Live(visit(FIRST), FIGURE))


def test_a_mouse_moves_it(visit):
    live = Live(visit(FIRST), FIGURE)
    for slider in live.sliders:
        box = slider.bounding_box()
        low, high = (
            {"x": box["width"] * part, "y": box["height"] / 2} for part in (0.1, 0.9)
        )
        slider.click(position=low)
        before = live.state
        slider.click(position=high)
        assert live.state != before


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_can_be_seen(visit, scheme):
    can_be_seen(visit(FIRST, width=NARROW, scheme=scheme), FIGURE)


def test_what_is_faint_is_found(visit):
    page = visit(FIRST, width=NARROW)
    page.evaluate("document.querySelector('.live label').style.color = 'silver'")
    with pytest.raises(AssertionError, match="label"):
        can_be_seen(page, FIGURE)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_moves_when_the_script_fills_it(visit, width):
    page = visit(FIRST, width=width)
    unfold(page)
    Live(page, FIGURE)  # has it drawn
    filled = page.evaluate(PLACE)
    page.route(re.compile("/javascripts/live"), lambda route: route.fulfill(body=""))
    page.reload()
    unfold(page)
    assert page.locator("figure.live text").count() == 0
    assert page.evaluate(PLACE) == filled


def test_a_word_that_was_searched_for_stays_in_its_place(visit):
    plain, marked = Live(visit(FIRST), FIGURE), Live(visit(f"{FIRST}?h=kv"), FIGURE)
    marked.figure.locator("label mark").wait_for()
    for was, row in zip(
        plain.figure.locator("label").all(),
        marked.figure.locator("label").all(),
        strict=True,
    ):
        assert row.bounding_box()["height"] == was.bounding_box()["height"]


def test_without_javascript_the_page_is_whole(visit):
    page = visit(FIRST, java_script_enabled=False)
    assert page.locator("figure.live").is_hidden()
    assert page.locator("svg.plot").first.is_visible()


def test_on_paper_stands_the_drawn_figure(visit):
    page = visit(FIRST)
    page.emulate_media(media="print")
    assert page.locator("figure.live").is_hidden()
    assert page.locator("svg.plot").first.is_visible()
