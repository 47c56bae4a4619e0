"""Each question can be practiced, and what it says is there without JavaScript too."""

import json

from tests.browser.conftest import DRAWN, NARROW, chosen, unfold
from tests.browser.without_script import HIDDEN, TEXT, UNSEEN
from workshop.takeaway.links import folder

# A reader who hides the answers, and once chose PyTorch.
RETURNING = """
localStorage.setItem("dlref.quiz", "on");
localStorage.setItem("/.__tabs", JSON.stringify(["PyTorch"]));
"""


def test_the_quiz_leaves_the_question_alone_until_the_answer_is_asked_for(
    visit, question
):
    page = visit(
        folder(question.path), watch=lambda page: page.add_init_script(RETURNING)
    )
    headings = page.locator("article :is(h1, h2, h3):visible").all_inner_texts()
    assert headings[1:] == ["The question"]
    assert page.locator("article blockquote").first.is_visible()
    assert page.locator(".md-nav--secondary:visible").count() == 0
    assert len(page.locator("article").inner_text().split()) < 70  # with panel and keys
    page.keyboard.press("s")
    page.locator("#in-one-breath:visible").wait_for()
    unfold(page)
    page.evaluate(DRAWN)  # the tabs of a fold follow when it opens
    has_tabs = page.locator("article .tabbed-set").count() > 0
    assert {*chosen(page)} == ({"PyTorch"} if has_tabs else set())


def test_a_session_can_ask_each_follow_up_question_where_it_stands(visit, site, question):
    text = (site / "quiz.js").read_text(encoding="utf-8")
    items = json.loads(text.removeprefix("var quiz = ").removesuffix(";\n"))
    number = question.number.lower()
    listed = [x["id"] for x in items if x["id"].startswith(f"{number}-")]
    page = visit(folder(question.path))
    folds = page.locator("#follow-up-questions ~ .question > summary")
    assert folds.evaluate_all("all => all.map(({ id }) => id)") == listed
    verdict = page.locator("#in-one-breath + p + .verdict + h2")
    assert verdict.count() == 1


def test_a_session_of_ten(visit):
    page = visit()
    page.locator("[data-do=session]").first.click()
    for turn in range(1, 11):
        page.wait_for_url(f"**/?quiz={turn}")
        page.get_by_text(f"{turn} of 10").wait_for()
        page.keyboard.press("s")
        page.locator(".verdict:visible").wait_for()
        page.keyboard.press("12333"[turn % 5])
    page.get_by_role("heading", name="2 known, 2 half, 6 not yet").wait_for()
    assert page.locator("section.session li").count() == 8


def test_without_javascript_all_is_there_and_nothing_is_dead(visit, question):
    path = folder(question.path)
    page = visit(path, java_script_enabled=False, width=NARROW)
    assert page.evaluate(TEXT) == visit(path, width=NARROW).evaluate(TEXT)
    assert page.evaluate(UNSEEN) == []
    assert page.locator(".practice").count() > 0
    assert page.locator(":is(.practice, .live):visible").count() == 0
    unfold(page)
    assert page.evaluate(HIDDEN) == []
