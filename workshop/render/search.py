"""What the search index is made of: a page's words, without the markup that it ignores.

Material's search reads a page tag by tag, and most tags of these pages color a token or
place a symbol. They are taken off first, which halves the time of a build. What nobody
looks for is left out: the drawings, the folded code of figures and tables, what snippets
print, the marks of formulas, the source listings of the reference; and of code all but
the names in it, once a page. That was two thirds of the index.

MkDocs calls `on_page_context` around its search plugin; others bring a search of theirs.
"""

import re
from html import unescape
from keyword import iskeyword
from typing import Any

from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.pages import Page

_UNSOUGHT = re.compile(
    r'<svg [^>]*class="plot".*?</svg>'
    r'|<details class="(?:code|executed|mkdocstrings-source)">.*?</details>'
    r'|<div class="[^"]*\boutput\b[^"]*">.*?</div>',
    re.DOTALL,
)
_LISTING = re.compile(r"<pre\b[^>]*>.*?</pre>", re.DOTALL)
_DRESSED = re.compile(r"<(?P<tag>code|math)\b.*?</(?P=tag)>", re.DOTALL)
_DRESS = re.compile(r"</?(?:span|a|m[a-z]+)\b[^>]*>")
_NAME = re.compile(r"[^\W\d]\w{2,}(?:\.\w+)*")


def words(html: str) -> str:
    """Take off what nobody looks for, and the tags inside code and formulas."""
    seen = set[str]()
    html = _LISTING.sub(lambda found: _names(found[0], seen), _UNSOUGHT.sub("", html))
    return _DRESSED.sub(lambda found: _DRESS.sub("", found[0]), html)


def _names(listing: str, seen: set[str]) -> str:
    """Reduce code to the names in it that no listing above had."""
    text = unescape(re.sub(r"<[^>]*>", "", listing))
    found = [x for x in dict.fromkeys(_NAME.findall(text)) if not iskeyword(x)]
    new = [name for name in found if name not in seen]
    seen.update(new)
    return f"<pre><code>{' '.join(new)}</code></pre>" if new else ""


@event_priority(100)
def _before(context: Any, /, *, page: Page, **kwargs: Any) -> None:
    page.meta["shown"] = page.content
    page.content = words(page.content or "")


@event_priority(-100)
def _after(context: Any, /, *, page: Page, **kwargs: Any) -> None:
    page.content = page.meta.pop("shown")


on_page_context = CombinedEvent(_before, _after)
