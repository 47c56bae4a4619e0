"""What every page must look like: calm, within its width, readable, and linked right."""

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE, page_through, until

# The width matters to what moves and fits, the scheme to colors: two visits show both.
JUDGED = (WIDE, "light"), (NARROW, "dark")

# All that moved by itself since the navigation began: 0.1 in all is a good page on the
# web; where a font comes late, on a busy machine, one line moves by 0.003.
SHIFTS = """async () => {
  await document.fonts.ready;
  return new Promise((done) => {
    const seen = [];
    new PerformanceObserver((list) => seen.push(...list.getEntries()))
      .observe({ type: "layout-shift", buffered: true });
    const text = ({ node }) => node?.textContent.slice(0, 60);
    const far = () => seen.filter(({ value }) => value > 0.01);
    setTimeout(() => done(far().map((x) => [x.value, ...x.sources.map(text)])), 50);
  });
}"""
BOXLESS = """() => [...document.querySelectorAll("math")].filter((math) => {
  if (!math.checkVisibility()) return false;  // in a tab that is not chosen
  const { width, height } = math.getBoundingClientRect();
  return !(width > 0 && height > 0);
}).map((math) => math.outerHTML)"""
# Listings whose lines do not stand beside their numbers.
ASKEW = """() => [...document.querySelectorAll(".highlighttable")].filter((table) => {
  const [numbers, lines] = table.querySelectorAll(".linenos pre, .code code");
  const { paddingTop, paddingBottom } = getComputedStyle(lines);
  const height = lines.clientHeight - parseFloat(paddingTop) - parseFloat(paddingBottom);
  return Math.abs(numbers.clientHeight - height) > 2;
}).map((table) => table.textContent.slice(0, 60))"""
# Cells that do not stand at the side that the page asks for.
MISALIGNED = """() => ["right", "center"].flatMap((side) =>
  [...document.querySelectorAll(`article :is(td, th).${side}`)]
    .filter((cell) => getComputedStyle(cell).textAlign !== side)
    .map((cell) => cell.textContent))"""
# Folds whose mark has a color of the theme's, which has one for each kind.
COLORED = """() => {
  const color = (fold) => getComputedStyle(fold, "::after").backgroundColor;
  const folds = [...document.querySelectorAll("article summary")];
  return folds.filter((fold) => color(fold) !== color(folds[0])).map((x) => x.innerText);
}"""
# Headings and boxes whose sign has a line of its own.
BROKEN = """() => [...document.querySelectorAll("[id] > a.headerlink")].filter((link) => {
  const words = document.createRange();
  words.setStart(link.parentElement, 0);
  words.setEndBefore(link);
  const last = [...words.getClientRects()].at(-1);
  return last && link.getBoundingClientRect().top >= last.bottom;
}).map((link) => link.parentElement.innerText)"""
# Code in a table that is broken within a word.
TORN = """() => [...document.querySelectorAll("article td code")].filter((code) => {
  const lines = new Set([...code.getClientRects()].map(({ top }) => Math.round(top)));
  return lines.size > 1 && !/[ -]/.test(code.textContent);
}).map((code) => code.textContent)"""
# Roots of one letter or number with a gap behind them.
GAPS = """() => [...document.querySelectorAll("msqrt")].filter((root) => {
  const under = root.querySelector(":scope > :is(mi, mn, mover, msub)");
  if (!under || !root.checkVisibility()) return false;
  const { fontSize, marginInlineEnd } = getComputedStyle(root);
  const end = root.getBoundingClientRect().right + parseFloat(marginInlineEnd);
  return end - under.getBoundingClientRect().right > 0.15 * parseFloat(fontSize);
}).map((root) => root.textContent)"""
# Texts of drawings that are too small to be read: 10 pixels, an exponent 8.
SMALL = """() => [...document.querySelectorAll("svg.plot text")].filter((text) => {
  if (!text.checkVisibility()) return false;
  const { width } = text.ownerSVGElement.getBoundingClientRect();
  const scale = width / text.ownerSVGElement.viewBox.baseVal.width;
  const parts = text.children.length ? [...text.children] : [text];
  const sizes = parts.map((part) => scale * parseFloat(getComputedStyle(part).fontSize));
  return Math.max(...sizes) < 10 || Math.min(...sizes) < 8;
}).map((text) => text.textContent)"""
# Copy buttons that lie over the code that they copy.
COVERED = """() => [...document.querySelectorAll("pre > .md-code__nav")].filter((nav) => {
  const button = nav.getBoundingClientRect();
  const code = document.createRange();
  code.selectNodeContents(nav.parentElement.querySelector("code"));
  return button.width && [...code.getClientRects()].some(({ top, right, bottom, left }) =>
    right > left && right > button.left && left < button.right
    && bottom > button.top + 1 && top < button.bottom - 1);
}).map((nav) => nav.parentElement.textContent.slice(0, 60))"""
FONT = "[...document.fonts].filter((f) => f.family.includes('STIX')).map((f) => f.status)"
# Below the header, and in the window; of what is large, its beginning.
SHOWN = """(place) => {
  const { top, bottom } = place.getBoundingClientRect();
  const header = document.querySelector(".md-header").getBoundingClientRect();
  return top >= header.bottom - 1 && Math.min(bottom, top + 200) <= innerHeight;
}"""
# What has an address; the heading of the question is heard and not seen.
ADDRESSED = (
    "article :is(h1, h2, h3, h4, h5, h6, summary, .admonition-title, .math, figure)"
    "[id]:not(#the-question)"
)
# A click scrolls too, but not before the next frame.
STRAY = f"""() => [...document.querySelectorAll("a.headerlink")].filter((link) => {{
  link.click();
  const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  target?.scrollIntoView();
  const fold = link.parentElement.querySelector(":scope > summary");
  const place = fold ?? link.closest("[id]");
  return target !== place || !({SHOWN})(target);
}}).map((link) => link.href)"""
# Colors take axe longer than all its other rules, and depend on the look of a text, and
# of what a link stands in, alone: of all texts that look alike, the first is judged; what
# a reader fills, always. Tokens of code are most of the elements: the others become text.
MARK_LOOKS = """() => {
  const grounds = new WeakMap();
  const ground = (element) => {
    if (!element) return "";
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = backgroundColor + backgroundImage + opacity;
      const plain = own === "rgba(0, 0, 0, 0)none1";
      grounds.set(element, ground(element.parentElement) + (plain ? "" : `;${own}`));
    }
    return grounds.get(element);
  };
  const seen = new Set();
  for (const element of document.querySelectorAll("*")) {
    const own = [...element.childNodes].filter((x) => x.nodeType === Node.TEXT_NODE);
    const isText = own.some((text) => text.data.trim());
    if (!isText || !element.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, textDecoration } = getComputedStyle(element);
    const around = element.closest("a")?.parentElement;
    const beside = around && getComputedStyle(around).color;
    const letters = [color, fontSize, fontWeight, textDecoration, beside];
    const look = [...letters, ground(element)].join();
    if (!seen.has(look)) element.dataset.look = "";
    seen.add(look);
  }
  const tokens = [...document.querySelectorAll("pre span:not([data-look], [id])")];
  for (const token of tokens.reverse()) token.replaceWith(...token.childNodes);
  return seen.size;
}"""
# axe takes a formula for a picture without a text. A header with nothing else has one.
AXE = Axe(
    f"{AXE_SCRIPT}; axe.configure({{rules: ["
    "{id: 'empty-table-header', selector: 'th:not([role]):not(:has(math))'},"
    "{id: 'link-in-text-block', selector: 'a[href]:is([data-look], :has([data-look]))'},"
    "{id: 'color-contrast', selector: '[data-look], input, button, select'}]})"
)


def look(page: Page) -> None:
    """A page is calm, fits, has its formulas, and can be used by all."""
    assert page.evaluate(SHIFTS) == []
    if page.locator("math").count():
        assert page.evaluate(FONT) == ["loaded"]
    assert sideways(page) <= 0
    page_through(page)
    assert page.evaluate(BOXLESS) == []
    assert page.evaluate(ASKEW) == []
    assert page.evaluate(MISALIGNED) == []
    assert page.evaluate(COLORED) == []
    assert page.evaluate(BROKEN) == []
    assert page.evaluate(GAPS) == []
    assert page.evaluate(TORN) == []
    assert page.evaluate(COVERED) == []
    assert page.evaluate(SMALL) == []
    usable(page)


def usable(page: Page) -> None:
    """What is shown fits, and can be used by all."""
    assert sideways(page) <= 0
    can_be_used(page)


def can_be_used(page: Page, *unruled: str) -> None:
    """All that axe asks for, but for some rules."""
    assert page.evaluate(MARK_LOOKS) > 0
    rules = {rule: {"enabled": False} for rule in unruled}
    found = AXE.run(page, options={"resultTypes": ["violations"], "rules": rules})
    assert found.violations_count == 0, found.generate_report()


def sideways(page: Page) -> float:
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def addresses_lead_to_themselves(page: Page) -> None:
    """Each place with an address has a link to itself, also from another page."""
    places = page.locator(ADDRESSED)
    assert page.locator("a.headerlink").count() == places.count()
    assert page.evaluate(STRAY) == []
    last, address = places.last.get_attribute("id"), page.url.partition("#")[0]
    page.goto("about:blank")
    page.goto(f"{address}#{last}")
    until(page, f"({SHOWN})(document.getElementById('{last}'))")
