"""What is shared of a page, with an address of the site and without one."""

import pytest

from tests.browser.behavior.conftest import FIRST, HOSTED, PATHS
from tests.browser.conftest import visits
from tests.browser.sharing import feed_leads_to_pages, is_shared, is_shared_nowhere

ROOT = HOSTED["SITE_URL"]
KINDS = {
    "": "WebSite",
    "notation/": "TechArticle",
    "corrections/": "TechArticle",
    **dict.fromkeys(PATHS, "QAPage"),
}
BREACHES = """() => new Promise((done) => {
  const seen = [];
  new ReportingObserver((all) => seen.push(...all.map(({ body }) => body.blockedURL)), {
    types: ["csp-violation"], buffered: true,
  }).observe();
  setTimeout(() => done(seen), 200);
})"""


@pytest.fixture
def visit_hosted(chromium, hosted, serve):
    with visits(chromium, serve(hosted)) as opened:
        yield opened


@pytest.mark.parametrize("path", KINDS)
def test_a_page_says_what_it_is(hosted, path):
    assert is_shared(hosted, path, ROOT)["@type"] == KINDS[path]


def test_no_sign_ends_the_data_or_a_tag(hosted):
    said = "A page of the tests, a < b & c </script>, without a number."
    assert is_shared(hosted, "notation/", ROOT)["description"] == said


def test_a_question_is_told_with_its_answer_and_its_day(hosted):
    data = is_shared(hosted, FIRST, ROOT)
    assert data["mainEntity"]["name"] == "What does a sigmoid do to a logit?"
    answer = data["mainEntity"]["acceptedAnswer"]["text"]
    assert answer.startswith("It maps any number to one between 0 and 1")
    assert data["dateModified"] == "2026-11-27"  # the last correction
    assert data["version"]


def test_the_policy_allows_the_data_and_the_theme_asks_nothing_for_the_feed(visit_hosted):
    page = visit_hosted(FIRST)  # where an error of the console is a fault
    assert page.evaluate(BREACHES) == []
    assert page.locator("script[type='application/ld+json']").count() == 1


def test_the_feed_leads_to_pages(hosted):
    feed_leads_to_pages(hosted, ROOT)


def test_a_correction_stands_on_its_page_and_leads_to_the_place(visit_hosted):
    page = visit_hosted("corrections/#sigmoid-of-zero")
    assert "half: 1 / (1 + 1) > 0 & < 1." in page.locator("article").inner_text()
    page.get_by_role("link", name="Sigmoid", exact=True).last.click()
    page.wait_for_url(f"**/{FIRST}#the-curve")
    assert page.locator("#the-curve").is_visible()


def test_corrections_lead_to_the_form_and_to_the_feed(visit_hosted):
    page = visit_hosted("corrections/")
    links = page.locator("article > p > a")
    found = [link.get_attribute("href") for link in links.all()]
    assert f"{HOSTED['REPO_URL']}/issues/new?template=wrong.yml" in found
    assert f"{ROOT}feed.xml" in found


@pytest.mark.parametrize("path", KINDS)
def test_without_an_address_nothing_is_shared(site, path):
    is_shared_nowhere(site, path)


def test_without_addresses_corrections_stand_alone(visit):
    words = visit("corrections/").locator("article").inner_text()
    assert "The sigmoid of 0 is one half" in words
    assert "feed" not in words
    assert "Report" not in words
