"""A question as its readers take it away: in Markdown that needs no site."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from workshop.pages.questions import Question, sections
from workshop.takeaway.links import Links
from workshop.takeaway.plain import flat, unflagged


@dataclass(frozen=True)
class Handout:
    """One question, and where its links lead."""

    question: Question
    links: Links

    @cached_property
    def flat(self) -> str:
        """The page without the site's own syntax."""
        return flat(self.question.body, self.question.path, self.links)

    @cached_property
    def parts(self) -> dict[str, str]:
        """What stands below each heading of the second level."""
        return dict(sections(self.flat, "##"))

    @property
    def markdown(self) -> str:
        """The page for any reader of Markdown."""
        title, body = self.flat.split("\n", 1)
        return f"{title}\n\n{self.byline}\n{unflagged(body)}"

    @property
    def follow_ups(self) -> list[tuple[str, str]]:
        """The follow-up questions, each with its answer."""
        _, *found = sections(self.parts["Follow-up questions"], "###")
        return found

    @property
    def url(self) -> str:
        """Where to read it; empty if the site's address is not known."""
        return self.links.page(self.question.path) if self.links.url else ""

    @property
    def byline(self) -> str:
        """Number, level, tags and, where it is known, the address."""
        question = self.question
        words = [question.number, question.level, ", ".join(question.tags)]
        if self.url:
            words.append(f"[on the site]({self.url})")
        return " · ".join(words)


def handouts(questions: Iterable[Question], links: Links) -> list[Handout]:
    """Pair each question with its links; they may name it by its number."""
    found = list(questions)
    known = links.knowing({x.number.lower(): x.path for x in found})
    return [Handout(question, known) for question in found]
