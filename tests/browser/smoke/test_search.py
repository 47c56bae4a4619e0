"""The search lands on the section that answers, for what readers type.

`queries.toml` has what they type and where it should land. The search is the theme's
own, in the browser. A result is a page with the section shown there, not what is folded.
"""

import json
import tomllib
from pathlib import Path

import pytest

from workshop.takeaway.links import folder

SUBJECTS = tomllib.loads(
    Path(__file__).with_name("queries.toml").read_text(encoding="utf-8")
)
FIRST = SUBJECTS["first"]
QUERIES = {
    query: sections
    for subject in SUBJECTS.values()
    for query, sections in subject.items()
}
RESULTS, HELD = 3, 0.95
SHOWN = """(results) =>
  [...document.querySelectorAll(`.md-search-result__item:nth-child(-n + ${results}) > a`)]
    .map((link) => link.pathname.slice(1) + link.hash)"""
# What has an address and is found by it: the pitfalls are headings. What is to be written
# is found in the list of all.
SECTIONS = """() => [...document.querySelectorAll(
    "article :is(h2, h3, :not(.task) > summary, .admonition-title)[id]"
  )].map((title) => title.id)"""


@pytest.fixture(scope="module")
def indexed(site):
    """The addresses of all entries of the index."""
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    return {entry["location"] for entry in index["docs"]}


def test_each_section_fold_and_correction_is_an_entry(visit, question, indexed):
    path = folder(question.path)
    sections = {f"{path}#{name}" for name in visit(path).evaluate(SECTIONS)}
    assert sections - indexed == set()
    assert any("#dl" in section for section in sections)


def test_what_readers_type_leads_to_the_section(search, indexed):
    wanted = {section for sections in QUERIES.values() for section in sections}
    assert wanted - indexed == set()
    missed = {}
    for query, sections in QUERIES.items():
        shown = results(search, query)
        if not {*shown} & {*sections}:
            missed[query] = shown
    assert len(QUERIES) >= 60
    assert len(missed) <= (1 - HELD) * len(QUERIES), missed


@pytest.mark.parametrize("query", FIRST)
def test_the_title_of_the_first_result_leads_there_too(search, query):
    assert results(search, query)[0] in FIRST[query]


def results(search, query):
    """Type a query, and read the links that the first results show."""
    status = search.locator(".md-search-result__meta")
    for text in "", query:
        search.keyboard.press("Control+a")
        search.keyboard.press("Delete")
        search.keyboard.insert_text(text)
        search.keyboard.press("End")  # a search begins when a key is released
        placeholder = status.filter(has_text="Type to start searching")
        placeholder.wait_for(state="hidden" if text else "visible")
    return search.evaluate(SHOWN, RESULTS)
