"""Finding a page and moving about in it: by hand, by key, and without JavaScript."""

import re
from collections import Counter

import pytest

from tests.browser.conftest import NARROW, QUESTIONS, SCHEMES, unfold
from tests.browser.test_pages import SHOWN
from workshop.takeaway.links import folder

PAGE = "losses/focal/"  # has tabs, folds, formulas and figures
OTHER = "optimizers/adam/"
SCHEME = "document.body.dataset.mdColorScheme"
SEARCHING = "document.activeElement.matches('.md-search__input')"
FIRST_RESULTS = ".md-search-result__item:nth-child(-n + 3) > a:first-of-type"
TOC = ".md-sidebar--secondary .md-nav__link"


# Search


def test_search_finds_each_question_by_title_number_and_a_word_of_its_own(visit):
    page = visit()
    page.keyboard.press("/")
    page.wait_for_function(SEARCHING)
    for question in QUESTIONS:
        for query in (question.title, question.number, own_word(question)):
            page.keyboard.press("Control+a")
            page.keyboard.type(query)
            page.locator(
                f"{FIRST_RESULTS}[href*='{folder(question.path)}']"
            ).first.wait_for()
    page.keyboard.press("Escape")
    page.wait_for_function(f"!{SEARCHING}")


def test_a_result_is_opened_by_keys(visit):
    page = visit(width=NARROW)
    page.keyboard.press("/")
    page.wait_for_function(SEARCHING)
    page.keyboard.type("DL0043")
    page.locator(".md-search-result__item [href*=kv-cache]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/attention/kv-cache/**")


def own_word(question):
    """The word that this question says most often, and no other question says."""
    others = set().union(*(words(x) for x in QUESTIONS if x != question))
    return next(word for word, _ in words(question).most_common() if word not in others)


def words(question):
    """Count the words that a reader would search: no code, formula, link or comment."""
    prose = re.sub(r"(?s)```.*?```|<!--.*?-->|\$.*?\$|`.*?`|\]\S+", " ", question.body)
    return Counter(re.findall(r"[a-z]{5,}", prose.lower()))


# What folds, switches and scrolls


def test_tabs_are_linked_and_remembered(visit):
    page = visit(PAGE)
    unfold(page)
    assert page.locator(".tabbed-labels").count() > 1
    for name in ("PyTorch", "NumPy", "PyTorch"):
        page.locator(".tabbed-labels label", has_text=name).last.click()
        assert_all_tabs_show(page, name)
    page.goto(page.url.replace(PAGE, OTHER))
    assert_all_tabs_show(page, "PyTorch")


def assert_all_tabs_show(page, name):
    labels = page.locator("input:checked").evaluate_all(
        "(all) => all.flatMap((input) => [...input.labels].map((x) => x.textContent))"
    )
    assert {x for x in labels if x in ("NumPy", "PyTorch")} == {name}


def test_tabs_change_by_arrow_keys(visit):
    page = visit(PAGE)
    first = page.locator(".tabbed-set").first
    first.locator("input:checked").focus()
    page.keyboard.press("ArrowRight")
    first.locator(".tabbed-block").nth(1).wait_for()


def test_a_fold_opens_and_closes_by_key(visit):
    page = visit(PAGE)
    fold = page.locator("article details").first
    fold.locator("> summary").focus()
    for key, is_open in (("Enter", True), ("Space", False)):
        page.keyboard.press(key)
        assert fold.evaluate("(fold) => fold.open") == is_open


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_scheme_follows_the_system_until_one_is_chosen(visit, scheme):
    page = visit(PAGE, scheme=scheme)
    at_first = {"light": "default", "dark": "slate"}
    assert page.evaluate(SCHEME) == at_first.pop(scheme)
    [other] = at_first.values()
    page.locator("[data-md-component=palette] label:visible").click()
    assert page.evaluate(SCHEME) == other
    page.goto(page.url.replace(PAGE, OTHER))
    assert page.evaluate(SCHEME) == other


def test_back_to_top(visit):
    page = visit(PAGE)
    page.mouse.wheel(0, 3000)
    page.wait_for_function("scrollY > 2000")
    page.mouse.wheel(0, -300)  # it appears as soon as one scrolls back
    page.locator(".md-top").click()
    page.wait_for_function("scrollY === 0")


def test_the_table_of_contents_leads_there_and_follows(visit):
    page = visit(PAGE)
    for link in page.locator(TOC).all():
        link.click()
        target = link.evaluate("(link) => decodeURIComponent(link.hash.slice(1))")
        page.wait_for_function(f"({SHOWN})(document.getElementById('{target}'))")
    last = page.locator(TOC).last.get_attribute("href")
    page.locator(f"{TOC}--active[href='{last}']").wait_for()


# By keyboard alone


def test_the_first_key_leads_past_the_navigation(visit):
    page = visit(PAGE)
    page.keyboard.press("Tab")
    skip = page.locator(".md-skip")
    assert skip.evaluate("(link) => link === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**#dl0046")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('article')")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_has_the_focus_is_seen_to_have_it(visit, scheme):
    page = visit(PAGE, scheme=scheme)
    unseen, steps = [], 0
    while steps < 400:
        page.keyboard.press("Tab")
        seen = page.evaluate(RING)
        if seen is None:  # back in the browser's own bar: no trap on the way
            break
        steps += 1
        unseen += [seen] if seen else []
    assert 50 < steps < 400
    assert unseen == []


# A ring on it or on its labels, faded in at once; a field of text has its cursor.
RING = """() => {
  document.getAnimations().forEach((animation) => animation.finish());
  const focused = document.activeElement;
  if (focused === document.body) return null;
  const labels = focused.parentElement.querySelectorAll("label, .tabbed-labels");
  const ringed = [focused, ...(focused.matches("input") ? labels : [])].some((x) => {
    const { width, height } = x.getBoundingClientRect();
    const { outlineStyle, outlineWidth } = getComputedStyle(x);
    return outlineStyle !== "none" && parseFloat(outlineWidth) && width > 1 && height > 1
      && x.checkVisibility({ opacityProperty: true });
  });
  return ringed || focused.matches("[type=text]") ? "" : focused.outerHTML.slice(0, 200);
}"""


# Without JavaScript


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_without_javascript_all_is_there(visit, question):
    page = visit(folder(question.path), java_script_enabled=False, width=NARROW)
    with_it = visit(folder(question.path), width=NARROW)
    assert page.evaluate(TEXT) == with_it.evaluate(TEXT)
    unfold(page)
    for label in page.locator(".tabbed-labels label").all():
        label.click()
        assert page.evaluate(HIDDEN) == []


# All but what needs it.
TEXT = """() => {
  const article = document.querySelector("article").cloneNode(true);
  article.querySelectorAll(".practice, .live").forEach((part) => part.remove());
  return article.textContent.replace(/\\s+/g, " ");
}"""
# What has no box, although its tab is chosen.
HIDDEN = """() => [...document.querySelectorAll(
    "article :is(h1, h2, p, li, math, svg.plot, pre):not(.practice, .practice *, .live *)"
  )].filter((x) => {
    const tab = x.closest(".tabbed-block");
    const nth = tab && [...tab.parentElement.children].indexOf(tab);
    const inputs = tab?.closest(".tabbed-set").querySelectorAll(":scope > input");
    const { width, height } = x.getBoundingClientRect();
    return (!tab || inputs[nth].checked) && !(width && height);
  }).map((x) => x.outerHTML.slice(0, 200))"""
