"""The question that the home page shows at once: its words and its live figure.

Nothing of it is written twice. The home page names the question, by its number; what is
shown is cut out of that question's page.
"""

import re

from workshop.pages.questions import Question

_SENTENCE = re.compile(r".*?[.?!](?=\s|$)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_LIVE = re.compile(r'^<figure class="live".*?^</figure>$', re.DOTALL | re.MULTILINE)


def shown(number: str, found: list[Question]) -> list[str]:
    """Return the Markdown that a page shows for `<!-- featured: DL0048 -->`.

    Raises:
        ValueError: If no page has that number, or the page has no live figure.
    """
    chosen = next((question for question in found if question.number == number), None)
    if not chosen:
        raise ValueError(f"a featured question must have a page; got {number}")
    return [
        '<div class="featured" markdown>',
        "",
        f"> [{chosen.question}]({chosen.path})",
        "",
        f"{first_line(chosen)} [Read on]({chosen.path}#in-one-breath)",
        "",
        "</div>",
        "",
        *live_figure(chosen).split("\n"),
    ]


def first_line(question: Question) -> str:
    """Return the sentence that the answer begins with."""
    breath = " ".join(_COMMENT.sub("", question.parts["In one breath"]).split())
    sentence = _SENTENCE.match(breath)
    return sentence[0] if sentence else breath


def live_figure(question: Question) -> str:
    """Return the first figure with sliders, as the page has it."""
    found = _LIVE.search(question.body)
    if not found:
        raise ValueError(
            f"a featured question must have an open figure with sliders, "
            f'<figure class="live" …>; got none in docs/{question.path}'
        )
    return found[0]
