"""Every page, wide and narrow, light and dark."""

import pytest

from tests.browser.looks import JUDGED, headings_lead_to_themselves, look


@pytest.mark.parametrize(("width", "scheme"), JUDGED)
def test_a_page_is_calm_fits_and_is_accessible(visit, address, width, scheme):
    look(visit(address, width=width, scheme=scheme))


def test_each_heading_links_to_itself(visit, address):
    headings_lead_to_themselves(visit(address))
