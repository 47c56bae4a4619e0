"""A page for those who enlarge it, want it still, listen to it, or touch it."""

import pytest

from tests.browser.access import ENLARGED, MOVES, can_be_heard, heard, plain, stays_whole
from tests.browser.behavior.conftest import FIRST
from tests.browser.conftest import NARROW, page_through, unfold, until
from tests.browser.looks import can_be_used

PAGES = "", FIRST, "reference/cost/"


@pytest.mark.parametrize("width", ENLARGED)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_enlarged_loses_nothing(visit, path, width):
    page = visit(path, width=width, scheme="dark")
    stays_whole(page)
    page.set_viewport_size({"width": width, "height": 900})
    page_through(page)
    can_be_used(page)


LONG = """(style) => {
  const text = document.createElement("p");
  document.querySelector("#the-answer").after(text);
  text.textContent = "x".repeat(200);
  text.className = "planted";
  const rule = `.planted { overflow-wrap: normal; ${style} }`;
  document.adoptedStyleSheets = [new CSSStyleSheet()];
  document.adoptedStyleSheets[0].replaceSync(rule);
}"""


@pytest.mark.parametrize("style", ["", "overflow: hidden", "display: none"])
def test_a_word_that_is_lost_is_found(visit, style):
    page = visit(FIRST, width=320)
    page.evaluate(LONG, style)
    with pytest.raises(AssertionError):
        stays_whole(page)


def test_for_who_wants_it_still_nothing_moves(visit):
    page = visit(FIRST)
    assert page.evaluate(MOVES) == []
    page.locator("article details > summary").first.click()
    page.locator(".md-search__input").click()
    page.keyboard.press("Escape")
    page.mouse.wheel(0, 1500)
    until(page, "scrollY > 1000")
    page.locator("figure.live text").first.wait_for()
    assert page.evaluate(MOVES) == []
    page.locator(".md-top").dispatch_event("click")
    assert page.evaluate("scrollY") == 0  # at once


@pytest.mark.parametrize(
    "style",
    [
        "p { transition: color 1s }",
        "p::after { transition: all 2s }",
        "@keyframes a { to { opacity: 0 } } p { animation: a 1s infinite }",
        "html { scroll-behavior: smooth }",
    ],
)
def test_what_moves_is_found(visit, style):
    page = visit(FIRST)
    page.evaluate(
        "(style) => { const sheet = new CSSStyleSheet(); sheet.replaceSync(style);"
        "document.adoptedStyleSheets = [sheet]; }",
        style.replace(" }", " !important }") if "keyframes" not in style else style,
    )
    assert page.evaluate(MOVES)


# To a screen reader


@pytest.mark.parametrize("path", PAGES)
def test_a_screen_reader_is_told_all(visit, path):
    can_be_heard(visit(path))


@pytest.mark.parametrize(
    "fault",
    [
        "(page) => page.querySelector('math mi').ariaHidden = true",
        "(page) => page.querySelector('svg.plot').removeAttribute('aria-labelledby')"
        " || page.querySelector('svg.plot title').remove()",
        "(page) => page.querySelector('svg.plot desc').remove()",
        "(page) => page.querySelector('.tools button').replaceChildren()"
        " || page.querySelector('.tools button').removeAttribute('aria-label')",
    ],
)
def test_what_is_not_told_is_found(visit, fault):
    page = visit(FIRST)
    page.evaluate(f"({fault})(document.querySelector('article'))")
    with pytest.raises(AssertionError):
        can_be_heard(page)


def test_a_formula_is_heard_with_all_of_its_letters(visit):
    page = visit(FIRST)
    formula = next(node for node in heard(page) if node.role == "MathMLMath")
    assert formula.text == plain("σ = 1 1 + e −z")


def test_a_figure_is_heard_with_its_title_and_description(visit):
    page = visit(FIRST)
    images = [(x.name, x.description) for x in heard(page) if x.role == "image"]
    told = "The sigmoid rises from 0 to 1.", "It is steepest at 0, where it is one half:"
    assert any(name == told[0] and text.startswith(told[1]) for name, text in images), (
        images
    )


def test_a_live_figure_says_what_it_shows(visit):
    page = visit(FIRST)
    page.locator("figure.live").scroll_into_view_if_needed()
    page.locator("figure.live text").first.wait_for()
    said = [node.name for node in heard(page) if node.role == "image"]
    assert any("against tokens in each sequence" in name for name in said)
    sliders = [node for node in heard(page) if node.role == "slider"]
    assert [node.name for node in sliders] == ["tokens", "KV heads", "sequences"]


def test_a_covered_answer_is_not_heard_until_it_is_asked_for(visit):
    page = visit(FIRST)

    def words():
        return "".join(node.name for node in heard(page) if node.role == "StaticText")

    def buttons():
        return {
            x.name: x.properties.get("pressed") for x in heard(page) if x.role == "button"
        }

    assert buttons()["Quiz me"] == "false"
    page.get_by_role("button", name="Quiz me").press("Enter")
    assert buttons()["Quiz me"] == "true"
    assert "What does a sigmoid do to a logit?" in words()
    assert "maps any number" not in words()
    assert not [x for x in heard(page) if x.role in ("MathMLMath", "slider", "figure")]
    page.get_by_role("button", name="Show the answer").press("Enter")
    assert "maps any number" in words()
    said = plain("The answer is shown.")
    [status] = [x for x in heard(page) if x.role == "status" and x.text == said]
    assert status.properties["live"] == "polite"
    knew = "Knew it"
    assert buttons()[knew] == "false"
    page.get_by_role("button", name=knew).press("Enter")
    assert buttons()[knew] == "true"


# By touch


def test_where_nothing_hovers_the_signs_are_there(visit):
    page = visit(FIRST, width=NARROW, has_touch=True, is_mobile=True)
    unfold(page)
    can_be_used(page, "scrollable-region-focusable")  # a finger scrolls without a focus
    signs = page.locator("article :is(.headerlink, .tools button):visible")
    shown = signs.evaluate_all("all => all.map((x) => getComputedStyle(x).opacity)")
    assert {*shown} == {"1"}
