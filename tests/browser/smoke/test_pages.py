"""Every page, wide and narrow, light and dark."""

import pytest

from tests.browser.conftest import LAID_OUT, NARROW, WIDE
from tests.browser.looks import JUDGED, headings_lead_to_themselves, look
from workshop.takeaway.links import folder

PHONE = 844  # points from top to bottom, at a width of 390; counted from the title
SCREENS = {"article figure": 2, "#what-goes-wrong": 10, ".md-footer": 16}


@pytest.mark.parametrize(("width", "scheme"), JUDGED)
def test_a_page_is_calm_fits_is_accessible_and_linked_right(
    visit, address, width, scheme
):
    page = visit(address, width=width, scheme=scheme)
    look(page)
    if width == WIDE:
        headings_lead_to_themselves(page)


def test_a_question_is_soon_told_on_a_phone(visit, question):
    page = visit(folder(question.path), width=NARROW)
    page.evaluate(LAID_OUT)
    start = page.locator("h1").bounding_box()["y"]
    for what, most in SCREENS.items():
        way = page.locator(what).first.bounding_box()["y"] - start
        assert way <= most * PHONE, f"{what} comes after {way / PHONE:.2f} screens"


def test_the_page_for_lost_readers_is_one_too(visit):
    look(visit("404.html"))
