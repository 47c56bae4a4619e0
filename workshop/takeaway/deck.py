"""All questions and follow-up questions as cards for Anki."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

import genanki
from markdown import Markdown

from workshop.takeaway import archive
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
pre { overflow-x: auto; padding: .6em; font-size: .85em; line-height: 1.4;
      background: rgb(128 128 128 / 12%); }
table { border-collapse: collapse; }
th, td { padding: .2em .6em; border-bottom: 1px solid gray; }
"""
_EXTENSIONS = {
    "pymdownx.arithmatex": {"generic": True},  # \( … \) and \[ … \], as Anki has them
    "pymdownx.betterem": {},
    "pymdownx.highlight": {"use_pygments": False},
    "pymdownx.superfences": {},
    "tables": {},
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
    topic = f"{question.number} {question.title}"
    if handout.url:
        topic = f'<a href="{handout.url}">{topic}</a>'
    tags = [tag.replace(" ", "-") for tag in (question.level, *question.tags)]
    first = question.question, handout.parts["In one breath"]
    for key, (front, back) in enumerate([first, *handout.follow_ups]):
        yield genanki.Note(
            model,
            [_html(front), topic, _html(back)],
            tags=tags,
            # A card keeps its history while its question keeps its words.
            guid=genanki.guid_for(question.number, front if key else ""),
        )


def _html(text: str) -> str:
    converter = Markdown(extensions=[*_EXTENSIONS], extension_configs=_EXTENSIONS)
    return converter.convert(unflagged(text))


def _pack(file: Path, package: genanki.Package, stamp: float) -> None:
    """Write the package, and once more without the clock of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "deck.apkg"
        package.write_to_file(str(made), timestamp=stamp)
        archive.write(file, archive.read(made))
