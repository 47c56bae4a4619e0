"""What the copy buttons of a page give, and what they should."""

import re

from playwright.sync_api import Page

from workshop import ROOT
from workshop.render.contents import reference
from workshop.verify.alone import examples

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
SNIPPET = ".snippet pre"
# Bring a block to light: open its folds, and choose its tabs as a click on a label does.
REVEAL = """(block) => {
  for (let outer = block; outer; outer = outer.parentElement) {
    if (outer.localName === "details") outer.open = true;
    if (!outer.matches(".tabbed-block")) continue;
    const nth = [...outer.parentElement.children].indexOf(outer);
    const set = outer.closest(".tabbed-set");
    set.querySelectorAll(":scope > .tabbed-labels > label")[nth].click();
  }
}"""
# Press the button of each block; a block gets it when it comes into view.
PRESS = f"""async (selector) => {{
  const reveal = {REVEAL};
  const copied = [];
  const listen = () => copied.push(getSelection().toString());
  document.addEventListener("copy", listen);
  for (const block of document.querySelectorAll(selector)) {{
    for (let tries = 0; !block.querySelector("button"); tries++) {{
      if (tries === 100) throw new Error(`no button for ${{block.textContent}}`);
      reveal(block);  // again: a fold that opens turns its tabs to the choice made last
      block.scrollIntoView({{ block: "center" }});
      await new Promise((done) => setTimeout(done, 10));
    }}
    reveal(block);  // what came into view with its neighbors may be hidden again
    block.querySelector("button").click();
  }}
  document.removeEventListener("copy", listen);
  return copied;
}}"""


def copied(page: Page, selector: str = SNIPPET) -> list[str]:
    """What the buttons of these blocks give to the clipboard, one after the other."""
    return page.evaluate(PRESS, selector)


def snippets(path: str, docs=ROOT / "docs") -> list[str]:
    """The snippets of a page, and of the docstrings that it shows."""
    page = docs / (f"{path.removesuffix('/')}.md" if path else "index.md")
    subjects = re.findall("<!-- reference: (.+) -->", page.read_text(encoding="utf-8"))
    modules = [name for x in subjects for name in reference(x) if name]
    names = [module.removeprefix("::: ").replace(".", "/") for module in modules]
    files = [ROOT / f"{name}.py" for name in names]
    return [example.parsed.code.rstrip() for example in examples(page, *files)]
