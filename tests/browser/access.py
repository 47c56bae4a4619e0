"""What a page is for those who enlarge it, want it still, or listen to it."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

from tests.browser.conftest import unfold
from tests.browser.looks import sideways
from tests.browser.without_script import UNSEEN

# The narrowest phone; and a window of 1280 points whose page is enlarged to 200 %, which
# gives it the room of 640.
ENLARGED = 320, 640
# Words outside of the window, or of what cuts them off, that cannot be scrolled to.
LOST = """() => {
  const ROOM = 14;  // what a heading lets its sign have
  const isLost = (box, part) => {
    for (; part !== document.body; part = part.parentElement) {
      const { overflowX, clipPath } = getComputedStyle(part);
      if (["auto", "scroll"].includes(overflowX) || clipPath !== "none") return false;
      const { left, right } = part.getBoundingClientRect();
      const cuts = ["hidden", "clip"].includes(overflowX);
      if (cuts && (box.right > right + ROOM || box.left < left - ROOM)) return true;
    }
    return box.right > innerWidth + 1 || box.left < -1;
  };
  const walk = document.createTreeWalker(
    document.querySelector("article"), NodeFilter.SHOW_TEXT);
  const lost = [];
  for (let text; (text = walk.nextNode()); ) {
    if (!text.data.trim() || !text.parentElement.checkVisibility()) continue;
    const words = document.createRange();
    words.selectNodeContents(text);
    const boxes = [...words.getClientRects()].filter(({ width }) => width > 1);
    if (boxes.some((box) => isLost(box, text.parentElement))) lost.push(text.data.trim());
  }
  return lost;
}"""
# What moves by itself, or glides where it should jump; what follows the scrolling may.
MOVES = """() => {
  const lasts = (times) => times.split(", ").some((time) => parseFloat(time) > 0);
  const moves = [...document.querySelectorAll("*")].flatMap((element) =>
    [null, "::before", "::after"].filter((part) => {
      const style = getComputedStyle(element, part);
      const { animationName, animationTimeline } = style;
      const isByItself = animationName !== "none" && animationTimeline === "auto";
      return (style.transitionProperty !== "none" && lasts(style.transitionDuration))
        || (isByItself && lasts(style.animationDuration))
        || style.scrollBehavior === "smooth";
    }).map((part) => `${element.tagName}.${element.className}${part ?? ""}`));
  const runs = document.getAnimations()
    .filter(({ timeline }) => timeline === document.timeline)
    .map(({ effect }) => effect.target.outerHTML.slice(0, 80));
  return [...moves, ...runs];
}"""


# The list of tags, which the filters of the home page replace.
FILTERED = """() => [...document.querySelectorAll("#by-tag, #by-tag + ul > li")]
  .map((part) => part.textContent.trim())"""


def stays_whole(page: Page) -> None:
    """Nothing is lost, and nothing asks to be scrolled sideways, folds closed or open."""
    unseen = {*page.evaluate(UNSEEN)} - {*page.evaluate(FILTERED)}
    assert unseen == set(), unseen
    fits(page)
    unfold(page)
    fits(page)


def fits(page: Page) -> None:
    """No word is out of sight, however wide the window is that is left."""
    for width in ENLARGED:
        page.set_viewport_size({"width": width, "height": 900})
        lost = page.evaluate(LOST)
        assert lost == [], lost
        assert sideways(page) <= 0, sideways(page)


@dataclass
class Node:
    """What Chromium tells a screen reader of one thing."""

    role: str
    name: str
    description: str
    properties: dict[str, Any]
    parts: list["Node"] = field(default_factory=list)

    def __iter__(self) -> Iterator["Node"]:
        """It and all that is in it, in the order of reading."""
        yield self
        for part in self.parts:
            yield from part

    @property
    def text(self) -> str:
        """Its words in the letters of every keyboard, without spaces."""
        return plain("".join(x.name for x in self if x.role == "StaticText"))


def plain(text: str) -> str:
    """Write the letters of formulas as others; leave out what only spaces them."""
    return "".join(unicodedata.normalize("NFKC", text).replace("\u2061", "").split())


def heard(page: Page) -> list[Node]:
    """All that a screen reader can be told of a page, in its order."""
    session = page.context.new_cdp_session(page)
    told = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    nodes = {x["nodeId"]: _node(x) for x in told}
    for x in told:
        nodes[x["nodeId"]].parts = [nodes[part] for part in x.get("childIds", [])]
    return [node for node in nodes[told[0]["nodeId"]] if node.role]


def _node(told: dict[str, Any]) -> Node:
    """Read one thing off; what a screen reader passes over has no role of its own."""
    role, name, description = (
        told.get(part, {}).get("value", "") for part in ("role", "name", "description")
    )
    properties = {x["name"]: x["value"].get("value") for x in told.get("properties", [])}
    return Node("" if told["ignored"] else role, name, description, properties)


USED = "button", "checkbox", "link", "radio", "slider", "textbox"
FORMULAS = """() => [...document.querySelectorAll("article math")]
  .filter((math) => math.checkVisibility()).map((math) => math.textContent)"""
# The lead of each drawing's caption, its formulas in LaTeX, and whether more is said.
FIGURES = """() => [...document.querySelectorAll("article svg.plot")]
  .filter((svg) => svg.checkVisibility())
  .map((svg) => svg.closest("figure").querySelector("figcaption strong"))
  .map((lead) => {
    const read = lead.cloneNode(true);
    for (const math of read.querySelectorAll("math"))
      math.replaceWith(math.getAttribute("alttext"));
    const hasMore = !!lead.nextSibling?.textContent.trim();
    return [read.textContent.replace(/\\s+/g, " "), hasMore];
  })"""


def can_be_heard(page: Page) -> None:
    """A formula has all of its letters, a figure its title and description."""
    unfold(page)
    nodes = heard(page)
    formulas = [node.text for node in nodes if node.role == "MathMLMath"]
    assert formulas == [plain(text) for text in page.evaluate(FORMULAS)]
    # Without a description, Chromium says the title once more.
    drawn = [[x.name, x.description != x.name] for x in nodes if x.role == "image"]
    for figure in page.evaluate(FIGURES):
        assert figure in drawn
    for node in nodes:
        assert node.role not in USED or node.name.strip(), node
