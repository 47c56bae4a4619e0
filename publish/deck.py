"""All questions and follow-up questions as cards for Anki."""

import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import genanki
from markdown import Markdown

from publish import archive
from publish.plain import unflagged
from publish.questions import Question

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


def write(file: Path, name: str, questions: Iterable[Question], stamp: float) -> None:
    """Write the deck. Anki takes a card anew if the stamp, in seconds, is a later one."""
    model = genanki.Model(
        MODEL,
        name,
        fields=[{"name": field} for field in ("Question", "Topic", "Answer")],
        templates=[{"name": "Card", "qfmt": _FRONT, "afmt": _BACK}],
        css=_STYLE,
    )
    deck = genanki.Deck(DECK, name)
    for question in questions:
        for note in _notes(question, model):
            deck.add_note(note)
    _pack(file, genanki.Package(deck), stamp)


def _notes(question: Question, model: genanki.Model) -> Iterable[genanki.Note]:
    topic = f"{question.number} {question.title}"
    if question.url:
        topic = f'<a href="{question.url}">{topic}</a>'
    tags = [tag.replace(" ", "-") for tag in (question.level, *question.tags)]
    first = question.asked, question.parts["In one breath"]
    for key, (front, back) in enumerate([first, *question.follow_ups]):
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
        with zipfile.ZipFile(made) as entries:
            archive.write(file, {name: entries.read(name) for name in entries.namelist()})
