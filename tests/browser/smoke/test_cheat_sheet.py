"""The cheat sheet has of each question what its page has, on few pages of paper."""

import json
import re

import pytest

from tests.browser.conftest import NARROW, visits
from tests.browser.smoke.conftest import QUESTIONS
from tests.browser.smoke.test_print import CUT, PAGE, UNBROKEN
from workshop.takeaway.links import folder
from workshop.takeaway.paper import PAGE as SHEET
from workshop.takeaway.paper import PDF

MOST = 0.4  # pages A4 for a question
PAPER = 733  # A4 within the margins of the sheet, in CSS pixels
# What an entry takes from its page: a figure without its title, which is a caption's.
ENTRY = """(entry) => ({
  breath: entry.querySelector(":scope > p").innerText,
  formula: entry.querySelector(".math > math").getAttribute("alttext"),
  figure: entry.querySelector("svg.plot").innerHTML,
  caption: entry.querySelector("figcaption").innerText.trim(),
})"""
TAKEN = """() => {
  const first = (what) => document.querySelector(`article h2${what}`);
  const figure = first("#at-a-glance ~ figure");
  const caption = figure.querySelector("figcaption").innerText;
  return {
    breath: first("#in-one-breath ~ p").innerText,
    formula: first("#at-a-glance ~ .math > math").getAttribute("alttext"),
    figure: figure.querySelector("svg.plot").innerHTML,
    caption: caption.replace(/^Figure \\d+\\.\\s*/, ""),
  };
}"""
# Texts of less than 7.5 points, of a figure too; indices and exponents are smaller.
SMALL = """() => {
  const points = (text) => 0.75 * parseFloat(getComputedStyle(text).fontSize);
  const texts = [...document.querySelectorAll(".sheet :is(h2, h3, h3 *, p, p *)")];
  const drawn = [...document.querySelectorAll(".sheet svg.plot text")].filter((text) => {
    const { width } = text.ownerSVGElement.getBoundingClientRect();
    return points(text) * width / text.ownerSVGElement.viewBox.baseVal.width < 7.45;
  });
  const small = texts.filter((text) => !text.closest("math") && points(text) < 7.5);
  return [...small, ...drawn].map((text) => text.textContent);
}"""


@pytest.fixture
def on_paper(visit):
    page = visit(SHEET, width=PAPER)
    page.emulate_media(media="print")
    return page


@pytest.fixture(scope="module")
def sheet(chromium, site, serve):
    with visits(chromium, serve(site)) as visit:
        yield visit(SHEET)


def test_an_entry_says_what_its_page_says(visit, sheet, root, question):
    entry = sheet.locator(f".entry:has(#sheet-{question.number.lower()})")
    link = entry.get_by_role("link", name=f"{question.number} {question.question}")
    assert link.evaluate("(link) => link.href") == root + folder(question.path)
    assert entry.locator(":is(pre, details)").count() == 0
    assert entry.evaluate(ENTRY) == visit(folder(question.path)).evaluate(TAKEN)


def test_it_has_each_question_once_below_a_subject_with_a_chip(visit):
    page = visit(SHEET, width=NARROW, java_script_enabled=False)
    numbers = page.locator(".entry:visible .number").all_inner_texts()
    assert sorted(numbers) == [question.number for question in QUESTIONS]
    subjects = page.locator(".sheet h2").evaluate_all("all => all.map((x) => x.id)")
    chips = page.locator(".chip").evaluate_all("all => all.map((x) => x.hash.slice(1))")
    assert chips == ["all", *subjects]


def test_the_search_has_none_of_it_twice(site):
    index = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    found = [x for x in index["docs"] if x["location"].startswith(SHEET)]
    assert [entry["title"] for entry in found] == ["Cheat sheet"]
    assert QUESTIONS[0].question not in found[0]["text"]


def test_on_paper_it_is_whole_and_can_be_read(on_paper):
    assert on_paper.evaluate(SMALL) == []
    assert on_paper.evaluate(CUT) == []
    assert on_paper.evaluate(UNBROKEN) == []


def test_the_pdf_has_each_question_with_its_figure_on_few_pages(site):
    pdf = (site / PDF).read_bytes()
    assert len(PAGE.findall(pdf)) <= MOST * len(QUESTIONS)
    assert len(re.findall(rb"/S /H3\b", pdf)) == len(QUESTIONS)
    assert len(re.findall(rb"/S /Figure\s+/Alt ", pdf)) == len(QUESTIONS)
    assert b"file:" not in pdf
