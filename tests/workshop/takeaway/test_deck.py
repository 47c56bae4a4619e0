"""The deck holds every question, in the form that Anki renders."""

import re
import sqlite3
import zipfile
from collections import Counter
from dataclasses import replace
from statistics import median

import genanki
import pytest
from markdown import Markdown

from tests.workshop.takeaway.conftest import HANDOUTS, published
from workshop.pages.fences import fences
from workshop.render.addresses import slug
from workshop.takeaway import deck
from workshop.takeaway.flashcards import short

STAMP = 1_700_000_000.0
CODE = re.compile(r"<pre.*?</pre>|<code>.*?</code>", re.DOTALL)
KINDS = {"question", "formula", "number", "bug", "follow-up"}
FOLLOW_UP = re.compile(r"^\?\?\? question ", re.MULTILINE)
EXTENSIONS = [
    "attr_list",
    "pymdownx.details",
    "toc",
    "workshop.render.addresses",
]
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


def kind(card):
    (found,) = re.findall(r"kind::(\S+)", card[-1])
    return found


def words(side):
    """Count what is read: all words, code included, and each formula as one."""
    return len(re.sub(r"<[^>]+>", " ", FORMULA.sub(" formula ", side)).split())


@pytest.mark.parametrize("handout", HANDOUTS, ids=lambda x: x.question.number)
def test_every_question_has_each_kind_of_card(cards, handout):
    number = handout.question.number
    kinds = Counter(kind(card) for card in cards if number in card[2])
    assert set(kinds) == KINDS
    asked = re.findall(r"^ *<!-- card:", handout.question.body, re.MULTILINE)
    assert kinds["formula"] + kinds["number"] + kinds["bug"] == len(asked)
    assert kinds["question"] == 1
    assert kinds["follow-up"] == len(FOLLOW_UP.findall(handout.question.body))


def test_a_card_has_a_topic_a_section_and_tags(cards):
    asked = "<p>What is the formula of focal loss?</p>"
    _, _, topic, back, tags = next(card for card in cards if card[1] == asked)
    address = "https://dlref.example/losses/focal/#at-a-glance"
    assert topic == f'<a href="{address}">DL0046 Focal loss</a>'
    assert r"\gamma \ge 0" in back
    assert tags.split() == [
        "kind::formula",
        "intermediate",
        "losses",
        "class-imbalance",
        "object-detection",
        "subject::losses",
    ]


def test_each_card_is_one_and_has_both_sides(cards):
    assert all(side.strip() for card in cards for side in card)
    assert len({guid for guid, *_ in cards}) == len(cards)
    fronts = Counter((front, topic.split()[-1]) for _, front, topic, *_ in cards)
    assert [front for front, count in fronts.items() if count > 1] == []


def test_a_card_says_one_thing(cards):
    backs = {front: words(back) for _, front, _, back, _ in cards}
    assert median(backs.values()) <= 35
    assert [front for front, count in backs.items() if count > 80] == []


def test_a_card_asks_one_question(cards):
    for card in (x for x in cards if kind(x) != "question"):  # an interviewer's words
        front = re.sub(r"<[^>]+>", "", CODE.sub("", card[1])).strip()
        assert front.count("?") == 1, front
        assert front.endswith("?"), front
        assert not re.search(r", and (what|who|why|how|can|must)\b", front), front


def test_an_answer_stands_alone(cards):
    for card in cards:
        said = re.sub(r"<[^>]+>", "", card[3]).strip()
        assert not re.match(r"(It|Its|They|This|That|These|There)\b", said), said
        assert not re.search(
            r"\b([Bb]elow|[Aa]bove),|\b(see|next) question|(?<!\()Figure \d", said
        )
        assert not said.endswith((":", ",")), said


def test_a_number_has_one_and_a_formula_is_one(cards):
    for card in cards:
        if kind(card) == "number":
            assert re.search(r"\d", card[3]), card
            assert words(card[3]) <= 10, card
        elif kind(card) == "formula":
            assert re.match(
                r"<div class=\"arithmatex\">\\\[.*\\\]</div>\s<p>where", card[3], re.S
            )


def test_code_stands_where_it_is_asked_about_and_nowhere_else(cards):
    for card in cards:
        bug = kind(card) == "bug"
        assert ("<pre" in card[1]) == bug, card
        assert "<pre" not in card[3], card
        assert card[3].startswith("<p><strong>") or not bug, card


def test_each_link_leads_to_an_address_that_its_page_has(cards):
    converter = Markdown(
        extensions=EXTENSIONS, extension_configs={"toc": {"slugify": slug}}
    )
    for handout in HANDOUTS:
        page = converter.reset().convert(headings(handout.question.body))
        ids = set(re.findall(r'id="([^"]+)"', page))
        for _, _, topic, *_ in cards:
            address, anchor = re.findall(r'href="(.*)#(.*)"', topic)[0]
            assert address != handout.url or anchor in ids, topic


def headings(text):
    """Keep the titles of a page, and of its follow-up questions."""
    code = fences(text)
    kept = re.finditer(r"^(#{1,3} |\?\?\? question ).*$", text, re.MULTILINE)
    outside = (x for x in kept if not any(f.start <= x.start() < f.end for f in code))
    return "\n\n".join(f"{x[0]}\n\n    So." if "?" in x[1] else x[0] for x in outside)


def test_formulas_are_mathjax_and_nothing_of_the_site_is_left(cards):
    for _, front, _, back, _ in cards:
        text = CODE.sub("", front + back)
        assert not re.search(r"\$|\\begin", FORMULA.sub("", text)), text
        assert not re.search(r"```|\]\[|!!!|\?\?\?|\{[.#:]|<!--", FORMULA.sub("", text))


def test_code_is_whole(cards):
    front = next(x[1] for x in cards if kind(x) == "bug" and "DL0048" in x[2])
    assert ">for t in range(1, 10_001):\n    b, wrong = adam_step(" in front


def test_two_decks_are_the_same_to_the_byte(tmp_path):
    assert made(tmp_path).read_bytes() == made(tmp_path).read_bytes()


def test_a_learner_keeps_the_schedule_where_words_change(tmp_path):
    first = HANDOUTS[0]
    body = first.question.body
    for old, new in (
        ("## In one breath\n", "## In one breath\n\nNew words.\n"),
        ("What is wrong with this masked softmax?", "What is odd here?"),
        ("16 GiB", "17 GiB"),
    ):
        assert old in body
        body = body.replace(old, new)
    question = replace(first.question, body=body, question="What are masks?")
    before = notes(made(tmp_path, [first]), tmp_path)
    after = notes(made(tmp_path, [replace(first, question=question)]), tmp_path)
    assert "New words." in after[0][3]
    assert sum(x != y for x, y in zip(before, after, strict=True)) >= 3
    assert [guid for guid, *_ in before] == [guid for guid, *_ in after]


def test_cards_of_the_first_deck_keep_their_schedule(cards):
    """What a learner imported then was known by its number and its question."""
    guids = {guid for guid, *_ in cards}
    assert genanki.guid_for("DL0048", "") in guids
    assert genanki.guid_for("DL0048", "What is Muon, and who uses it?") in guids


def test_an_address_is_left_out_where_there_is_none(tmp_path):
    (card, *_) = notes(made(tmp_path, published("")[:1]), tmp_path)
    assert card[2] == "DL0040 Attention mask"


def test_a_card_without_an_answer_names_its_page(tmp_path):
    first = HANDOUTS[0]
    body = first.question.body.replace("<!-- card: What", "<!-- card: what is the", 1)
    faulty = replace(first.question, body=body.replace("mask? -->", "mask -->", 1))
    with pytest.raises(ValueError, match=r"docs/attention/masks.md, line \d+: a card"):
        made(tmp_path, [replace(first, question=faulty)])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("No. It is not so, for a reason.\n\nMore.", "No. It is not so, for a reason."),
        ("word " * 18 + "end. More.", "word " * 18 + "end."),
        ("Yes, here. As is shown:\n\n```python\n1\n```", "Yes, here."),
    ],
)
def test_an_answer_is_cut_after_a_sentence_that_says_something(answer, said):
    assert short(answer) == said
