"""What is to be written, spotted and foretold is at hand: opened, whole, and judged."""

import pytest

from tests.browser.conftest import DRAWN, NARROW, SCHEMES, until
from tests.browser.looks import SHOWN
from tests.browser.smoke.conftest import QUESTIONS
from workshop.render import turns
from workshop.takeaway.links import folder

BOUNDS = "low", "high"
QUIZ = "localStorage.setItem('dlref.quiz', 'on')"
# A browser may open no fold for an address: then we must.
CLOSE = "document.querySelectorAll('details').forEach((fold) => (fold.open = false))"
SHUT = f"() => {{ {CLOSE}; dispatchEvent(new HashChangeEvent('hashchange')); }}"
HERE = f"({SHOWN})(document.querySelector('.task[open] > summary'))"
# Listings of which a part is out of sight.
CUT = """() => [...document.querySelectorAll(".task:has(form) pre, .task:has(form) code")]
  .filter((x) => x.scrollWidth > x.clientWidth).map((x) => x.textContent)"""
# The contrast of an edge with what it stands on.
EDGE = """(field) => {
  const light = (color) => {
    const parts = color.match(/[0-9.]+/g).slice(0, 3).map((x) => x / 255);
    const linear = (x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = parts.map(linear);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const { borderColor, borderWidth } = getComputedStyle(field);
  const pair = [borderColor, getComputedStyle(document.body).backgroundColor].map(light);
  return parseFloat(borderWidth) && Math.max(...pair) / Math.min(...pair);
}"""


FIRST = QUESTIONS[0]


def place(question, task):
    return f"{question.number.lower()}-your-turn-{task}"


def arrive(visit, question, task, **options):
    """Come from elsewhere to a task of the question's turn; see its fold."""
    address = place(question, task)
    page = visit(f"{folder(question.path)}#{address}", **options)
    return page, page.locator(f".task:has(> #{address})")


def go_on(page, question, task):
    """Follow an address on the same page, whose folds are closed."""
    address = place(question, task)
    page.evaluate(CLOSE)
    page.evaluate("(address) => (location.hash = address)", address)
    return page.locator(f".task:has(> #{address})")


def test_an_address_lands_on_its_own_exercise_opened(visit, question):
    first, *others = turns.of(question.number)
    page, task = arrive(
        visit,
        question,
        first.key,
        width=NARROW,
        watch=lambda page: page.add_init_script(QUIZ),
    )
    lands(page, task, first)
    for exercise in others:
        lands(page, go_on(page, question, exercise.key), exercise)


def lands(page, task, exercise):
    until(page, HERE)
    page.evaluate(SHUT)
    until(page, HERE)
    assert page.locator(".task[open]").count() == 1
    assert task.get_by_text(f"start {exercise.key}").is_visible()
    assert not page.locator("#in-one-breath").is_visible()


def test_each_task_is_a_tap_away_and_whole_on_a_phone(visit, question):
    page = visit(folder(question.path), width=NARROW)
    turn = page.locator(".turn")
    turn.locator("> summary").click()
    tasks = len(turns.of(question.number)) + turn.locator("form").count()
    assert turn.locator(".task > summary:visible").count() == tasks
    assert turn.bounding_box()["height"] < 844  # a phone
    page.evaluate("document.querySelectorAll('.task').forEach((x) => x.open = true)")
    page.evaluate(DRAWN)
    assert page.locator(".task:has(form) code:visible").count() > 0
    assert page.evaluate(CUT) == []


def test_what_is_spotted_and_foretold_is_judged(visit, question):
    page, task = arrive(visit, question, "spot")
    judges(task, "Wrong line:", lines(task)[0])
    task = go_on(page, question, "predict")
    right = task.locator(".answer p").text_content()
    judges(task, "It prints:", {f"{right}9e9": "Not yet.", right: "Yes."})


def lines(task):
    """What is said of a wrong line, of the first and of the last right one; how many."""
    low, high = (int(task.locator("form").get_attribute(f"data-{x}")) for x in BOUNDS)
    most = task.locator("pre span").count()
    wrong = ({*range(1, most + 1)} - {*range(low, high + 1)}).pop()
    return {str(wrong): "Not yet.", str(low): "Yes.", str(high): "Yes."}, most


def judges(task, field, said):
    for typed, expected in said.items():
        task.get_by_label(field).fill(typed)
        task.get_by_role("button", name="Check").click()
        assert task.locator("output").inner_text() == expected, typed


# What is the same on all pages is tried on the first.


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_field_is_seen_and_touched(visit, scheme):
    _, task = arrive(visit, FIRST, "spot", width=NARROW, scheme=scheme)
    for part in task.locator("input, [type=submit]").all():
        assert part.bounding_box()["height"] >= 40
        assert part.evaluate("(x) => parseFloat(getComputedStyle(x).fontSize)") >= 16
        assert part.evaluate(EDGE) >= 3


def test_a_line_is_judged_and_what_is_none_is_told_by_button_and_by_key(visit):
    page, task = arrive(visit, FIRST, "spot")
    judged, most = lines(task)
    takes = f"Type the number of a line, 1 to {most}."
    said = dict.fromkeys(["abc", "", "0", "1.5", str(most + 1)], takes)
    said |= judged
    check = task.get_by_role("button", name="Check")
    for send in check.click, lambda: page.keyboard.press("Enter"):
        for typed, expected in said.items():
            task.get_by_label("Wrong line:").fill("")
            task.get_by_label("Wrong line:").press_sequentially(typed)
            send()
            assert task.locator("output").inner_text() == expected, typed


def test_what_is_no_number_is_told_what_would_be(visit):
    _, task = arrive(visit, FIRST, "predict")
    judges(task, "It prints:", {"": "Type a number, such as 0.5."})
