"""Practicing: hidden answers, keys, a random question, progress and filters."""

import json
import re

import pytest

from tests.browser.behavior.conftest import FIRST, PATHS, SECOND, THIRD
from tests.browser.behavior.conftest import QUESTIONS as ALL
from tests.browser.conftest import (
    DRAWN,
    NARROW,
    SCHEMES,
    WIDE,
    chosen,
    page_through,
    unfold,
    until,
)
from tests.browser.looks import sideways
from tests.browser.without_script import UNSEEN
from workshop import ROOT

DOCS = ROOT / "docs"
SCRIPTS = DOCS / "assets" / "javascripts"
FORBID_STORAGE = """
for (const name of ["getItem", "setItem", "removeItem"]) {
  const allowed = Storage.prototype[name];
  Storage.prototype[name] = function (key, ...rest) {
    if (key.startsWith("dlref.")) throw new DOMException("no storage", "SecurityError");
    return allowed.call(this, key, ...rest);
  };
}
"""
UNFINISHED = json.dumps({"items": [{"mark": "known"}] * 9 + [{}]})
SHIFTS = """(since) => new Promise((done) => {
  new PerformanceObserver((list) =>
    done(list.getEntries().filter((shift) => shift.startTime > since).map((e) => e.value))
  ).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done([]), 300);
})"""


COLOR = "(part) => getComputedStyle(part).color"
TAPPED = """() => [...document.querySelectorAll(".chip, .parts a")]
  .map((part) => part.getBoundingClientRect().height).filter((height) => height)"""
MARKED = "td[data-mark]:not([data-mark=''])"
NUMBERS = [question.number for question in ALL]
LEVELS = {question.level for question in ALL}
TAGS = {tag for question in ALL for tag in question.tags}
VERDICTS = ["Knew it", "Half", "Not yet"]


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def answer(page):
    return page.locator("#in-one-breath")


def numbers(page):
    """The numbers that the table of the home page shows."""
    return page.locator(
        "tr:visible:has(td:nth-child(4)) td:first-child"
    ).all_inner_texts()


def quizzed(visit, path=FIRST, **options):
    """A page with its answer hidden."""
    page = visit(path, **options)
    button(page, "Quiz me").click()
    assert not answer(page).is_visible()
    return page


def know(page, *known):
    """Have these numbers stored as known."""
    for number in known:
        page.evaluate(f"localStorage.setItem('dlref.{number.lower()}', 'known')")


def reload_slowly(page):
    """Load the page up to the theme's script; the result, called, lets that come."""
    held = []
    page.route("**/bundle.*.js", lambda route: held.append(route))
    with page.expect_request("**/bundle.*.js"):
        page.reload(wait_until="commit")
    page.locator("article h1").wait_for()
    page.evaluate("document.fonts.ready")
    assert page.evaluate("document.readyState") != "complete"
    return lambda: held[0].continue_()


# Without JavaScript.


@pytest.mark.parametrize("path", ["", *PATHS])
def test_without_javascript_all_is_readable_and_nothing_is_dead(visit, path):
    page = visit(path, java_script_enabled=False)
    assert page.evaluate(UNSEEN) == []
    assert page.locator(".practice").count() > 0
    assert page.locator(":is(.practice, .live):visible").count() == 0


# Quiz me.


def test_answers_are_shown_until_the_quiz_is_on(visit):
    page = visit(FIRST)
    assert answer(page).is_visible()
    assert button(page, "Quiz me").get_attribute("aria-pressed") == "false"
    assert not button(page, "Show the answer").is_visible()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_quiz_leaves_the_question_alone(visit, path, width):
    page = quizzed(visit, path, width=width)
    headings = page.locator("article :is(h1, h2, h3):visible").all_inner_texts()
    assert headings[1:] == ["The question"]
    assert page.locator("article blockquote").first.is_visible()
    assert page.locator(":is(.md-sidebar--secondary nav, .parts):visible").count() == 0
    words = page.locator("article").inner_text().split()
    assert len(words) < 70  # question, panel, keys


def test_the_quiz_is_remembered_until_it_is_off(visit, root):
    page = quizzed(visit)
    page.reload()
    assert not answer(page).is_visible()
    page.goto(root + SECOND)
    assert not answer(page).is_visible()
    assert button(page, "Quiz me").get_attribute("aria-pressed") == "true"
    button(page, "Quiz me").click()
    assert answer(page).is_visible()
    page.reload()
    assert answer(page).is_visible()


def test_an_answer_is_hidden_before_it_is_painted(visit):
    page = quizzed(visit)
    release = reload_slowly(page)
    assert not answer(page).is_visible()
    assert button(page, "Show the answer").is_visible()
    release()


@pytest.mark.parametrize("key", ["Enter", "Space", "s"])
def test_the_answer_is_shown_and_has_the_focus(visit, key):
    page = quizzed(visit)
    if key != "s":
        button(page, "Show the answer").focus()
    page.keyboard.press(key)
    assert answer(page).is_visible()
    assert page.evaluate("document.activeElement.id") == "in-one-breath"
    assert page.locator(".practice[role=status]").inner_text() == "The answer is shown."
    assert not button(page, "Show the answer").is_visible()
    assert page.locator("[data-md-toggle=search]:checked").count() == 0
    page.reload()
    assert not answer(page).is_visible()


def test_figures_and_tabs_of_a_shown_answer_are_whole(visit):
    page = quizzed(visit)
    page.reload()
    page.keyboard.press("s")
    page.locator(".tabbed-labels label").nth(1).click()
    assert page.locator(".tabbed-block:visible").count() >= 1
    assert page.locator("svg.plot").first.bounding_box()["width"] > 200


@pytest.mark.parametrize("anchor", ["what-goes-wrong", "sources"])
def test_a_link_into_the_answer_shows_it(visit, root, anchor):
    page = quizzed(visit)
    page.goto(root + SECOND)
    page.goto(f"{root}{FIRST}#{anchor}")
    assert page.locator(f"#{anchor}").is_visible()
    until(page, "scrollY > 200")
    assert button(page, "Quiz me").get_attribute("aria-pressed") == "true"


def test_a_link_on_the_page_itself_shows_the_answer(visit):
    page = quizzed(visit)
    page.evaluate("location.hash = 'what-goes-wrong'")
    until(page, "scrollY > 200")
    assert page.locator("#what-goes-wrong").is_visible()


@pytest.mark.parametrize("anchor", ["dl0001", "the-question"])
def test_a_link_to_the_question_does_not(visit, root, anchor):
    page = quizzed(visit)
    page.goto(root + SECOND)
    page.goto(f"{root}{FIRST}#{anchor}")
    assert not answer(page).is_visible()


def test_paper_has_the_answer_and_no_buttons(visit):
    page = quizzed(visit)
    page.emulate_media(media="print")
    assert answer(page).is_visible()
    assert page.locator("#sources").is_visible()
    assert page.locator(".practice:visible").count() == 0


# What you know.


def pressed(page):
    """The verdict that is pressed, if any."""
    chosen = page.locator(".verdict [aria-pressed=true]").all_inner_texts()
    assert len(chosen) <= 1
    return "".join(chosen)


@pytest.mark.parametrize("way", ["click", "key"])
def test_a_verdict_is_remembered_and_can_be_taken_back(visit, way):
    page = visit(FIRST)
    assert page.locator(".verdict button").all_inner_texts() == VERDICTS
    assert pressed(page) == ""
    for key, name in enumerate(VERDICTS, start=1):
        if way == "click":
            button(page, name).click()
        else:
            page.keyboard.press(str(key))
        assert pressed(page) == name
        page.reload()
        assert pressed(page) == name
    button(page, name).click()
    assert pressed(page) == ""
    page.reload()
    assert pressed(page) == ""


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_verdict_stands_below_the_breath_and_takes_no_room(visit, path, width):
    page = visit(path, width=width)
    verdict = page.locator("#in-one-breath + p + .verdict[role=group]")
    box = verdict.bounding_box()
    heading = page.locator("#in-one-breath ~ h2").first
    below = bottom(page.locator("#in-one-breath + p"))
    start = heading.bounding_box()["y"]
    assert below < box["y"] < bottom(verdict) < start
    verdict.evaluate("(verdict) => verdict.remove()")
    assert start - heading.bounding_box()["y"] < 4  # pixels


def bottom(part):
    box = part.bounding_box()
    return box["y"] + box["height"]


def test_no_verdict_before_the_answer(visit):
    page = quizzed(visit)
    assert not button(page, "Knew it").is_visible()
    page.keyboard.press("1")
    page.keyboard.press("s")
    assert button(page, "Knew it").is_visible()
    assert pressed(page) == ""


def test_marks_of_a_former_version_hold(visit, root):
    page = visit(FIRST)
    know(page, "DL0001")
    page.evaluate("localStorage.setItem('dlref.dl0003', 'again')")
    page.reload()
    assert pressed(page) == "Knew it"
    page.goto(root + SECOND)
    assert pressed(page) == "Not yet"
    page.goto(root)
    assert page.locator("td[data-mark=known]").inner_text() == "DL0001"
    assert page.locator("td[data-mark=not-yet]").inner_text() == "DL0003"


def test_the_home_page_shows_what_is_known_and_can_forget_it(visit, root):
    page = visit()
    button(page, "marks ▾").click()
    assert page.locator(MARKED).count() == 0
    for path, name in zip(PATHS, VERDICTS, strict=True):
        page.goto(root + path)
        button(page, name).click()
    page.goto(root)
    marks = page.locator(MARKED)
    assert marks.all_inner_texts() == NUMBERS
    shown = marks.evaluate_all("all => all.map((cell) => cell.dataset.mark)")
    assert shown == ["known", "half", "not-yet"]
    fold = button(page, f"1 of {len(NUMBERS)} known ▾")
    assert fold.get_attribute("aria-expanded") == "false"
    assert not page.locator("[data-do=reset]").is_visible()
    fold.click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator("[data-do=reset]").click()
    assert page.locator(MARKED).count() == 0
    page.reload()
    assert "known" not in page.locator("#random").inner_text()


def test_a_home_page_left_open_shows_a_new_verdict(visit, root):
    page = visit()
    other = page.context.new_page()
    other.goto(root + FIRST)
    button(other, "Knew it").click()
    page.locator("td[data-mark=known]").wait_for()
    # Going back finds the page as it was left, but not under test: so the event is sent.
    page.evaluate("localStorage.removeItem('dlref.dl0001')")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow'))")
    assert page.locator("td[data-mark=known]").count() == 0


def test_two_windows_do_not_forget_for_each_other(visit, root):
    page = visit(FIRST)
    other = page.context.new_page()
    other.goto(root + SECOND)
    button(page, "Knew it").click()
    button(other, "Knew it").click()
    page.goto(root)
    assert page.locator("td[data-mark=known]").count() == 2


def test_all_works_without_storage_but_nothing_is_remembered(visit, root):
    page = visit(FIRST)
    page.context.add_init_script(FORBID_STORAGE)
    page.reload()
    button(page, "Quiz me").click()
    assert not answer(page).is_visible()
    page.keyboard.press("s")
    button(page, "Knew it").click()
    assert pressed(page) == "Knew it"
    page.keyboard.press("j")
    page.wait_for_url(root + SECOND)
    assert answer(page).is_visible()
    page.goto(root)
    assert "known" not in page.locator("#random").inner_text()
    button(page, "beginner").click()
    assert len(numbers(page)) < len(NUMBERS)


# Keys.


def test_j_and_k_walk_the_questions_in_the_order_of_the_table(visit, root):
    page = visit()
    assert numbers(page) == NUMBERS
    for path in PATHS:
        page.keyboard.press("j")
        page.wait_for_url(root + path)
    page.keyboard.press("j")
    for path in reversed(PATHS[:-1]):
        page.keyboard.press("k")
        page.wait_for_url(root + path)
    page.keyboard.press("k")
    page.wait_for_timeout(200)
    assert page.url == root + PATHS[0]


@pytest.mark.parametrize("key", ["Control+j", "Alt+j", "Meta+j", "Shift+J"])
def test_keys_with_a_modifier_are_the_browsers(visit, root, key):
    page = visit(FIRST)
    page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.url == root + FIRST


def test_typing_is_typing(visit, root):
    page = quizzed(visit)
    page.keyboard.press("/")
    page.keyboard.type("jkrs")
    page.wait_for_timeout(300)
    assert page.url == root + FIRST
    assert not answer(page).is_visible()
    assert page.locator("input:focus").input_value() == "jkrs"


def test_after_a_click_on_a_tab_keys_work(visit, root):
    page = visit(FIRST)
    page.locator(".tabbed-labels label").nth(1).click()
    page.keyboard.press("j")
    page.wait_for_url(root + SECOND)


def test_s_is_the_search_where_no_answer_is_hidden(visit):
    page = visit(FIRST)
    page.keyboard.press("s")
    until(page, "document.activeElement.matches('input')")


@pytest.mark.parametrize("touch", [False, True])
def test_keys_are_told_where_there_are_keys(visit, touch):
    page = visit(FIRST, is_mobile=touch, has_touch=touch)
    assert page.locator(".keys").is_visible() != touch


def test_keys_can_be_turned_off(visit, root):
    page = quizzed(visit)
    page.get_by_label("Keys").uncheck()
    page.reload(wait_until="networkidle")
    assert not page.get_by_label("Keys").is_checked()
    for key in "jkrsn/":
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert page.url == root + FIRST
    assert not answer(page).is_visible()
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.get_by_label("Keys").check()
    page.keyboard.press("j")
    page.wait_for_url(root + SECOND)


# A random question.


@pytest.mark.parametrize("way", ["click", "r"])
@pytest.mark.parametrize("path", ["", FIRST])
def test_random_prefers_what_is_not_known(visit, root, path, way):
    page = visit(path)
    know(page, *(number for number in NUMBERS if number != "DL0003"))
    if way == "r":
        page.keyboard.press("r")
    else:
        page.locator("[data-do=random]").click()
    page.wait_for_url(root + SECOND)
    page.go_back()
    assert page.url == root + path


def test_random_takes_another_question_even_if_all_are_known(visit, root):
    page = visit(FIRST)
    know(page, *NUMBERS)
    page.add_init_script("Math.random = () => 0.999999")
    page.keyboard.press("r")
    page.wait_for_url(root + THIRD)
    page.keyboard.press("r")
    page.wait_for_url(root + SECOND)


def test_random_keeps_to_the_filters(visit, root):
    page = visit("#tag=circles")
    page.keyboard.press("r")
    page.wait_for_url(root + FIRST)
    page.go_back()
    assert page.url == f"{root}#tag=circles"


# Filters.


def test_each_level_and_tag_shows_its_questions(visit):
    page = visit()
    button(page, "tags ▾").click()
    chips = page.locator("[data-do=filter]")
    assert set(chips.all_inner_texts()) == LEVELS | TAGS
    for chip in chips.all():
        name = chip.inner_text()
        chip.click()
        assert numbers(page) == [
            question.number
            for question in ALL
            if name in (question.level, *question.tags)
        ]
        chip.click()
    assert numbers(page) == NUMBERS


def test_filters_combine_and_stand_in_the_address(visit, root):
    page = visit()
    button(page, "tags ▾").click()
    for name in "beginner", "advanced", "circles", "memory":
        button(page, name).click()
    assert page.url == (f"{root}#level=beginner&level=advanced&tag=circles&tag=memory")
    assert numbers(page) == ["DL0001", "DL0003"]
    assert f"2 of {len(NUMBERS)} shown" in page.locator("#random").inner_text()
    page.reload()
    assert numbers(page) == ["DL0001", "DL0003"]
    assert button(page, "memory").get_attribute("aria-pressed") == "true"
    assert button(page, "probabilities").get_attribute("aria-pressed") == "false"
    for name in "beginner", "advanced", "circles", "memory":
        button(page, name).click()
    assert page.url == root
    assert numbers(page) == NUMBERS


def test_filters_that_fit_nothing_say_so(visit):
    page = visit("#level=beginner&tag=memory")
    assert numbers(page) == []
    assert f"0 of {len(NUMBERS)} shown" in page.locator("#random").inner_text()


def test_tags_are_folded_until_asked_for(visit):
    page = visit()
    fold = button(page, "tags ▾")
    assert fold.get_attribute("aria-expanded") == "false"
    assert not button(page, "memory").is_visible()
    fold.click()
    assert fold.get_attribute("aria-expanded") == "true"
    assert button(page, "memory").is_visible()


# Calm.


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", ["", FIRST])
def test_nothing_moves_while_a_page_loads(visit, path, width):
    page = visit(path, width=width)
    know(page, "DL0001", "DL0003")
    page.evaluate("localStorage.setItem('dlref.quiz', 'on')")
    release = reload_slowly(page)
    since = page.evaluate("performance.now()")
    release()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS, since) == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_moves_when_folds_were_open(visit, width):
    page = visit(FIRST, width=width)
    unfold(page)
    until(page, "history.state?.every(Boolean)")
    page.evaluate("location.hash = 'dl0001'")  # another entry of the history
    until(page, "history.state?.every(Boolean)")
    release = reload_slowly(page)
    assert page.evaluate("[...document.querySelectorAll('details')].every((x) => x.open)")
    since = page.evaluate("performance.now()")
    release()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(SHIFTS, since) == []


@pytest.mark.parametrize("touch", [False, True])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_buttons_of_the_home_page_have_their_room(visit, width, touch):
    page = visit(width=width, is_mobile=touch, has_touch=touch)
    know(page, *NUMBERS)
    page.evaluate(f"localStorage.setItem('dlref.session', '{UNFINISHED}')")
    release = reload_slowly(page)
    room = page.locator("#random").bounding_box()
    release()
    button(page, "Go on: 10 of 10").wait_for()
    assert page.locator("#random").bounding_box() == pytest.approx(room, abs=0.5)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", ["#tag=memory", FIRST])
def test_nothing_scrolls_sideways(visit, path, scheme):
    page = visit(path, width=NARROW, scheme=scheme)
    know(page, *NUMBERS)
    page.evaluate("localStorage.setItem('dlref.quiz', 'on')")
    page.reload()
    assert sideways(page) <= 0


@pytest.mark.parametrize("path", ["", "cheat-sheet/", FIRST])
def test_what_is_small_is_large_enough_for_a_finger(visit, path):
    page = visit(path, width=NARROW, is_mobile=True, has_touch=True)
    heights = page.evaluate(TAPPED)
    assert heights
    assert min(heights) >= 36  # pixels
    assert sideways(page) <= 0
    page_through(page)
    for button in page.locator(".snippet .md-code__button:visible").all():
        assert button.evaluate(COLOR) == page.locator(".takeaway").first.evaluate(COLOR)


def test_the_focus_is_seen(visit):
    page = quizzed(visit)
    page.keyboard.press("Tab")
    for name in "Quiz me", "Show the answer":
        button(page, name).focus()
        style = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(style) == "solid", name


# The theme's tabs, and the policy.


@pytest.mark.parametrize("path", PATHS)
def test_the_choice_of_a_tab_is_remembered(visit, root, path):
    page = visit(FIRST)
    assert "NumPy" in chosen(page)
    page.locator(".tabbed-labels label").get_by_text("PyTorch", exact=True).first.click()
    page.goto(root + path)
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")
    page.evaluate(DRAWN)
    assert set(chosen(page)) == {"PyTorch"}


def test_the_tabs_of_a_fold_follow_a_later_choice(visit):
    page = visit(FIRST)
    fold = page.locator("details:has(.tabbed-set)")
    tab = page.locator(".tabbed-labels label:visible")
    for language in "PyTorch", "NumPy":
        tab.get_by_text(language, exact=True).first.click()
        fold.locator("> summary").click()
        page.evaluate(DRAWN)
        assert set(chosen(page)) == {language}
        fold.locator("> summary").click()


def test_nothing_of_ours_runs_inline():
    # With this type, a script is data.
    is_run = r'<script(?! type="application/ld\+json">|[^>]*\bsrc=)'
    inline = re.compile(rf"{is_run}|\son\w+=|javascript:|style=")
    theme = ROOT / "workshop/render/theme"
    for path in [*theme.rglob("*.html"), *SCRIPTS.rglob("*.js")]:
        assert not inline.search(path.read_text(encoding="utf-8")), path
