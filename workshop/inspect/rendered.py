"""A page as a browser gets it: its code blocks, links, ids and words, from the HTML."""

from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

# Elements that have no end tag.
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta",
    "param", "source", "track", "wbr",
}  # fmt: skip
# A signature and a listing of dlref's source are not snippets: other tests cover them.
NOT_SNIPPETS = {"doc-signature", "mkdocstrings-source"}
# What the browser fetches by itself when it opens the page.
LOADS = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href",
}  # fmt: skip
# What the site adds to what a page's source says; tabs have all their titles first.
ADDED = {
    "details.executed", "details.turn", "div.linenodiv", "div.proof",
    "div.tabbed-labels", "p.colophon", "p.executed", "p.proof",
    "span.caption-prefix", "span.number",
}  # fmt: skip
ADDED_IN = {"div.snippet": "p", "details.code": "summary"}
HOLDS_A_LINE = {"h1", "h2", "h3", "h4", "td", "th"}  # "1." in it begins no list
POINTERS = {"alternate feed", "canonical", "next", "prev"}  # a <link> that is not fetched


@dataclass(frozen=True)
class Block:
    """One `<pre>`, with the language and the flags of the fence that it comes from."""

    language: str
    classes: frozenset[str]
    text: str


class Page(HTMLParser):
    """What the checks want to know of a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.prose: list[str] = []
        self.shown: list[tuple[str, bool]] = []  # in order, but for ADDED; whether prose
        self._counts: list[int] = []
        self.math: list[str] = []
        self.formulas: list[str] = []
        self.headings = 0
        self.figures = 0
        self.drawings = 0
        self.not_run = 0
        self.description = ""
        self.canonical = ""
        self.policy = ""
        self.identifiers: list[str] = []
        self.images: list[dict[str, str]] = []
        self.titles: dict[str, str] = {}
        self.inline: list[str] = []
        self._slants = False
        self._title = ""
        self._open: list[tuple[str, frozenset[str]]] = []
        self._pre: list[str] | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        classes = frozenset(attributes.get("class", "").split())
        self._read_head(tag, attributes)
        self._read_math(tag, attributes)
        self._read_inline(tag, attributes)
        self._read_shown(tag, attributes)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if LOADS.get(tag) in attributes and attributes.get("rel") not in POINTERS:
            self.loads.append(attributes[LOADS[tag]])
        if tag == "img" or attributes.get("role") == "img":
            self.images.append({"tag": tag, **attributes})
        self.headings += tag == "h1"
        self.figures += tag == "div" and "figure" in classes
        unproven = {"not-run", "untried"} & classes
        self.not_run += bool(unproven) and "colophon" not in classes
        # Those of the cheat sheet have their code on another page.
        self.drawings += (
            tag == "svg" and "plot" in classes and not self._inside({"sheet"})
        )
        self._title = attributes.get("id", "") if tag == "title" else ""
        if tag not in VOID:
            self._open.append((tag, classes))
        # Line numbers stand in a <pre> of their own, beside the code.
        if tag == "pre" and not self._inside({"linenodiv"}):
            self._pre = []

    def _read_head(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("name") == "description":
            self.description = attributes["content"]
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if attributes.get("rel") == "canonical":
            self.canonical = attributes["href"]

    def _read_math(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "math":
            self.formulas.append(attributes.get("alttext", ""))
        if tag in ("msqrt", "mroot"):
            self.math.append("√")  # the browser draws it: no page holds it as text
        self._slants = tag == "mi" and "mathvariant" not in attributes

    def _read_inline(self, tag: str, attributes: dict[str, str]) -> None:
        """Note what the site's policy blocks; the theme's own scripts are known to it."""
        if tag == "style" or (tag == "script" and self._is_open("article")):
            self.inline.append(f"<{tag}>")
        self.inline += [
            f"{name}= on <{tag}>"
            for name, value in attributes.items()
            if name == "style" or name.startswith("on") or value.startswith("javascript:")
        ]

    def _read_shown(self, tag: str, attributes: dict[str, str]) -> None:
        """Note what a reader gets that is no text of the HTML."""
        if tag == "ol":
            self._counts.append(int(attributes.get("start", 1)))
        elif tag == "li" and self._open[-1][0] == "ol":
            self.shown.append((f"{self._counts[-1]}. ", False))
            self._counts[-1] += 1
        elif tag == "math":
            self.shown.append((attributes.get("alttext", ""), False))
        elif tag in HOLDS_A_LINE:
            self.shown.append((" ", False))

    def handle_data(self, data: str) -> None:
        if not (
            self._is_added() or self._is_in("math", "script", "style", "title", "desc")
        ):
            self.shown.append((data, not self._is_in("code", "pre")))
        if self._pre is not None:
            self._pre.append(data)
        elif self._is_open("math"):
            self.math.append(data)
            if self._slants:
                self.identifiers.append(data)
        elif self._title:
            self.titles[self._title] = data
        elif not self._is_in("code", "script", "style", "title", "desc"):
            self.prose.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre" and self._pre is not None:
            if not self._inside(NOT_SNIPPETS):
                classes = frozenset().union(*(names for _, names in self._open))
                languages = [name for name in classes if name.startswith("language-")]
                language = languages[0].removeprefix("language-") if languages else ""
                self.blocks.append(Block(language, classes, "".join(self._pre)))
            self._pre = None
        if tag == "ol":
            self._counts.pop()
        self._title, self._slants = "", False
        if self._is_open(tag):
            while self._open.pop()[0] != tag:
                pass

    def _is_open(self, tag: str) -> bool:
        return any(tag == name for name, _ in self._open)

    def _is_in(self, *tags: str) -> bool:
        return any(map(self._is_open, tags))

    def _is_added(self) -> bool:
        names = [{f"{tag}.{x}" for x in classes} for tag, classes in self._open]
        inside = any(
            ADDED_IN.get(name) == tag
            for found, (tag, _) in zip(names, self._open[1:], strict=False)
            for name in found
        )
        return inside or any(ADDED & found for found in names)

    def _inside(self, classes: Iterable[str]) -> bool:
        return any(names.intersection(classes) for _, names in self._open)
