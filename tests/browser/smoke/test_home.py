"""The home page says at once what this is; it and the search lead to every question."""

import functools
import re
from collections import Counter

import pytest

from tests.browser.behavior.test_practice import UNFINISHED
from tests.browser.conftest import NARROW, SCHEMES, WIDE
from tests.browser.looks import sideways
from tests.browser.smoke.conftest import QUESTIONS
from tests.browser.without_script import UNSEEN
from workshop.takeaway.links import folder

FIRST_RESULTS = ".md-search-result__item:nth-child(-n + 3) > a:first-of-type"

# How far down it is read, in windows of 1280 x 900 and 390 x 844.
FIRST_SECONDS = {
    WIDE: {".featured": 1, ".ways": 1, ".live": 1, ".proof": 1},
    NARROW: {".featured": 1, ".ways": 1, ".live": 1.5},
}
HEIGHT = {WIDE: 900, NARROW: 844}
# Rows that lead elsewhere than to their question where they are tapped: at no place, and
# in the middle of their first and last cell; and rows that are too low for a finger.
MISSED = """() => [...document.querySelectorAll(".questions tbody tr")].filter((row) => {
  row.scrollIntoView({ block: "center" });
  const link = row.querySelector("a");
  const tapped = [row, row.cells[0], row.cells[3]].map((part) => {
    const { x, y, width, height } = part.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2);
  });
  return row.offsetHeight < 24 || tapped.some((element) => element !== link);
}).map((row) => row.innerText)"""
CUT = """() => [...document.querySelectorAll(".output pre > code")]
  .filter((code) => code.scrollWidth > code.clientWidth).map((code) => code.innerText)"""
# Where each way ends.
WAYS = "(row) => [...row.children].map((way) => way.getBoundingClientRect().right)"
CHECKED = re.compile(
    r"Last checked on \d\d? \w+ \d{4}, with Python 3\.\d+\.\d+, NumPy [\d.]+\d, "
    r"PyTorch [\d.]+\d, Matplotlib [\d.]+\d\.<"
)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", FIRST_SECONDS)
def test_the_first_five_seconds(visit, width, scheme):
    page = visit(width=width, scheme=scheme)
    for what, most in FIRST_SECONDS[width].items():
        box = page.locator(f".hero {what}").bounding_box()
        end = box["y"] + box["height"]
        assert end <= most * HEIGHT[width], f"{what} ends at {end}"


@pytest.mark.parametrize("width", [WIDE, NARROW, 320])
def test_a_session_under_way_moves_no_way(visit, width):
    page = visit(width=width)
    ways = page.locator(".ways").evaluate(WAYS)
    page.evaluate(f"localStorage.setItem('dlref.session', '{UNFINISHED}')")
    page.reload()
    page.get_by_role("button", name="Go on: 10 of 10").wait_for()
    assert page.locator(".ways [data-do]").inner_text() == "Go on"
    assert page.locator(".ways").evaluate(WAYS) == pytest.approx(ways, abs=0.5)
    assert max(ways) <= width
    assert sideways(page) <= 0


def test_the_question_that_is_quoted_is_the_one_of_its_page(visit, root):
    page = visit()
    asked = page.locator(".featured blockquote a").inner_text()
    [question] = (x for x in QUESTIONS if x.question == asked)
    said = page.locator(".featured blockquote + p").inner_text()
    first = said.removesuffix(" Read on")
    assert first != said
    shown = page.locator(".hero .live").get_attribute("data-live")
    page.get_by_role("link", name="Read on").click()
    page.wait_for_url(f"{root}{folder(question.path)}#in-one-breath")
    assert page.locator("#in-one-breath + p").inner_text().startswith(first)
    assert page.locator(".live").first.get_attribute("data-live") == shown


def test_it_is_said_when_and_with_what_all_was_last_checked(site, address):
    html = (site / address / "index.html").read_text(encoding="utf-8")
    told = [address == "", 'class="snippet"' in html]
    assert len(CHECKED.findall(html)) == sum(told)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_row_of_the_table_is_the_question_and_leads_to_it(visit, width):
    page = visit(width=width)
    links = page.locator(".questions td a")
    assert {*links.all_inner_texts()} == {question.question for question in QUESTIONS}
    assert page.evaluate(MISSED) == []


def test_the_tags_are_told_once(visit):
    for scripts in True, False:
        page = visit(java_script_enabled=scripts)
        assert page.locator("#by-tag + ul").is_visible() != scripts
        assert page.locator("[aria-controls=tags]").count() == scripts


def test_its_output_fits_a_phone(visit):
    assert visit(width=NARROW).evaluate(CUT) == []


def test_the_table_and_its_filters_have_all_questions(visit):
    page = visit()
    rows = page.locator("tr:has(td:nth-child(4)):visible")
    found = [row.locator("td").first.inner_text() for row in rows.all()]
    assert sorted(found) == [question.number for question in QUESTIONS]
    known = {x for question in QUESTIONS for x in (question.level, *question.tags)}
    chips = {*page.locator("[data-do=filter]").all_text_contents()}
    assert chips == known | {"beginner", "intermediate", "advanced"}


def test_without_javascript_it_is_readable_and_nothing_is_dead(visit):
    page = visit(java_script_enabled=False)
    assert page.evaluate(UNSEEN) == []
    assert page.locator(".practice").count() > 0
    assert page.locator(".practice:visible").count() == 0


def test_search_finds_it_by_title_number_and_a_word_of_its_own(search, question):
    for query in (question.title, question.number, own_word(question)):
        search.keyboard.press("Control+a")
        search.keyboard.insert_text(query)
        search.keyboard.press("End")  # a search begins when a key is released
        address = folder(question.path)
        search.locator(f"{FIRST_RESULTS}[href*='{address}']").first.wait_for()


def own_word(question):
    """The word that this question says most often, and no other question says."""
    others = set().union(*(words(x) for x in QUESTIONS if x != question))
    return next(word for word, _ in words(question).most_common() if word not in others)


@functools.cache
def words(question):
    """Count the words that a reader would search: no code, formula, link or comment."""
    prose = re.sub(
        r"(?s)```.*?```|<!--.*?-->|\$\$.*?\$\$|\$.*?\$|`.*?`|\]\S+", " ", question.body
    )
    return Counter(re.findall(r"[a-z]{5,}", prose.lower()))
