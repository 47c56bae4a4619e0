"""Your turn: what a reader is to write, on the page of a question and in a list of all.

Nothing of it stands in a page's source: the exercises say of which question they are.
"""

import html
from collections.abc import Iterator
from itertools import islice

from dlref.practice.__main__ import half_a_unit, output
from dlref.practice.exercise import LEVELS, Exercise, exercises
from workshop.pages.questions import Question
from workshop.render.filters import filters

COMMAND = "python -m dlref.practice"


def of(number: str) -> list[Exercise]:
    """The exercises of a question, the shortest first."""
    return [x for x in exercises().values() if x.question == number]


def shown(number: str) -> list[str]:
    """Return what stands above *From scratch*: a fold with all that is to be written."""
    found = of(number)
    if not found:
        return []
    name = f"{number.lower()}-your-turn"
    return [
        '<details class="turn">',
        f'<summary id="{name}">Your turn: {_span(found)}</summary>',
        *(line for exercise in found for line in _asked(exercise)),
        *(line for ask in (_spot, _predict) for line in ask(found)),
        "</details>",
        "",
    ]


def _asked(exercise: Exercise) -> Iterator[str]:
    also = " It can be written in PyTorch as well." if len(exercise.languages) > 1 else ""
    yield f"<p><strong>{_words(exercise.asks)}</strong> {about(exercise)}.{also}</p>"
    yield _code(exercise.stub(exercise.languages[0]))
    file = f"{exercise.key.replace('-', '_')}.py"
    start, judge = f"{COMMAND} start {exercise.key}", f"{COMMAND} judge {file}"
    yield f"<p>Begin: <code>{start}</code><br>Judge: <code>{judge}</code></p>"


def _spot(found: list[Exercise]) -> Iterator[str]:
    """Ask for the wrong line of an answer: that of the first bug there is."""
    for exercise, bug in islice(((x, y) for x in found for y in x.bugs), 1):
        listing, lines = exercise.listing(bug)
        numbered = enumerate(listing.splitlines(), 1)
        code = "\n".join(f"{number:2}  {line}" for number, line in numbered)
        yield f"<p><strong>Spot the bug.</strong> {_words(exercise.asks)}</p>"
        yield _code(code)
        yield from _answered(
            "Which line is wrong?",
            " ".join(map(str, lines)),
            "0",
            f"Line {lines[0]}. {_words(bug.hint)}",
        )


def _predict(found: list[Exercise]) -> Iterator[str]:
    """Ask what the first of the programs prints."""
    for program in islice((y.strip() for x in found for y in x.prints), 1):
        printed = output(program)
        yield "<p><strong>What does it print?</strong></p>"
        yield _code(program)
        yield from _answered("It prints:", printed, f"{half_a_unit(printed):g}", printed)


def _answered(asks: str, right: str, within: str, answer: str) -> Iterator[str]:
    """A field that practice.js judges; without it, the answer is below it."""
    name = f"turn-{'line' if within == '0' else 'number'}"
    yield (
        f'<p><label for="{name}">{asks}</label> <input id="{name}" inputmode="decimal" '
        f'size="8" data-right="{right}" data-within="{within}"> <output></output></p>'
    )
    yield f'<details class="turn"><summary>The answer</summary><p>{answer}</p></details>'


def _code(text: str) -> str:
    """Code that is not run here, for it is to be filled, mended or foretold."""
    code = html.escape(text.rstrip(), quote=False)
    return f'<div class="language-stub highlight"><pre><code>{code}\n</code></pre></div>'


def _words(text: str) -> str:
    return html.escape(text, quote=False)


def about(exercise: Exercise) -> str:
    """Say how hard it is, and how long an interview would give."""
    return f"{exercise.level.capitalize()}, {exercise.minutes} minutes"


def _span(found: list[Exercise]) -> str:
    least, most = (f(x.minutes for x in found) for f in (min, max))
    minutes = f"{least} min" if least == most else f"{least} to {most} min"
    return f"{len(found)} to write, {minutes}" if len(found) > 1 else minutes


def first(question: Question) -> str:
    """Return a link to the shortest that a question asks to write."""
    own = of(question.number)
    return f"[{own[0].key}]({_place(question)})" if own else ""


def catalog(found: list[Question]) -> list[str]:
    """Return all exercises by level, and links that show one level."""
    titles = {question.number: question for question in found}
    asked = [x for x in exercises().values() if x.question in titles]
    levels = {level: level.capitalize() for level in LEVELS}
    return [
        *filters(levels, "Show one level"),
        '<div class="filtered" markdown="1">',
        *(line for level in levels for line in _section(level, asked, titles)),
        "</div>",
    ]


def _section(
    level: str, asked: list[Exercise], titles: dict[str, Question]
) -> Iterator[str]:
    yield from ('<section markdown="1">', "", f"### {level.capitalize()}", "")
    yield from ("| Write | For | Minutes |", "|---|---|--:|")
    for exercise in (x for x in asked if x.level == level):
        question = titles[exercise.question]
        link = f"[{exercise.key}]({_place(question)})"
        page = f"[{question.title}]({question.path})"
        yield f"| {link}: {exercise.asks} | {page} | {exercise.minutes} |"
    yield from ("", "</section>", "")


def _place(question: Question) -> str:
    return f"{question.path}#{question.number.lower()}-your-turn"
