"""Every page, wide and narrow, light and dark."""

import pytest

from browser.conftest import NARROW, SCHEMES, WIDE


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_no_page_scrolls_sideways(visit, site, width, scheme):
    page = visit("losses/focal/", width=width, scheme=scheme)
    sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert sideways <= 0
