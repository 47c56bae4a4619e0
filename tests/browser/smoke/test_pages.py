"""Every page, wide and narrow, light and dark."""

import pytest

from tests.browser.conftest import WIDE
from tests.browser.looks import JUDGED, headings_lead_to_themselves, look


@pytest.mark.parametrize(("width", "scheme"), JUDGED)
def test_a_page_is_calm_fits_is_accessible_and_linked_right(
    visit, address, width, scheme
):
    page = visit(address, width=width, scheme=scheme)
    look(page)
    if width == WIDE:
        headings_lead_to_themselves(page)


def test_the_page_for_lost_readers_is_one_too(visit):
    look(visit("404.html"))
