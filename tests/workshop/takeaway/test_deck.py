"""The deck holds every question, in the form that Anki renders."""

import re
import sqlite3
import zipfile
from dataclasses import replace

import pytest

from tests.workshop.takeaway.conftest import HANDOUTS
from workshop.takeaway import deck

STAMP = 1_700_000_000.0
CODE = re.compile(r"<pre.*?</pre>|<code>.*?</code>", re.DOTALL)
FORMULA = re.compile(r"\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)


def made(tmp_path, handouts=HANDOUTS, stamp=STAMP):
    file = tmp_path / "deck.apkg"
    deck.write(file, "dlref", handouts, stamp)
    return file


def notes(file, tmp_path):
    """Open the deck as Anki does: a zip that holds a database."""
    with zipfile.ZipFile(file) as archive:
        archive.extract("collection.anki2", tmp_path)
    base = sqlite3.connect(tmp_path / "collection.anki2")
    try:
        (cards,) = base.execute("select count(*) from cards").fetchone()
        rows = base.execute("select guid, flds, tags from notes order by id").fetchall()
    finally:
        base.close()
    assert cards == len(rows)
    return [(guid, *fields.split("\x1f"), tags) for guid, fields, tags in rows]


@pytest.fixture(scope="module")
def cards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deck")
    return notes(made(folder), folder)


def test_every_question_and_every_follow_up_is_a_card(cards):
    written = sum(
        len(re.findall(r"^\?\?\? question ", q.question.body, re.MULTILINE))
        for q in HANDOUTS
    )
    assert len(cards) == len(HANDOUTS) + written
    assert len({guid for guid, *_ in cards}) == len(cards)


def test_a_card_has_both_sides_a_topic_and_tags(cards):
    _, front, topic, back, tags = next(card for card in cards if "DL0046" in card[2])
    assert front == (
        "<p>What is focal loss, and why does it help with class imbalance?</p>"
    )
    assert topic == '<a href="https://dlref.example/losses/focal/">DL0046 Focal loss</a>'
    assert r"\(p_t\)" in back
    assert tags.split() == [
        "intermediate",
        "losses",
        "class-imbalance",
        "object-detection",
    ]
    assert all(side for card in cards for side in card)


def test_formulas_are_mathjax_and_nothing_of_the_site_is_left(cards):
    for _, front, _, back, _ in cards:
        text = CODE.sub("", front + back)
        assert not re.search(r"\$|\\begin", FORMULA.sub("", text)), text
        assert not re.search(r"```|\]\[|!!!|\?\?\?|\{[.#:]|<!--", FORMULA.sub("", text))


def test_code_is_preformatted_and_whole(cards):
    back = next(card[3] for card in cards if "which class is rare?" in card[1])
    assert "<pre" in back
    assert "import numpy as np\nfrom dlref.numpy.losses import" in back


def test_two_decks_are_the_same_to_the_byte(tmp_path):
    assert made(tmp_path).read_bytes() == made(tmp_path).read_bytes()


def test_a_new_answer_keeps_the_card(tmp_path):
    first = HANDOUTS[0]
    body = first.question.body.replace(
        "## In one breath\n", "## In one breath\n\nNew words.\n"
    )
    edited = replace(first, question=replace(first.question, body=body))
    before = notes(made(tmp_path, [first]), tmp_path)
    after = notes(made(tmp_path, [edited]), tmp_path)
    assert "New words." in after[0][3]
    assert [guid for guid, *_ in before] == [guid for guid, *_ in after]
