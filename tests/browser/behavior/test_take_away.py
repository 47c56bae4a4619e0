"""What a reader takes away: the links lead to files, and the zip works from a folder."""

import pytest

from tests.browser.behavior.conftest import FIRST, SECOND
from tests.browser.conftest import NARROW, WIDE, Faults
from tests.browser.unpacked import dead_links, unpack


@pytest.fixture(scope="session")
def unpacked(site, tmp_path_factory):
    """The folder that a reader has after unpacking the zip."""
    return unpack(site, tmp_path_factory.mktemp("zip"))


@pytest.fixture
def read(chromium, unpacked):
    """Open a file of the zip, without a network; only files may be asked for."""
    faults = Faults("file://")
    context = chromium.new_context(
        offline=True, viewport={"width": WIDE, "height": 900}, reduced_motion="reduce"
    )
    page = context.new_page()
    faults.watch(page)

    def opened(path):
        page.goto((unpacked / path).as_uri(), wait_until="networkidle")
        return page

    yield opened
    context.close()
    assert faults.errors == []
    assert faults.strangers == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_question_page_offers_its_notebook_and_its_markdown(visit, width):
    page = visit(FIRST, width=width)
    for suffix in "ipynb", "md":
        link = page.locator(f"a[href='../sigmoid.{suffix}']")
        assert link.is_visible()
        assert page.request.get(page.url + link.get_attribute("href")).ok


def test_other_pages_offer_none(visit):
    assert visit("notation/").locator(".takeaway").count() == 0


def test_the_home_page_leads_to_what_can_be_taken(visit):
    page = visit()
    for name in "dlref-offline.zip", "dlref.apkg", "llms.txt", "llms-full.txt":
        assert page.request.get(page.url + name).ok
        assert page.locator(f"a[href='{name}']").count() == 1


def test_from_a_folder_the_search_finds_a_question(read):
    page = read("index.html")
    page.keyboard.press("/")
    page.keyboard.type("logarithm", delay=50)
    found = page.locator(".md-search-result__link").first
    found.wait_for()
    assert "Logarithm" in found.inner_text()
    found.click()
    page.wait_for_url("file://**/losses/logarithm/index.html*")
    assert "Logarithm" in page.locator("h1").inner_text()


def test_from_a_folder_a_page_has_its_formulas_figures_and_font(read):
    page = read(f"{FIRST}index.html")
    fonts = page.evaluate("document.fonts.ready.then(all => [...all].map(f => f.status))")
    assert "loaded" in fonts
    assert page.locator("svg.plot").count() >= 2
    assert page.locator("math").first.bounding_box()["height"] > 10


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_from_a_folder_a_figure_is_saved(read, kind):
    page = read(f"{FIRST}index.html")
    figure = page.locator("figure:has(svg.plot)").first
    figure.hover()
    with page.expect_download() as download:
        figure.get_by_role("button", name=f"Save as {kind}").click()
    assert download.value.path().stat().st_size > 1000


def test_from_a_folder_the_policy_holds_too(read):
    page = read("index.html")
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1


def test_from_a_folder_links_lead_to_pages(read):
    page = read("index.html")
    page.locator(".questions a").first.click()
    assert "Sigmoid" in page.locator("h1").inner_text()
    page.locator(".md-footer__link--next").click()
    page.wait_for_url(f"file://**/{SECOND}index.html")
    page.locator("a[href='../logarithm.md']").wait_for()


def test_from_a_folder_a_session_asks_and_goes_on(read):
    page = read("index.html")
    page.get_by_role("button", name="Quiz me").click()
    for turn in "12":
        page.wait_for_url(f"file://**/index.html?quiz={turn}")
        page.get_by_text(f"{turn} of 8").wait_for()
        page.get_by_role("button", name="Show the answer").click()
        page.get_by_role("button", name="Half").click()
    page.wait_for_url("file://**/index.html?quiz=3")
    page.get_by_text("End", exact=True).click()
    page.get_by_role("heading", name="0 known, 2 half, 0 not yet").wait_for()
    page.locator("section.session li a").first.click()
    page.get_by_role("button", name="Knew it").wait_for()


def test_from_a_folder_each_link_leads_to_a_file(unpacked):
    assert dead_links(unpacked) == []


def test_a_link_to_a_folder_is_seen(tmp_path):
    (tmp_path / "losses").mkdir()
    (tmp_path / "index.html").write_text('<a href="losses/#top">a</a> <a href="#b">b</a>')
    assert dead_links(tmp_path) == [f"{tmp_path}/index.html: losses/#top"]
