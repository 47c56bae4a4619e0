"""The home page and the search lead to every question."""

import functools
import re
from collections import Counter

from tests.browser.smoke.conftest import QUESTIONS
from tests.browser.without_script import UNSEEN
from workshop.takeaway.links import folder

FIRST_RESULTS = ".md-search-result__item:nth-child(-n + 3) > a:first-of-type"


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
    prose = re.sub(r"(?s)```.*?```|<!--.*?-->|\$.*?\$|`.*?`|\]\S+", " ", question.body)
    return Counter(re.findall(r"[a-z]{5,}", prose.lower()))
