"""Each question can be practiced, and what it says is there without JavaScript too."""

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
    assert [text.rstrip("¶") for text in headings[1:]] == ["The question"]
    assert page.locator("article blockquote").first.is_visible()
    assert page.locator(".md-nav--secondary:visible").count() == 0
    assert len(page.locator("article").inner_text().split()) < 70  # with panel and keys
    page.keyboard.press("s")
    page.locator("#in-one-breath:visible").wait_for()
    unfold(page)
    page.evaluate(DRAWN)  # the tabs of a fold follow when it opens
    assert {*chosen(page)} == {"PyTorch"}


def test_without_javascript_all_is_there_and_nothing_is_dead(visit, question):
    path = folder(question.path)
    page = visit(path, java_script_enabled=False, width=NARROW)
    assert page.evaluate(TEXT) == visit(path, width=NARROW).evaluate(TEXT)
    assert page.evaluate(UNSEEN) == []
    assert page.locator(".practice").count() > 0
    assert page.locator(":is(.practice, .live):visible").count() == 0
    unfold(page)
    assert page.evaluate(HIDDEN) == []
