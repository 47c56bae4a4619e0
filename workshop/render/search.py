"""What the search index is made of: a page's words, by section, without its markup.

Material's search reads a page tag by tag, and most tags of these pages color a token or
place a symbol. They are taken off first, which halves the time of a build. What nobody
looks for is left out: the drawings, the code, what snippets print, the marks of formulas.
That was two thirds of the index.

For Material, a section begins where a heading has an address. So for the search alone,
the title of a fold that has one is a heading, and so is the claim of a correction.

Each entry then gets the words by which people look for it and which the page spells
otherwise: from `synonyms.toml`, and the names of Greek letters in its title. They are a
field of their own, which is searched and not shown.

MkDocs calls `on_page_context` around its search plugin; others bring a search of theirs.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import CombinedEvent, event_priority
from mkdocs.structure.pages import Page

SYNONYMS = Path(__file__).with_name("synonyms.toml")
_UNSOUGHT = re.compile(
    r'<svg [^>]*class="plot".*?</svg>'
    r'|<details class="(?:code|executed|mkdocstrings-source)">.*?</details>'
    r'|<div class="[^"]*\boutput\b[^"]*">.*?</div>'
    r'|<math [^>]*display="block">.*?</math>'
    r"|<pre\b[^>]*>.*?</pre>"
    r"|<summary>.*?</summary>"  # without an address: the same words on each page
    r'|<nav class="filters"[^>]*>.*?</nav>\s*<div class="sheet.*'  # what pages say
    # What is to be written, below its title: the list of all exercises has it.
    r'|<details class="task">.*?(?=<h2 id="from-scratch")',
    re.DOTALL,
)
_DRESSED = re.compile(r"<(?P<tag>code|math)\b.*?</(?P=tag)>", re.DOTALL)
# Without its markup, 10 to the power −3 would read as 10−3.
_POWER = re.compile(
    r"(?:<mrow><mo[^>]*>−</mo><mn>\d+</mn></mrow>|<mn>\d+</mn>)(?=</msup>)"
)
_RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DRESS = re.compile(r"</?(?:span|a|m[a-z]+)\b[^>]*>")
_FOLD = re.compile(r'<summary id="(?P<id>[^"]+)">(?P<title>.*?)</summary>', re.DOTALL)
# The claim is in italics, but for the code in it.
_CORRECTION = re.compile(
    r'<p class="admonition-title" id="(?P<id>[^"]+)">(?P<title>(?:(?!</p>).)*)</p>\s*'
    r"<p>(?P<claim>(?:<(?P<tag>em|code)>.*?</(?P=tag)>\s*)+)",
    re.DOTALL,
)
_HEADING = r'<h6 id="{}">{}</h6>'
# What lists or documents comes after what explains.
_ASIDE = re.compile(
    r"^(?:reference|notation)/"
    r"|#(?:sources|reference|what-a-strong-answer-has|dl\d{4}-in-depth-sources.*)$"
)
_LONG = 60
# No one looks for these, and the search would look for all that begins with them.
_IDLE = (
    "a am an and are as at be but by can do does did for from get had has have how i if "
    "in into is it its me my no not of on or our so than that the their then there they "
    "this to too us versus vs was we were what when where which who why will with would "
    "you your"
)


def separator() -> str:
    """Write what stands between two words, signs and idle words, for JavaScript."""
    idle = "|".join(f"[{x[0].upper()}{x[0]}]{x[1:]}" for x in _IDLE.split())
    return rf"[\s\-,:;!?=()\[\]{{}}\"“”‘’'`/|<>&+*]+|\.(?!\d)|\b(?:{idle})\b"


def words(html: str) -> str:
    """Take off what nobody looks for, and make a heading of all that has an address."""
    html = _UNSOUGHT.sub("", html)
    html = _FOLD.sub(lambda x: _HEADING.format(x["id"], x["title"]), html)
    html = _CORRECTION.sub(_claimed, html)
    html = _POWER.sub(lambda power: _DRESS.sub("", power[0]).translate(_RAISED), html)
    return _DRESSED.sub(lambda found: _DRESS.sub("", found[0]), html)


def _claimed(correction: re.Match[str]) -> str:
    title = f"{correction['title']}: {correction['claim'].strip()}"
    return _HEADING.format(correction["id"], title) + "<p>"


def spelled(title: str) -> str:
    """Write a title's words with Greek letters as they are typed: β₂ is beta2."""
    found = []
    for word in unicodedata.normalize("NFKC", title).split():
        letters = [_typed(letter) for letter in word]
        if letters != [*word]:
            found.append("".join(letters))
    return " ".join(dict.fromkeys(found))


def _typed(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK") else letter


def refine(entry: dict[str, Any], page: str, synonyms: Mapping[str, str]) -> None:
    """Say by what else an entry is found, and what it weighs.

    A section is also found by the words of its page's title, so that what tells sections
    of one page apart is the rest of a query.
    """
    location, title = entry["location"], entry["title"]
    entry.pop("tags", None)  # they are those of the page, and outweigh all that it says
    context = (word for word in page.split() if word.lower() not in title.lower())
    also = " ".join(filter(None, [spelled(title), synonyms.get(location), *context]))
    if also:
        entry["also"] = also
    if (weight := _weight(location, title)) != 1:
        entry["boost"] = weight


def _weight(location: str, title: str) -> float:
    if _ASIDE.search(location):
        return 0.1
    if "#" not in location:
        return 0.5  # the theme multiplies it by up to 2.5
    return 0.7 if len(title) > _LONG else 1  # a long one has a query's words by chance


@event_priority(100)
def _before(context: Any, /, *, page: Page, **kwargs: Any) -> None:
    page.meta["shown"] = page.content
    page.content = words(page.content or "")


@event_priority(-100)
def _after(context: Any, /, *, page: Page, config: MkDocsConfig, **kwargs: Any) -> None:
    page.content = page.meta.pop("shown")
    plugin: Any = config.plugins["material/search"]
    title = page.meta["title"] if "id" in page.meta else ""
    refine_all(plugin.search_index.entries, page.url, title)


def refine_all(entries: list[dict[str, Any]], url: str, title: str) -> None:
    """Refine the entries of a page, and let no synonym be of a section that it lacks."""
    sections = tomllib.loads(SYNONYMS.read_text(encoding="utf-8")).get(url, {})
    synonyms = {f"{url}#{section}": also for section, also in sections.items()}
    found = [x for x in entries if x["location"].partition("#")[0] == url]
    for entry in found:
        refine(entry, title, synonyms)
    if lost := synonyms.keys() - {entry["location"] for entry in found}:
        raise PluginError(f"{SYNONYMS.name} must name sections; got {sorted(lost)}")


on_page_context = CombinedEvent(_before, _after)
