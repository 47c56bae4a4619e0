"""The cards of a page: one thing each, taken from what the page says and runs."""

import re
from collections.abc import Iterator
from dataclasses import replace

from workshop.pages.cards import Card, cards, sentences
from workshop.pages.questions import Question
from workshop.takeaway.handout import Handout
from workshop.takeaway.plain import flat

BREATH = "In one breath"
LEAST = 18  # words of an answer: "No." alone does not say why
_MORE = re.compile(r"(?:, and (?:what|who|why|how|can|must)\b|\?).*")


def flashcards(handout: Handout) -> Iterator[Card]:
    """Make the cards of a page, its question first.

    Raises:
        ValueError: If the page asks for a card that it has no answer to.
    """
    question = handout.question
    yield Card("question", question.question, handout.parts[BREATH], BREATH)
    for card in asked(question):
        back = flat(card.back, question.path, handout.links)
        yield replace(card, back=back)
    for title, answer in handout.follow_ups:
        # Of two questions in a title, a card asks the first.
        yield Card("follow-up", _MORE.sub("?", title), short(answer), title)


def asked(question: Question) -> list[Card]:
    """List the cards that the comments of a page ask for."""
    try:
        return list(cards(question.body))
    except ValueError as error:
        raise ValueError(f"docs/{question.path}, {error}") from error


def short(answer: str) -> str:
    """Take the first sentences of an answer, until they say something."""
    said, count = list[str](), 0
    for sentence in sentences(answer.partition("\n\n")[0]):
        if count >= LEAST or (said and sentence.endswith(":")):  # what follows is code
            break
        said.append(sentence)
        count += len(sentence.split())
    return " ".join(said)
