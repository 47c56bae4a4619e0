"""Addresses made of words: what a link points to stays when something moves or is added.

A heading's address is that of its words, without its number. A fold, a correction, a
figure and a displayed formula of a question have one too: the question's number and their
first words. Those of a formula are what it defines, left of its first relation; where a
page defines the same twice, they are the formula's own; a live figure's are its name. A
title that a page has twice is nothing to point to, and gets none.

The sign that links to an address is made by `docs/assets/javascripts/addresses.js`.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Extension, Markdown
from markdown.treeprocessors import Treeprocessor

WORDS = 8
_NUMBER = re.compile(r"^\d+\. ")
_PAGE = re.compile(r"\{#(dl\d{4})\}$")
_TARGET = re.compile(r"\]\([^)]*\)")
_LEAD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
# Of a formula: what ends the part that it defines, and what is only for its look.
_RELATION = re.compile(r"=|\\(?:approx|le|leftarrow)\b")
_LOOK = re.compile(
    r"\\(?:(?:begin|end)\{\w+\}|frac|left|mathrm|operatorname|quad|right|text)(?![a-z])"
)


def slug(title: str, separator: str = "-") -> str:
    """Make an address out of the words of a title, in the letters of every keyboard."""
    text = unicodedata.normalize("NFKD", _TARGET.sub("", _NUMBER.sub("", title)))
    ascii_only = text.encode("ascii", "ignore").decode()  # without the marks on letters
    return separator.join(re.findall(r"[a-z0-9]+", ascii_only.lower()))


def first_words(text: str) -> str:
    """Cut a title to the words that its address has."""
    return " ".join(text.split()[:WORDS])


def of_fold(number: str, title: str) -> str:
    """Return the address of a fold, by its page's number: that of its first words."""
    return f"{number.lower()}-{slug(first_words(title))}"


class _Addresses(Treeprocessor):
    """Says where things are while their titles are still as they were written."""

    def run(self, root: Element) -> None:
        page = _PAGE.search(root.findtext("h1", ""))
        if page is None:
            return
        found = [(element, slug(title)) for element, title in _titled(root)]
        found += _formulas(root)
        times = Counter(words for _, words in found)
        for element, words in found:
            if times[words] == 1:
                element.set("id", f"{page[1]}-{words}")


def _formulas(root: Element) -> list[tuple[Element, str]]:
    """Find the displayed formulas, each with what it defines."""
    found = root.findall(".//div[@class='arithmatex']")
    latex = [_LOOK.sub(" ", html.unescape(element.text or "")) for element in found]
    short = [_formula(_RELATION.split(text)[0]) for text in latex]
    return [
        (element, words if short.count(words) == 1 else _formula(text))
        for element, words, text in zip(found, short, latex, strict=True)
    ]


def _formula(latex: str) -> str:
    return "-".join(["formula", *slug(latex).split("-")[:WORDS]])


def _titled(root: Element) -> Iterator[tuple[Element, str]]:
    """Find the titles of folds, corrections and figures, each with its first words.

    Not the folds themselves: the theme calls code by the address of what it lies in, and
    the copy buttons of two blocks in one fold would give the same.
    """
    for element in root.iter():
        summary, title = element.find("summary"), element.find("p[@class]")
        if element.get("class") == "executed":
            continue  # the mark of a formula, which has an address itself
        if summary is not None:
            yield summary, first_words(_text(summary))
        elif title is not None and "warning" in element.get("class", "").split():
            yield title, first_words(_text(element.find("p[2]")))
        elif name := element.get("data-live"):
            yield element, f"live {name}"
        elif (caption := element.find("figcaption")) is not None:
            text = _text(caption)
            lead = _LEAD.search(text)
            yield element, lead[1] if lead else text


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext())


class AddressExtension(Extension):
    """Give addresses of words."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # Just before inline (20) turns words into elements.
        md.treeprocessors.register(_Addresses(md), "addresses", 21)


def makeExtension(**options: Any) -> AddressExtension:  # noqa: N802
    return AddressExtension(**options)
