"""The feed is one of RFC 4287, and its ids outlive an address."""

from datetime import date, datetime
from xml.etree import ElementTree as ET

from tests.workshop.takeaway.conftest import HANDOUTS, published
from workshop.pages.corrections import Correction
from workshop.takeaway import feed
from workshop.takeaway.links import Links

URL = "https://dlref.example/"
CORRECTION = Correction(
    "a-slug",
    date(2026, 12, 1),
    where="losses/focal.md#at-a-glance",
    title="`a` < b & c",
    said="x</summary>",
    right="y",
    found="a reader",
)
ATOM = "{http://www.w3.org/2005/Atom}"


def text(handouts=HANDOUTS, url=URL, found=(CORRECTION,)):
    news = feed.news(handouts, [*found])
    return feed.feed("dlref", "What it is.", news, Links(url))


def parsed(**options):
    return ET.fromstring(text(**options).encode())


def test_it_has_what_the_standard_asks_for():
    root = parsed()
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name").text == "The dlref authors"
    assert len(root.findall(f"{ATOM}entry")) == len(HANDOUTS) + 1
    for element in root, *root.findall(f"{ATOM}entry"):
        for required in "id", "title", "updated":
            [found] = element.findall(f"{ATOM}{required}")
            assert found.text
        assert datetime.fromisoformat(element.find(f"{ATOM}updated").text).tzinfo
        links = {x.get("rel"): x.get("href") for x in element.findall(f"{ATOM}link")}
        assert links["alternate"].startswith(URL)
    [own] = (x for x in root.findall(f"{ATOM}link") if x.get("rel") == "self")
    assert own.get("href") == f"{URL}feed.xml"


def test_the_newest_comes_first_and_dates_the_whole():
    root = parsed()
    days = [entry.find(f"{ATOM}updated").text for entry in root.findall(f"{ATOM}entry")]
    assert days == sorted(days, reverse=True)
    assert root.find(f"{ATOM}updated").text == days[0] == "2026-12-01T00:00:00Z"


def test_a_correction_leads_to_its_place_on_the_page_of_corrections():
    entry = parsed().find(f"{ATOM}entry")
    assert entry.find(f"{ATOM}title").text == "Corrected: a < b & c"
    assert entry.find(f"{ATOM}summary").text == "It said: x</summary> Right is: y"
    link = entry.find(f"{ATOM}link").get("href")
    assert link == "https://dlref.example/corrections/#a-slug"


def test_a_question_leads_to_its_page():
    entry = parsed(found=()).find(f"{ATOM}entry")
    newest = max(HANDOUTS, key=lambda handout: handout.question.published)
    question = newest.question
    assert entry.find(f"{ATOM}title").text == (
        f"{question.number} {question.title}: {question.question}"
    )
    assert entry.find(f"{ATOM}summary").text == question.summary
    assert entry.find(f"{ATOM}link").get("href") == newest.url


def test_ids_are_distinct_and_stay_where_the_site_moves():
    def ids(root):
        return [x.text for x in root.iter(f"{ATOM}id")]

    there = "https://elsewhere.example/"
    found = ids(parsed())
    assert len({*found}) == len(found)
    assert ids(parsed(handouts=published(there), url=there)) == found
    assert found[0] == "urn:uuid:0e1a7a47-5cf2-5b56-a8c5-12abcb0cb1f5"
