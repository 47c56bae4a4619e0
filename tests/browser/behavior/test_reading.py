"""Finding a page and moving about in it: by hand, by key, and without JavaScript."""

import pytest

from tests.browser.behavior.conftest import FIRST, PATHS, SECOND, THIRD
from tests.browser.conftest import DRAWN, NARROW, SCHEMES, WIDE, unfold, until
from tests.browser.looks import AXE, SHOWN
from tests.browser.without_script import HIDDEN, TEXT

SCHEME = "document.body.dataset.mdColorScheme"
SEARCHING = "document.activeElement.matches('.md-search__input')"
FIRST_RESULTS = ".md-search-result__item:nth-child(-n + 3) > a:first-of-type"
TOC = ".md-sidebar--secondary .md-nav__link"
PARTS = ".parts a"
# Below the row of parts, and in the window.
BELOW = """(heading) => {
  const { top, bottom } = heading.getBoundingClientRect();
  const row = document.querySelector(".parts").getBoundingClientRect();
  return top >= row.bottom && bottom <= innerHeight;
}"""
# Of each listing: whether it is cut, and whether it fades.
FADES = """() => [...document.querySelectorAll("pre > code")]
  .filter((code) => code.checkVisibility())
  .map((code) => [code, getComputedStyle(code).maskImage])
  .map(([code, mask]) => [code.scrollWidth > code.clientWidth, mask !== "none"])"""


# Search


def test_a_result_is_opened_by_keys(visit):
    page = visit(width=NARROW)
    page.keyboard.press("/")
    until(page, SEARCHING)
    page.keyboard.type("DL0003")
    page.locator(".md-search-result__item [href*=logarithm]").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(RING) == ""
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{SECOND}**")


def test_the_title_of_a_result_leads_to_the_section_below_it(visit):
    page = visit(width=NARROW)
    page.keyboard.press("/")
    until(page, SEARCHING)
    page.keyboard.type("inverse odds")
    page.locator(".md-search-result__item [href*=inverse]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{FIRST}*#*inverse*")


LANDED = """document.querySelector("details[open] > summary:target")"""


def test_a_result_lands_on_the_fold_that_answers_open_and_marked(visit):
    page = visit(width=NARROW)
    # The second time from the page where the first one landed.
    for query, place in ("inverse odds", "inverse"), ("slope quarter", "slope"):
        page.keyboard.press("/")
        until(page, SEARCHING)
        page.keyboard.type(query)
        first = page.locator(".md-search-result__item:first-child")
        first.locator(f"> [href*={place}]").last.click()
        page.wait_for_url(f"**/{FIRST}*{place}*")
        fold = page.locator(f"details:has(> summary[id*={place}])")
        fold.locator("mark", has_text=query.split()[-1]).wait_for()
        until(page, f"{LANDED}?.id.includes({place!r})")
        fold.locator("summary").click(trial=True)  # nothing covers it


# What folds, switches and scrolls


def test_tabs_are_linked_and_remembered(visit):
    page = visit(FIRST)
    unfold(page)
    assert page.locator(".tabbed-labels").count() > 1
    for name in ("PyTorch", "NumPy", "PyTorch"):
        page.locator(".tabbed-labels label", has_text=name).last.click()
        assert_all_tabs_show(page, name)
    page.goto(page.url.replace(FIRST, THIRD))
    assert_all_tabs_show(page, "PyTorch")


def assert_all_tabs_show(page, name):
    labels = page.locator("input:checked").evaluate_all(
        "(all) => all.flatMap((input) => [...input.labels].map((x) => x.textContent))"
    )
    assert {x for x in labels if x in ("NumPy", "PyTorch")} == {name}


def test_tabs_change_by_arrow_keys(visit):
    page = visit(FIRST)
    first = page.locator(".tabbed-set").first
    first.locator("input:checked").focus()
    page.keyboard.press("ArrowRight")
    first.locator(".tabbed-block").nth(1).wait_for()


def test_a_fold_opens_and_closes_by_key(visit):
    page = visit(FIRST)
    fold = page.locator("article details").first
    fold.locator("> summary").focus()
    for key, is_open in (("Enter", True), ("Space", False)):
        page.keyboard.press(key)
        assert fold.evaluate("(fold) => fold.open") == is_open


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_scheme_follows_the_system_until_one_is_chosen(visit, scheme):
    page = visit(FIRST, scheme=scheme)
    at_first = {"light": "default", "dark": "slate"}
    assert page.evaluate(SCHEME) == at_first.pop(scheme)
    [other] = at_first.values()
    button = page.get_by_role("button", name="Dark scheme")
    button.click()
    assert button.get_attribute("aria-pressed") == str(other == "slate").lower()
    assert page.evaluate(SCHEME) == other
    page.goto(page.url.replace(FIRST, THIRD))
    assert page.evaluate(SCHEME) == other


# What restyles all of a page, if it comes after the page was read.
RESTYLED = """() => {
  window.restyled = [];
  const attributeFilter = ["class", "data-md-color-scheme", "data-md-color-switching"];
  new MutationObserver((records) => {
    if (document.readyState === "loading") return;
    for (const { target, attributeName: name, oldValue } of records)
      if (target.matches("html, body") && target.getAttribute(name) !== oldValue)
        window.restyled.push([name, oldValue]);
  }).observe(document, { subtree: true, attributeFilter, attributeOldValue: true });
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_gets_its_scheme_before_it_is_painted_and_once(visit, scheme):
    page = visit(
        FIRST, scheme=scheme, watch=lambda page: page.add_init_script(f"({RESTYLED})()")
    )
    page.evaluate(DRAWN)
    assert page.evaluate("restyled") == []
    assert page.locator("meta[name=color-scheme]").count() == 0  # nor by a late <meta>
    assert page.locator("html").get_attribute("class") == "js js-focus-visible"
    shown = "getComputedStyle(document.documentElement).colorScheme"
    assert page.evaluate(shown) == scheme  # scroll bars and sliders have it too


@pytest.mark.parametrize("scheme", SCHEMES)
def test_back_to_top(visit, scheme):
    page = visit(FIRST, scheme=scheme)
    page.mouse.wheel(0, 1500)
    until(page, "scrollY > 1000")
    page.mouse.wheel(0, -300)  # it appears as soon as one scrolls back
    page.keyboard.press("Tab")
    page.locator(".md-top").focus()
    assert page.evaluate(RING) == ""
    assert AXE.run(page, context=".md-top").violations_count == 0
    page.keyboard.press("Enter")
    until(page, "scrollY === 0")


def test_the_table_of_contents_leads_there_and_follows(visit):
    page = visit(FIRST)
    for link in page.locator(TOC).all():
        link.click()
        target = link.evaluate("(link) => decodeURIComponent(link.hash.slice(1))")
        until(page, f"({SHOWN})(document.getElementById('{target}'))")
    last = page.locator(TOC).last.get_attribute("href")
    page.locator(f"{TOC}--active[href='{last}']").wait_for()


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("width", [NARROW, 320])
def test_on_a_phone_each_part_is_one_tap_away(visit, width, script):
    page = visit(FIRST, width=width, java_script_enabled=script)
    links = page.locator(PARTS)
    said = ["Breath", "Answer", "Code", "Pitfalls", "Follow-ups"]
    assert links.all_text_contents() == said
    for link in links.all():
        link.click()
        part = link.evaluate("(link) => link.hash.slice(1)")
        until(page, f"({BELOW})(document.getElementById('{part}'))")
    assert page.evaluate("document.querySelector('.parts').scrollWidth") <= width


def test_only_the_parts_that_a_page_has_are_named(visit):
    page = visit(SECOND, width=NARROW)
    assert "Code" not in page.locator(PARTS).all_text_contents()


def test_beside_a_table_of_contents_stands_no_row_of_parts(visit):
    assert not visit(FIRST).locator(".parts").is_visible()


def test_the_way_back_to_the_top_does_not_cover_the_parts(visit):
    page = visit(FIRST, width=NARROW)
    page.mouse.wheel(0, 1500)
    until(page, "scrollY > 1000")
    page.mouse.wheel(0, -300)
    until(page, "!document.querySelector('.md-top').hidden")
    row, button = (page.locator(x).bounding_box() for x in (".parts", ".md-top"))
    assert button["y"] >= row["y"] + row["height"]


def test_the_mark_of_a_formula_opens_to_how_it_was_executed(visit):
    page = visit(FIRST, width=NARROW)
    mark = page.locator("details.executed").first
    assert mark.bounding_box()["height"] <= 24
    mark.locator("summary").click()
    said = "Executed for 20 draws of its symbols."
    assert mark.locator("p").inner_text() == said


@pytest.mark.parametrize("width", [WIDE, 320])
def test_what_is_cut_fades_where_it_is_cut(visit, width):
    page = visit(FIRST, width=width)
    unfold(page)
    page.evaluate(DRAWN)  # what scrolls is known to an animation only then
    fades = page.evaluate(FADES)
    assert [fades for cut, fades in fades] == [cut for cut, fades in fades]
    assert any(cut for cut, _ in fades) == (width < WIDE)


# By keyboard alone


def test_the_first_key_leads_past_the_navigation(visit):
    page = visit(FIRST)
    page.keyboard.press("Tab")
    skip = page.locator(".md-skip")
    assert skip.evaluate("(link) => link === document.activeElement")
    page.keyboard.press("Enter")
    page.wait_for_url("**#dl0001")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('article')")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_has_the_focus_is_seen_to_have_it(visit, scheme):
    page = visit(FIRST, scheme=scheme)
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


@pytest.mark.parametrize("path", ["", *PATHS])
def test_without_javascript_all_is_there(visit, path):
    page = visit(path, java_script_enabled=False, width=NARROW)
    assert page.evaluate(TEXT) == visit(path, width=NARROW).evaluate(TEXT)
    unfold(page)
    assert page.evaluate(HIDDEN) == []


def test_the_search_index_waits_for_the_search(visit):
    page = visit(FIRST)
    with page.expect_response("**/search*.json"):
        page.locator(".md-search").dispatch_event("focusin")
    # Who comes from a result finds the words marked, which takes the index.
    page = visit(f"{FIRST}?h=sigmoid")
    page.locator("mark").first.wait_for()
