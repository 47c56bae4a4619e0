"""What a quiz session can ask: all questions and follow-up questions, for `session.js`.

A script that assigns: a page that was opened from a folder may fetch no data.
"""

import html
import json
from collections.abc import Iterable, Iterator

from workshop.render.addresses import of_fold
from workshop.takeaway.handout import Handout

NAME = "quiz.js"


def script(handouts: Iterable[Handout]) -> str:
    """Write the list: of each its address on its page, its kind and its words."""
    lines = (json.dumps(item, ensure_ascii=False) for x in handouts for item in _items(x))
    return "var quiz = [\n" + ",\n".join(lines) + "\n];\n"


def _items(handout: Handout) -> Iterator[dict[str, str]]:
    number = handout.question.number.lower()
    yield _item(number, "question", handout.question.question)
    for title, _ in handout.follow_ups:
        yield _item(of_fold(number, title), "follow-up", title)


def _item(address: str, kind: str, text: str) -> dict[str, str]:
    return {"id": address, "kind": kind, "text": html.escape(text)}
