"""The Atom feed: new questions and corrections, for those who come back.

It is a file of addresses, so it is there only where the site's is known. Its ids do not
hang on that address: a site that moves sends its readers nothing twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from workshop.pages.corrections import Correction
from workshop.takeaway.handout import Handout
from workshop.takeaway.links import Links

NAME = "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
_LICENSE = "Text and figures: CC BY 4.0. Code: MIT."


@dataclass(frozen=True)
class Entry:
    """One piece of news, with what RFC 4287 asks of it."""

    name: str
    """What it is, for all time: its id is made of this."""
    title: str
    url: str
    day: date
    text: str


def feed(name: str, summary: str, entries: Iterable[Entry], links: Links) -> str:
    """Write the feed, the newest entry first."""
    found = sorted(entries, key=lambda entry: entry.day, reverse=True)
    root = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(root, "id", _id(""))
    _add(root, "title", name)
    _add(root, "subtitle", summary)
    _add(root, "updated", _moment(found[0].day))
    _add(ET.SubElement(root, "author"), "name", f"The {name} authors")
    _add(root, "rights", _LICENSE)
    ET.SubElement(root, "link", rel="self", href=links.url + NAME)
    ET.SubElement(root, "link", rel="alternate", href=links.url)
    for entry in found:
        _write(ET.SubElement(root, "entry"), entry)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, "unicode")}\n'


def _write(element: ET.Element, entry: Entry) -> None:
    _add(element, "id", _id(entry.name))
    _add(element, "title", entry.title)
    _add(element, "updated", _moment(entry.day))
    ET.SubElement(element, "link", rel="alternate", href=entry.url)
    _add(element, "summary", entry.text)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _id(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"dlref:{name}").urn


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def news(pages: list[Handout], found: list[Correction]) -> Iterator[Entry]:
    """Return what is new: each question, and each correction."""
    links, questions = pages[0].links, (page.question for page in pages)
    for question in questions:
        yield Entry(
            question.number,
            f"{question.number} {question.title}: {question.question}",
            links.page(question.path),
            question.published,
            question.summary,
        )
    for correction in found:
        yield Entry(
            f"correction {correction.slug}",
            _plain(f"Corrected: {correction.title}"),
            f"{links.page('corrections.md')}#{correction.slug}",
            correction.day,
            _plain(f"It said: {correction.said} Right is: {correction.right}"),
        )


def _plain(text: str) -> str:
    return text.replace("`", "")
