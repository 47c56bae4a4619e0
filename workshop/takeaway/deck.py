"""The cards of all pages, for Anki."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import genanki
from markdown import Markdown

from workshop.pages.cards import Card
from workshop.render.addresses import of_fold, slug
from workshop.takeaway import archive
from workshop.takeaway.flashcards import flashcards
from workshop.takeaway.handout import Handout
from workshop.takeaway.plain import unflagged

NAME = "dlref.apkg"
# Anki knows a deck and a kind of card by its number: chosen once, never to be changed.
DECK, MODEL = 1_620_446_046, 1_607_392_319
_FRONT = '<p class="topic">{{Topic}}</p>{{Question}}'
_BACK = "{{FrontSide}}<hr id=answer>{{Answer}}"
_STYLE = """\
.card { max-width: 42rem; margin: 0 auto; padding: 0 1rem; text-align: left;
        font: 1.1rem/1.5 system-ui, sans-serif; }
.topic { color: gray; font-size: .85em; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: .6em; font-size: .85em;
      line-height: 1.4; background: rgb(128 128 128 / 12%); }
"""
_EXTENSIONS = {
    "pymdownx.arithmatex": {"generic": True},  # \( … \) and \[ … \], as Anki has them
    "pymdownx.betterem": {},
    "pymdownx.highlight": {"use_pygments": False},
    "pymdownx.superfences": {},
}


def write(file: Path, name: str, handouts: Iterable[Handout], stamp: float) -> None:
    """Write the deck. Anki takes a card anew if the stamp, in seconds, is a later one."""
    model = genanki.Model(
        MODEL,
        name,
        fields=[{"name": field} for field in ("Question", "Topic", "Answer")],
        templates=[{"name": "Card", "qfmt": _FRONT, "afmt": _BACK}],
        css=_STYLE,
    )
    deck = genanki.Deck(DECK, name)
    for handout in handouts:
        for note in _notes(handout, model):
            deck.add_note(note)
    _pack(file, genanki.Package(deck), stamp)


def _notes(handout: Handout, model: genanki.Model) -> Iterable[genanki.Note]:
    question = handout.question
    tags = [question.level, *question.tags, f"subject::{question.subject}"]
    for card in flashcards(handout):
        kind = f"kind::{card.kind}"
        yield genanki.Note(
            model,
            [_html(card.front), _topic(handout, card), _html(card.back)],
            tags=[tag.replace(" ", "-") for tag in (kind, *tags)],
            guid=genanki.guid_for(question.number, _words(card)),
        )


def _words(card: Card) -> str:
    """The words by which a card is known: while it keeps them, it keeps its history.

    The question of a page may be asked in other words, for it has one; so may a mistake.
    """
    known = {"question": "", "bug": f"bug {card.section}", "follow-up": card.section}
    return known.get(card.kind, card.front)


def _topic(handout: Handout, card: Card) -> str:
    """Name the question, and lead to the section that the card is from."""
    topic = f"{handout.question.number} {handout.question.title}"
    if not handout.url:
        return topic
    folded = card.section in dict(handout.follow_ups)
    number = handout.question.number
    anchor = of_fold(number, card.section) if folded else slug(card.section)
    return f'<a href="{handout.url}#{anchor}">{topic}</a>'


def _html(text: str) -> str:
    converter = Markdown(extensions=[*_EXTENSIONS], extension_configs=_EXTENSIONS)
    return converter.convert(unflagged(text))


def _pack(file: Path, package: genanki.Package, stamp: float) -> None:
    """Write the package, and once more without the clock of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "deck.apkg"
        package.write_to_file(str(made), timestamp=stamp)
        archive.write(file, archive.read(made))
