"""Every page, wide and narrow, light and dark."""

import pytest

from tests.browser.conftest import NARROW, WIDE, until
from tests.browser.looks import JUDGED, addresses_lead_to_themselves, look
from tests.browser.smoke.conftest import QUESTIONS
from workshop.takeaway.links import folder

PHONE = 844  # points from top to bottom, at a width of 390; counted from the title
HEIGHT = "document.documentElement.scrollHeight"
PLACE = 'document.querySelector("#sources").getBoundingClientRect().top'
# Opens the first and the last fold of the text, and reads within the last.
FOLDS = 2
READ = """() => {
  const text = "#the-answer ~ details:not(.executed, .takeaway)";
  const folds = [...document.querySelectorAll(text)];
  for (const fold of [folds[0], folds.at(-1)]) fold.open = true;
  folds.at(-1).scrollIntoView();
}"""
SCREENS = {"article figure": 2, "#what-goes-wrong": 10, ".md-footer": 16}


@pytest.mark.parametrize(("width", "scheme"), JUDGED)
def test_a_page_is_calm_fits_is_accessible_and_linked_right(
    visit, address, width, scheme
):
    page = visit(address, width=width, scheme=scheme)
    look(page)
    if width == WIDE:
        addresses_lead_to_themselves(page)


def test_a_question_is_soon_told_on_a_phone(visit, question):
    page = visit(folder(question.path), width=NARROW)
    start = page.locator("h1").bounding_box()["y"]
    for what, most in SCREENS.items():
        way = page.locator(what).first.bounding_box()["y"] - start
        assert way <= most * PHONE, f"{what} comes after {way / PHONE:.2f} screens"


def test_a_reload_and_the_way_back_keep_the_place(visit, root, question):
    """To the pixel, within a fold too; the page is as high before it is read as after."""
    width = (WIDE, NARROW)[QUESTIONS.index(question) % 2]
    page = visit(folder(question.path), width=width)
    page.evaluate(READ)
    until(page, f"history.state?.filter(Boolean).length === {FOLDS}")
    height = page.evaluate(HEIGHT)
    there = f"Math.abs({PLACE} - {page.evaluate(PLACE)}) <= 1"
    page.reload(wait_until="load")
    until(page, there)
    page.goto(root)
    page.go_back(wait_until="load")
    until(page, there)
    assert page.evaluate(HEIGHT) == height


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_way_forward_keeps_the_place(visit, root, width):
    """As the way back does, on whatever page; so it is tried on the first."""
    page = visit(width=width)
    page.goto(root + folder(QUESTIONS[0].path))
    page.evaluate(READ)
    until(page, f"history.state?.filter(Boolean).length === {FOLDS}")
    there = f"Math.abs({PLACE} - {page.evaluate(PLACE)}) <= 1"
    page.go_back(wait_until="networkidle")  # a page that is still read cannot be left
    page.go_forward(wait_until="load")
    until(page, there)


def test_the_page_for_lost_readers_is_one_too(visit):
    look(visit("404.html"))
