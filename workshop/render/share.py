"""What a machine that reads a page is told of its question: `mkdocs.yml` asks for it.

The words are those of schema.org; `theme/partials/share.html` puts them into the page.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

from workshop.pages.corrections import last_corrected
from workshop.pages.questions import DOCS, Question, questions

_LINK = re.compile(r"\[([^\[\]]+)\][\[(][^\])]*[\])]")
_COMMAND = re.compile(r"\\([a-z]+)")
_MARKS = re.compile(r"[`*$]")


def answers(docs: Path = DOCS) -> dict[str, dict[str, Any]]:
    """Return the data of each question, by the place of its page below the site."""
    corrected = last_corrected(docs)
    return {
        x.file("/"): {
            "dateModified": corrected.get(x.path, x.published).isoformat(),
            "mainEntity": _answered(x),
        }
        for x in questions(docs)
    }


def _answered(question: Question) -> dict[str, Any]:
    """Return the question with the answer that can be said in one breath."""
    answer = {"@type": "Answer", "text": spoken(question.parts.get("In one breath", ""))}
    return {
        "@type": "Question",
        "name": question.question,
        "answerCount": 1,
        "acceptedAnswer": answer,
    }


def spoken(text: str) -> str:
    """Return a text of Markdown as plain words, in one line; its formulas are sayable."""
    return " ".join(_MARKS.sub("", _COMMAND.sub(_said, _LINK.sub(r"\1", text))).split())


def _said(command: re.Match[str]) -> str:
    """Return a Greek letter for its name in LaTeX, and the name of any other command."""
    try:
        return unicodedata.lookup(f"GREEK SMALL LETTER {command[1]}")
    except KeyError:
        return command[1]
