"""A session: ten questions, one after the other; and the marks as a file."""

import json
import re

import pytest

from tests.browser.behavior.conftest import FIRST
from tests.browser.behavior.test_practice import (
    FORBID_STORAGE,
    SHIFTS,
    answer,
    button,
    pressed,
)
from tests.browser.conftest import NARROW, SCHEMES, WIDE, until
from tests.browser.looks import usable

# All that the small site can ask: fewer than ten.
QUESTION_IDS = ["dl0001", "dl0003", "dl0002"]
FOLLOW_UPS = [
    "dl0001-is-it-symmetric",
    "dl0001-what-is-its-slope-at-0",
    "dl0001-what-is-its-inverse",
    "dl0003-in-which-unit",
    "dl0002-who-else-remembers",
]
ITEMS = {*QUESTION_IDS, *FOLLOW_UPS}
STATUS = "#random [role=status]"
ALL_MARKS = """() => Object.fromEntries(Object.entries(localStorage)
  .filter(([key]) => /^dlref\\.dl/.test(key)).sort())"""


def store(page, marks):
    """Have these marks stored, by address."""
    for name, mark in marks.items():
        page.evaluate(
            "([name, mark]) => localStorage.setItem(`dlref.${name}`, mark)", [name, mark]
        )


def items(page):
    """What the session asks, in its order."""
    session = page.evaluate("localStorage.getItem('dlref.session')")
    return [item["id"] for item in json.loads(session)["items"]]


def begun(visit, marks=(), path="", **options):
    """The first question of a session."""
    page = visit(path, **options)
    store(page, dict(marks))
    button(page, "Quiz me").click()
    at(page, 1)
    return page


def at(page, turn):
    """Wait until the session has come to a question."""
    page.wait_for_url(f"**?quiz={turn}")
    page.locator("[data-practice=covered] .session").wait_for()


def told(page):
    """Have the answer shown."""
    page.keyboard.press("s")
    page.locator("[data-practice=open] .verdict").wait_for()


def take(page, *verdicts, start=1):
    """Answer one question after the other."""
    for turn, verdict in enumerate(verdicts, start):
        at(page, turn)
        told(page)
        button(page, verdict).click()


def go_on(page, turn):
    """The button of the home page that leads back into a session."""
    return page.locator("#random").get_by_role("button", name=f"Go on: {turn} of 8")


def result(page):
    page.wait_for_url("**?quiz=result")
    return page.locator("section.session")


# Asking.


def test_each_is_asked_once_and_the_result_says_what_was_not_known(visit, root):
    page = begun(visit)
    order = items(page)
    assert sorted(order) == sorted(ITEMS)
    verdicts = ["Knew it", "Half", "Not yet", "Knew it", *["Knew it"] * 4]
    for turn in range(1, 9):
        at(page, turn)
        line = page.locator(".session").inner_text().split("\n")[0]
        assert line.startswith(f"{turn} of 8")
        told(page)
        button(page, verdicts[turn - 1]).click()
    panel = result(page)
    assert panel.locator("h1").inner_text() == "6 known, 1 half, 1 not yet"
    assert panel.locator("h2").all_inner_texts() == ["Not yet", "Half"]
    links = panel.locator("li a")
    addresses = links.evaluate_all("all => all.map(({ hash }) => hash.slice(1))")
    assert addresses == [order[2], order[1]]
    assert panel.locator("a", has_text="Anki").get_attribute("href") == (
        f"{root}dlref.apkg"
    )
    assert page.locator("article > *:visible").count() == 1
    links.first.click()
    page.locator(f"#{order[2]}").wait_for()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_question_is_asked_as_in_the_quiz(visit, width):
    page = begun(visit, dict.fromkeys(QUESTION_IDS, "not-yet"), width=width)
    assert {*items(page)[:3]} == {*QUESTION_IDS}
    assert page.locator("article blockquote").first.is_visible()
    assert not answer(page).is_visible()
    told(page)
    assert answer(page).is_visible()
    assert page.locator("#in-one-breath + p + .verdict").is_visible()
    assert page.locator("#sources").is_visible()  # to read on


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("way", ["Show the answer", "s", "fold"])
def test_a_follow_up_question_is_asked_alone(visit, root, way, width):
    page = begun(visit, {"dl0001-what-is-its-inverse": "not-yet"}, width=width)
    assert page.url == f"{root}{FIRST}?quiz=1"
    fold = page.locator(".question:visible")
    headings = page.locator("article :is(h1, h2, h3):visible").all_inner_texts()
    assert len(headings) == 1
    assert fold.inner_text() == "What is its inverse?"
    assert page.locator(":is(.parts, .verdict, blockquote):visible").count() == 0
    if way == "s":
        page.keyboard.press("s")
    else:
        (fold.locator("summary") if way == "fold" else button(page, way)).click()
    page.locator("[data-practice=open]").wait_for()
    assert len(fold.inner_text()) > len("What is its inverse?")
    assert not button(page, "Show the answer").is_visible()
    assert not answer(page).is_visible()
    assert page.locator(".question + .verdict").is_visible()
    button(page, "Half").click()
    at(page, 2)
    marks = page.evaluate(ALL_MARKS)
    assert [*marks] == ["dlref.dl0001-what-is-its-inverse"]
    assert re.fullmatch(r"half \d{4}-\d\d-\d\dT[\d:.]+Z", *marks.values())


def test_what_is_not_known_comes_first_and_what_was_just_known_last(visit):
    marks = {
        "dl0001": "known 2026-11-02T00:00:00.000Z",
        "dl0001-is-it-symmetric": "half 2026-11-03T00:00:00.000Z",
        "dl0001-what-is-its-slope-at-0": "known 2026-11-01T00:00:00.000Z",
        "dl0002": "not-yet 2026-11-05T00:00:00.000Z",
        "dl0002-who-else-remembers": "again",  # of a former version, and so the oldest
        "dl0003": "half 2026-11-02T00:00:00.000Z",
    }
    order = items(begun(visit, marks))
    assert order[:4] == [
        "dl0002-who-else-remembers",
        "dl0002",
        "dl0003",
        "dl0001-is-it-symmetric",
    ]
    assert {*order[4:6]} == ITEMS - {*marks}  # never seen
    assert order[6:] == ["dl0001-what-is-its-slope-at-0", "dl0001"]


def test_chance_decides_among_equals(visit):
    orders = {tuple(items(begun(visit))) for _ in range(5)}
    assert len(orders) > 1


def test_a_session_keeps_to_the_filters(visit):
    order = items(begun(visit, path="#tag=circles"))
    assert {*order} == {x for x in ITEMS if x.startswith("dl0001")}


def test_nothing_to_ask_says_so(visit, root):
    page = visit("#level=beginner&tag=memory")
    button(page, "Quiz me").click()
    page.get_by_text("A session needs questions that are shown").wait_for()
    assert page.url.startswith(f"{root}#")


def test_a_session_needs_nothing_but_keys(visit):
    page = begun(visit)
    for turn in range(1, 9):
        at(page, turn)
        page.keyboard.press("1")  # not before the answer
        told(page)
        page.keyboard.press("123"[turn % 3])
    title = result(page).locator("h1").inner_text()
    assert title == "2 known, 3 half, 3 not yet"


# Going on, going back, leaving.


def test_reload_and_back_keep_the_place(visit, root):
    page = begun(visit)
    take(page, "Knew it", "Half")
    at(page, 3)
    page.reload()
    at(page, 3)
    page.go_back()
    page.wait_for_url("**?quiz=2")
    page.reload()
    told(page)
    assert pressed(page) == "Half"
    button(page, "Not yet").click()
    at(page, 3)
    take(page, *["Knew it"] * 6, start=3)
    assert result(page).locator("h1").inner_text() == "7 known, 0 half, 1 not yet"
    page.go_back()
    page.wait_for_url("**?quiz=8")
    page.go_forward()
    assert result(page).is_visible()


def test_a_reload_covers_a_fold_that_was_open(visit):
    page = begun(visit, {"dl0001-what-is-its-inverse": "not-yet"})
    told(page)
    until(page, "history.state?.includes(true)")
    page.reload()
    at(page, 1)
    assert page.locator(".asked[open]").count() == 0


def test_the_home_page_goes_on_with_a_session(visit, root):
    page = begun(visit)
    take(page, "Knew it")
    at(page, 2)
    order = items(page)
    page.goto(root)
    go_on(page, 2).click()
    at(page, 2)
    assert items(page) == order


def test_a_session_can_pause(visit, root):
    page = begun(visit)
    take(page, "Half")
    at(page, 2)
    page.get_by_text("Pause").click()
    page.wait_for_url(root)
    go_on(page, 2).click()
    at(page, 2)


def test_a_session_can_be_ended(visit, root):
    page = begun(visit)
    take(page, "Half")
    at(page, 2)
    page.get_by_text("End", exact=True).click()
    panel = result(page)
    assert panel.locator("h1").inner_text() == "0 known, 1 half, 0 not yet"
    panel.get_by_text("All questions").click()
    page.wait_for_url(root)
    assert button(page, "Quiz me").is_visible()


def test_ten_more_is_another_session(visit, root):
    page = begun(visit)
    take(page, "Half")
    at(page, 2)
    half = items(page)[0]
    page.get_by_text("End", exact=True).click()
    result(page).get_by_text("Ten more").click()
    at(page, 1)
    assert items(page)[0] == half
    page.go_back()  # past the address that only leads on
    assert result(page).is_visible()


def test_an_address_begins_a_session(visit):
    page = visit("#quiz")
    at(page, 1)
    assert len(items(page)) == 8


def test_a_link_begins_a_session_and_going_back_does_not_meet_it(visit, root):
    page = visit()
    page.evaluate("location.hash = 'quiz'")
    at(page, 1)
    page.go_back()
    assert page.url == root
    assert go_on(page, 1).is_visible()


def test_a_page_left_open_does_not_forget_for_the_others(visit):
    page = begun(visit)
    other = page.context.new_page()
    other.goto(page.url)
    take(other, "Knew it", "Half")
    at(other, 3)
    take(page, "Not yet")
    at(page, 3)
    session = json.loads(page.evaluate("localStorage.getItem('dlref.session')"))
    assert [x.get("mark") for x in session["items"]][:3] == ["not-yet", "half", None]


def test_without_its_session_an_address_is_that_of_the_page(visit):
    page = visit(f"{FIRST}?quiz=1")
    assert answer(page).is_visible()
    assert page.locator(".session").count() == 0


@pytest.mark.parametrize("turn", ["0", "9", "x", "2"])
def test_an_address_of_no_question_shows_the_page(visit, root, turn):
    page = begun(visit, {"dl0001": "not-yet", "dl0002": "half"})
    page.goto(f"{root}{FIRST}?quiz={turn}")  # the second is on another page
    page.locator("[data-practice=open]").wait_for()
    assert answer(page).is_visible()


def test_a_session_says_that_it_needs_storage(visit, root):
    page = visit(FIRST)
    page.context.add_init_script(FORBID_STORAGE)
    page.goto(f"{root}#quiz")
    page.get_by_text("A session needs").wait_for()
    assert page.locator("article h1").is_visible()
    button(page, "Quiz me").click()
    page.wait_for_timeout(200)
    assert page.url == f"{root}#quiz"


# Light and calm.


def test_its_scripts_are_loaded_where_they_are_used(visit, root):
    seen = []
    page = visit(FIRST, watch=lambda page: page.on("request", lambda x: seen.append(x)))

    def scripts():
        names = [x.url.rpartition("/")[2] for x in seen]
        seen.clear()
        return {*names} & {"home.js", "session.js", "quiz.js"}

    assert scripts() == set()
    page.goto(root)
    assert scripts() == {"home.js"}
    button(page, "Quiz me").click()
    at(page, 1)
    assert scripts() == {"session.js", "quiz.js"}
    take(page, "Half")
    at(page, 2)
    assert "quiz.js" not in scripts()


@pytest.mark.parametrize("first", ["dl0001", "dl0001-is-it-symmetric"])
def test_nothing_moves_when_a_question_is_asked(visit, first):
    page = begun(visit, {first: "not-yet"}, width=NARROW)
    page.reload()
    at(page, 1)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS, 0) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("first", ["dl0002", "dl0001-is-it-symmetric"])
def test_a_session_can_be_used_by_all(visit, first, scheme):
    page = begun(visit, {first: "not-yet"}, width=NARROW, scheme=scheme)
    usable(page)
    told(page)
    usable(page)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_result_can_be_used_by_all(visit, scheme):
    page = begun(visit, width=NARROW, scheme=scheme)
    take(page, "Not yet", "Half")
    at(page, 3)
    page.get_by_text("End", exact=True).click()
    result(page).wait_for()
    usable(page)


# The marks as a file.

OLD, NEW = "2026-11-01T00:00:00.000Z", "2026-11-20T00:00:00.000Z"


def exported(page):
    page.locator("[aria-controls=marks]").click()
    with page.expect_download() as download:
        button(page, "Export").click()
    assert download.value.suggested_filename == "dlref-marks.json"
    return download.value.path().read_text(encoding="utf-8")


def import_file(page, text):
    """Import a file; return what the page says to it."""
    if not button(page, "Import").is_visible():
        page.locator("[aria-controls=marks]").click()
    with page.expect_file_chooser() as chooser:
        button(page, "Import").click()
    file = {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    chooser.value.set_files(file)
    page.locator(STATUS, has_text=re.compile("mark", re.I)).wait_for()
    return page.locator(STATUS).inner_text()


def file_of(marks, **other):
    return json.dumps({"format": "dlref marks", "version": 1, "marks": marks} | other)


def test_marks_are_exported_to_be_read(visit):
    page = visit()
    store(page, {"dl0001": f"known {OLD}", "dl0002": "again", "quiz": "on"})
    page.reload()
    assert (
        exported(page)
        == """{
  "format": "dlref marks",
  "version": 1,
  "marks": {
    "dl0001": {
      "mark": "known",
      "on": "2026-11-01T00:00:00.000Z"
    },
    "dl0002": {
      "mark": "not-yet",
      "on": ""
    }
  }
}"""
    )


def test_what_one_browser_exports_another_imports(visit, root):
    page = begun(visit)
    take(page, "Knew it", "Half", "Not yet")
    at(page, 4)
    page.goto(root)
    text = exported(page)
    other = visit()
    assert import_file(other, text) == "3 marks read, 3 of them newer than yours."
    assert other.evaluate(ALL_MARKS) == page.evaluate(ALL_MARKS)


def test_of_two_marks_the_newer_holds(visit):
    page = visit()
    mine = {
        "dl0001": f"known {OLD}",
        "dl0002": f"known {NEW}",
        "dl0003": "again",
        "dl0003-in-which-unit": f"half {OLD}",
    }
    store(page, mine)
    page.reload()
    theirs = {
        "dl0001": {"mark": "half", "on": "2026-11-20"},
        "dl0002": {"mark": "half", "on": OLD},
        "dl0003": {"mark": "known", "on": OLD},
        "dl0003-in-which-unit": {"mark": "known"},
        "dl0001-is-it-symmetric": {"mark": "not-yet", "on": ""},
    }
    said = import_file(page, file_of(theirs))
    assert said == "5 marks read, 3 of them newer than yours."
    assert page.evaluate(ALL_MARKS) == {
        "dlref.dl0001": f"half {NEW}",
        "dlref.dl0001-is-it-symmetric": "not-yet",
        "dlref.dl0002": f"known {NEW}",
        "dlref.dl0003": f"known {OLD}",
        "dlref.dl0003-in-which-unit": f"half {OLD}",
    }
    assert page.locator("td[data-mark=half]").inner_text() == "DL0001"


GOOD = {"dl0002": {"mark": "known", "on": NEW}}


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("marks", "marks"),
        ("null", "null"),
        ("[]", "[]"),
        (
            file_of(GOOD, format="Anki"),
            '{"format": "Anki", "version": 1, "marks": {"dl0002": {"mark"',
        ),
        (
            file_of(GOOD, version=2),
            '{"format": "dlref marks", "version": 2, "marks": {"dl0002": ',
        ),
        (file_of(None), '{"format": "dlref marks", "version": 1, "marks": null}'),
        (file_of(GOOD | {"session": {"mark": "known"}}), 'session: {"mark":"known"}'),
        (file_of(GOOD | {"dl0001": {"mark": "again"}}), 'dl0001: {"mark":"again"}'),
        (file_of(GOOD | {"dl0001": None}), "dl0001: null"),
        (
            file_of(GOOD | {"dl0001": {"mark": "known", "on": "yesterday"}}),
            'dl0001: {"mark":"known","on":"yesterday"}',
        ),
    ],
)
def test_a_wrong_file_is_named_and_changes_nothing(visit, text, got):
    page = visit()
    store(page, {"dl0001": f"half {OLD}"})
    page.reload()
    before = page.evaluate(ALL_MARKS)
    said = import_file(page, text)
    assert said == (
        f"The file must be one that Export wrote; got {got}. No mark was changed."
    )
    assert page.evaluate(ALL_MARKS) == before


def test_reset_asks_then_forgets_all_marks_and_the_session(visit, root):
    page = begun(visit)
    take(page, "Knew it", "Half")
    at(page, 3)
    page.goto(root)
    import_file(page, "a wrong one")
    asked = []
    reset = page.locator("[data-do=reset]")
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    reset.click()
    assert asked == ["Forget 2 marks, and the session?"]
    assert page.locator(STATUS).inner_text() == ""
    assert len(page.evaluate(ALL_MARKS)) == 2
    assert go_on(page, 3).is_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    reset.click()
    assert page.evaluate(ALL_MARKS) == {}
    assert button(page, "Quiz me").is_visible()
