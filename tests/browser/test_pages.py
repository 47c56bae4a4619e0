"""Every page, wide and narrow, light and dark."""

import time

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import NARROW, SCHEMES, WIDE, page_through

# All that moved by itself since the navigation began.
SHIFTS = """async () => {
  await document.fonts.ready;
  return new Promise((done) => {
    const seen = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries()))
      .observe({ type: "layout-shift", buffered: true });
    const text = ({ node }) => node?.textContent.slice(0, 60);
    setTimeout(() => done(seen.map((x) => [x.value, ...x.sources.map(text)])), 50);
  });
}"""
BOXLESS = """() => [...document.querySelectorAll("math")].filter((math) => {
  if (!math.checkVisibility()) return false;  // in a tab that is not chosen
  const { width, height } = math.getBoundingClientRect();
  return !(width > 0 && height > 0);
}).map((math) => math.outerHTML)"""
FONT = "[...document.fonts].filter((f) => f.family.includes('STIX')).map((f) => f.status)"
# Below the header, and in the window.
SHOWN = """(heading) => {
  const { top, bottom } = heading.getBoundingClientRect();
  const header = document.querySelector(".md-header").getBoundingClientRect();
  return top >= header.bottom - 1 && bottom <= innerHeight;
}"""
STRAY = f"""async () => {{
  const stray = [];
  for (const link of document.querySelectorAll("a.headerlink")) {{
    link.click();
    await new Promise(requestAnimationFrame);
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target !== link.closest("[id]") || !({SHOWN})(target)) stray.push(link.href);
  }}
  return stray;
}}"""
# axe takes a formula for a picture without a text. A header with nothing else has one.
AXE = Axe(
    f"{AXE_SCRIPT}; axe.configure({{rules: [{{id: 'empty-table-header', "
    "selector: 'th:not([role]):not(:has(math))'}]})"
)
# The rules on colors depend on the scheme, all others at most on the width, and axe takes
# its time on long pages: two visits show each rule all that it depends on.
JUDGED = {(WIDE, "light"), (NARROW, "dark")}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_page_is_calm_fits_and_is_accessible(visit, address, width, scheme):
    look(visit(address, width=width, scheme=scheme), width, scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_page_for_lost_readers_is_one_too(visit, root, width, scheme):
    page = visit("404.html", width=width, scheme=scheme)
    look(page, width, scheme)
    # It is the shortest page: here it shows if the late theme moves the footer.
    page.route("**/bundle*.js", lambda route: time.sleep(0.5) or route.continue_())
    page.reload(wait_until="networkidle")
    assert page.evaluate(SHIFTS) == []
    page.locator("article a[href]").click()
    page.wait_for_url(root)


def look(page, width, scheme):
    assert page.evaluate(SHIFTS) == []
    if page.locator("math").count():
        assert page.evaluate(FONT) == ["loaded"]
    assert sideways(page) <= 0
    page_through(page)
    assert page.evaluate(BOXLESS) == []
    assert sideways(page) <= 0
    if (width, scheme) in JUDGED:
        found = AXE.run(page)
        assert found.violations_count == 0, found.generate_report()


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_each_heading_links_to_itself(visit, root, address):
    page = visit(address)
    headings = page.locator("article :is(h1, h2, h3, h4, h5, h6)[id]")
    assert page.locator("a.headerlink").count() == headings.count()
    assert page.evaluate(STRAY) == []
    last = headings.last.get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{root}{address}#{last}")
    page.wait_for_function(f"({SHOWN})(document.getElementById('{last}'))", timeout=5000)
