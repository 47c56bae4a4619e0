"""The order in which the site names its pages: `mkdocs.yml` asks for it.

Questions stand under their subject, the subjects in the order of their first number; then
the other pages of the top, and the reference. Nothing of this is kept by hand.
"""

import re
from itertools import groupby
from pathlib import Path
from typing import Any

from workshop.pages.questions import DOCS, Question, questions

HOME = "index.md"
REFERENCE = "reference"


def navigation(docs: Path = DOCS) -> list[dict[str, Any]]:
    """Return the table of contents, in the form of MkDocs."""
    found = questions(docs)
    return [
        {"Questions": HOME},
        *({named(subject): pages} for subject, pages in _by_subject(found)),
        *({titled(docs / page): page} for page in _others(docs)),
        {
            "Reference": [
                {named(x): f"{REFERENCE}/{x}.md"} for x in _subjects(docs, found)
            ]
        },
    ]


def named(subject: str) -> str:
    """Return a subject as a reader sees it: `fine_tuning` is Fine tuning."""
    return subject.replace("_", " ").capitalize()


def titled(page: Path) -> str:
    """Return a page's heading of the first level."""
    heading = re.search(r"^# (.+?)(?: \{#.*\})?$", page.read_text(encoding="utf-8"), re.M)
    if not heading:
        raise ValueError(f"docs/{page.name} must have a heading '# …'; got none")
    return heading[1]


def in_order(found: list[Question]) -> list[Question]:
    """Sort the questions, given by number, as a reader walks them: subject by subject."""
    order = list(dict.fromkeys(question.subject for question in found))
    return sorted(found, key=lambda question: order.index(question.subject))


def _by_subject(found: list[Question]) -> list[tuple[str, list[dict[str, str]]]]:
    return [
        (subject, [{f"{x.number} {x.title}": x.path} for x in group])
        for subject, group in groupby(in_order(found), key=lambda x: x.subject)
    ]


def _others(docs: Path) -> list[str]:
    return sorted(page.name for page in docs.glob("*.md") if page.name != HOME)


def _subjects(docs: Path, found: list[Question]) -> list[str]:
    """The pages of the reference: subjects of questions first, in their order."""
    order = list(dict.fromkeys(question.subject for question in found))
    pages = sorted(page.stem for page in (docs / REFERENCE).glob("*.md"))
    return sorted(pages, key=lambda page: (page not in order, _rank(page, order)))


def _rank(page: str, order: list[str]) -> int:
    return order.index(page) if page in order else 0
