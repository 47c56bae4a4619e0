"""Each published page can be shared, if the address of the site is known; else none."""

import pytest

from tests.browser.sharing import feed_leads_to_pages, is_shared, is_shared_nowhere
from workshop.inspect.rendered import Page
from workshop.takeaway.links import folder


@pytest.fixture(scope="module")
def home(site):
    """The address of the site; empty if it is not known."""
    return Page((site / "index.html").read_text(encoding="utf-8")).canonical


def test_a_page_is_shared_where_the_site_has_an_address(site, home, address):
    if home:
        is_shared(site, address, home)
    else:
        is_shared_nowhere(site, address)


def test_a_machine_is_told_the_question(site, home, question):
    if home:
        data = is_shared(site, folder(question.path), home)
        assert data["mainEntity"]["name"] == question.question


def test_the_feed_leads_to_pages(site, home):
    if home:
        feed_leads_to_pages(site, home)
