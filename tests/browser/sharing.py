"""What other sites and machines get of a page: tags, a card and data, of one mind."""

import json
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from matplotlib.image import imread

from workshop.takeaway.feed import NAME as FEED

DATA = "application/ld+json"
LINK = "{http://www.w3.org/2005/Atom}link"


class Shared(HTMLParser):
    """The tags of a page that are read elsewhere, and its data."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.tags: dict[str, str] = {}
        self.feeds: list[str] = []
        self.data: list[str] = []
        self._in_data = False
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if name := found.get("property", found.get("name", "")):
            self.tags[name] = found.get("content", "")
        if found.get("type") == "application/atom+xml":
            self.feeds.append(found["href"])
        self._in_data = tag == "script" and found.get("type") == DATA
        if self._in_data:
            self.data.append("")

    def handle_data(self, data):
        if self._in_data:
            self.data[-1] += data

    def handle_endtag(self, tag):
        self._in_data = False


def is_shared_nowhere(site: Path, path: str) -> None:
    """Where the site's address is not known, a page has nothing that would need it."""
    shared = Shared(site / path / "index.html")
    assert not [name for name in shared.tags if name.startswith(("og:", "twitter:"))]
    assert shared.feeds == shared.data == []
    assert not (site / FEED).exists()
    assert not (site / "cards").exists()


def is_shared(site: Path, path: str, root: str) -> dict:
    """A page says what it is, and shows its card; return its data."""
    shared = Shared(site / path / "index.html")
    tags = shared.tags
    assert tags["og:url"] == root + path
    assert tags["og:title"]
    assert tags["og:description"] == tags["description"] != ""
    assert tags["twitter:card"] == "summary_large_image"
    assert tags["og:image"].startswith(root)
    card = site / tags["og:image"].removeprefix(root)
    assert imread(card).shape[:2] == (630, 1200)
    assert shared.feeds == [root + FEED]
    [text] = shared.data
    data = json.loads(text)
    assert data["@context"] == "https://schema.org"
    assert data["url"] == root + path
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert data["isAccessibleForFree"] is True
    return data


def feed_leads_to_pages(site: Path, root: str) -> None:
    """Each link of the feed leads to a page of the site, at an anchor that it has."""
    for link in ET.parse(site / FEED).getroot().iter(LINK):
        path, _, anchor = link.get("href").removeprefix(root).partition("#")
        file = (
            site / path / "index.html" if path.endswith("/") or not path else site / path
        )
        assert file.is_file(), link.get("href")
        assert not anchor or f'id="{anchor}"' in file.read_text(encoding="utf-8")
