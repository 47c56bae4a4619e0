"""The cheat sheet is filtered by subject, with no script; and it is printed."""

import pytest

from tests.browser.behavior.conftest import HOSTED, QUESTIONS
from tests.browser.conftest import WIDE
from tests.browser.looks import SHOWN as IN_VIEW
from workshop.takeaway.paper import PAGE, PDF

SHOWN = ".entry:visible .number"
FILLED = "(chip) => getComputedStyle(chip).backgroundColor"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(visit, request):
    """The sheet in a window so low that a subject would scroll to its top."""
    page = visit(PAGE, java_script_enabled=request.param)
    page.set_viewport_size({"width": WIDE, "height": 320})
    return page


def numbers(*subjects):
    return [x.number for x in QUESTIONS if x.subject in subjects]


def test_a_chip_shows_its_subject_alone_and_all_shows_all(page):
    shown = page.locator(SHOWN)
    assert shown.all_inner_texts() == numbers("losses", "optimizers")
    everything = page.get_by_role("link", name="All", exact=True)
    plain = page.locator(".filters .chip").last.evaluate(FILLED)
    assert everything.evaluate(FILLED) != plain
    for subject in "optimizers", "losses":
        page.get_by_role("link", name=subject.capitalize(), exact=True).click()
        assert shown.all_inner_texts() == numbers(subject)
        assert page.locator(".filters").evaluate(IN_VIEW)
        assert everything.evaluate(FILLED) == plain
    everything.click()
    assert everything.evaluate(FILLED) != plain
    assert shown.all_inner_texts() == numbers("losses", "optimizers")


def test_an_address_may_name_a_subject_or_a_question(visit):
    chosen = visit(f"{PAGE}#optimizers").locator(SHOWN)
    assert chosen.all_inner_texts() == numbers("optimizers")
    number = QUESTIONS[-1].number
    page = visit(f"{PAGE}#sheet-{number.lower()}")
    assert page.locator(SHOWN).all_inner_texts() == numbers("losses", "optimizers")


def test_paper_has_what_is_shown_and_no_chips(visit):
    page = visit(f"{PAGE}#optimizers")
    page.emulate_media(media="print")
    assert page.locator(SHOWN).all_inner_texts() == numbers("optimizers")
    assert page.locator(".chip:visible").count() == 0


def test_the_pdf_leads_to_the_site_where_it_is_known(site, hosted):
    assert b"/URI" not in (site / PDF).read_bytes()
    question = QUESTIONS[0]
    address = f"{HOSTED['SITE_URL']}{question.file('/')}"
    assert f"({address})".encode() in (hosted / PDF).read_bytes()


def test_the_page_offers_the_pdf(visit):
    page = visit(PAGE)
    link = page.get_by_role("link", name="The sheet as a PDF")
    assert page.request.get(page.url + link.get_attribute("href")).ok


def test_without_a_browser_there_is_no_pdf_and_the_page_says_so(bare):
    page = (bare / PAGE / "index.html").read_text(encoding="utf-8")
    assert "To have it as a PDF, print this page: it is laid out for paper." in page
    assert PDF not in page
    assert not (bare / PDF).exists()
