"""The cheat sheet: of each question its sentence, its breath, its formula and its figure.

All of it is taken from the pages, as they have it: nothing is written twice. The formula
and the figure bring no mark and no code: their page has both.

Above it are links that show one subject. Above them, `theme/main.html` offers the PDF,
where a browser is at hand to print it.
"""

import re
from collections.abc import Iterator
from itertools import groupby, islice

from workshop.pages.fences import fences
from workshop.pages.formulas import formulas
from workshop.pages.navigation import in_order, named
from workshop.pages.questions import Question
from workshop.render.addresses import slug
from workshop.render.filters import filters
from workshop.render.mathml import mathml
from workshop.verify import figures

_CAPTION = re.compile(
    r"^/// figure-caption\n(?P<text>.*?)^///$", re.DOTALL | re.MULTILINE
)


def sheet(found: list[Question]) -> list[str]:
    """Return the sheet: a link to each subject, and their questions."""
    subjects = [
        (subject, [*group])
        for subject, group in groupby(in_order(found), key=lambda x: x.subject)
    ]
    return [
        *filters({slug(named(x)): named(x) for x, _ in subjects}, "Show one subject"),
        '<div class="sheet filtered" markdown="1">',
        *(line for subject in subjects for line in _section(*subject)),
        "</div>",
    ]


def _section(subject: str, group: list[Question]) -> Iterator[str]:
    yield from ('<section markdown="1">', "")
    yield from (f"## {named(subject)}", "")
    for question in group:
        yield from ('<div class="entry" markdown="1">', "")
        yield from _entry(question)
        yield from ("</div>", "")
    yield from ("</section>", "")


def _entry(question: Question) -> Iterator[str]:
    number = f'<span class="number">{question.number}</span>'
    link = f"[{number} {question.question}]({question.path})"
    yield from (f"### {link} {{#sheet-{question.number.lower()}}}", "")
    yield from (*question.parts.get("In one breath", "").split("\n"), "")
    glance = question.parts.get("At a glance", "")
    for formula in islice(formulas(glance), 1):
        yield from (mathml(formula.latex, display=True), "")
    drawn = (x.source for x in fences(glance) if "figure" in x.flags)
    for code, caption in zip(drawn, _CAPTION.finditer(glance), strict=False):
        yield from _figure(code, caption["text"])


def _figure(code: str, caption: str) -> Iterator[str]:
    yield from ('<figure markdown="1">', f"<div>{figures.image(code)}</div>", "")
    yield from ('<figcaption markdown="1">', "", caption, "</figcaption>")
    yield from ("</figure>", "")
