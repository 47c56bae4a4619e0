"""Your turn: what a reader is to write, on the page of a question and in a list of all.

Nothing of it stands in a page's source: the exercises say of which question they are.
"""

import html
from collections.abc import Iterable, Iterator
from itertools import islice

from dlref.practice.exercise import LEVELS, Exercise, exercises
from dlref.practice.foretelling import half_a_unit, output
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
    return [
        '<details class="turn">',
        f'<summary id="{_address(number)}">Your turn: {_span(found)}</summary>',
        *(line for part in (_write, _spot, _predict) for line in part(found)),
        "</details>",
        "",
    ]


def _write(found: list[Exercise]) -> Iterator[str]:
    """Ask for each exercise, in a fold of its own: all are one tap away."""
    for exercise in found:
        minutes = f"<span>{exercise.minutes} min</span>"
        title = f"{_words(exercise.asks)} {minutes}"
        yield from _task(
            _address(exercise.question, exercise.key), title, _asked(exercise)
        )


def _asked(exercise: Exercise) -> Iterator[str]:
    also = " It can be written in PyTorch as well." if len(exercise.languages) > 1 else ""
    yield f"<p>{about(exercise)}.{also}</p>"
    yield _code(_words(exercise.stub(exercise.languages[0])))
    file = f"{exercise.key.replace('-', '_')}.py"
    start, judge = f"{COMMAND} start {exercise.key}", f"{COMMAND} judge {file}"
    yield f"<p>Begin: <code>{start}</code><br>Judge: <code>{judge}</code></p>"


def _spot(found: list[Exercise]) -> Iterator[str]:
    """Ask for the wrong line of an answer: that of the first bug there is."""
    for exercise, bug in islice(((x, y) for x in found for y in x.bugs), 1):
        listing, lines = exercise.listing(bug)
        numbered = [*enumerate(_words(listing).splitlines(), 1)]
        # A line is an element: where it breaks, the rest stands apart from the numbers.
        code = "".join(f"<span>{number:2}  {line}\n</span>" for number, line in numbered)
        most = len(numbered)
        asked = [
            f"<p>{_words(exercise.asks)}</p>",
            _code(code),
            *_answered(
                "Wrong line:",
                f'min="1" max="{most}" title="Type the number of a line, 1 to {most}."',
                (lines[0], lines[-1]),
                f"Line {lines[0]}. {_words(bug.hint)}",
            ),
        ]
        title = "Spot the bug: which line is wrong?"
        yield from _task(_address(exercise.question, "spot"), title, asked)


def _predict(found: list[Exercise]) -> Iterator[str]:
    """Ask what the first of the programs prints."""
    for exercise, program in islice(((x, y) for x in found for y in x.prints), 1):
        program = program.strip() + "\n"
        printed = output(program)
        right, within = float(printed), half_a_unit(printed)
        asked = [
            _code(_words(program)),
            *_answered(
                "It prints:",
                'step="any" title="Type a number, such as 0.5."',
                (right - within, right + within),
                printed,
            ),
        ]
        address = _address(exercise.question, "predict")
        yield from _task(address, "What does it print?", asked)


def _task(address: str, title: str, asked: Iterable[str]) -> Iterator[str]:
    yield f'<details class="task"><summary id="{address}">{title}</summary>'
    yield from asked
    yield "</details>"


def _answered(
    asks: str, takes: str, right: tuple[float, float], answer: str
) -> Iterator[str]:
    """A field that practice.js judges; without it, the answer alone is there."""
    low, high = (f"{bound:.12g}" for bound in right)
    yield (
        f'<form class="practice" data-low="{low}" data-high="{high}" novalidate>'
        f'<label>{asks} <input type="number" required {takes}></label>'
        '<button type="submit">Check</button><output></output></form>'
    )
    yield '<details class="answer"><summary>The answer</summary>'
    yield f"<p>{answer}</p></details>"


def _code(code: str) -> str:
    """Code that is not run here, for it is to be filled, mended or foretold."""
    return f'<div class="language-stub highlight"><pre><code>{code}</code></pre></div>'


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
    return _link(own[0], question) if own else ""


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
        link = _link(exercise, question)
        page = f"[{question.title}]({question.path})"
        yield f"| {link}: {exercise.asks} | {page} | {exercise.minutes} |"
    yield from ("", "</section>", "")


def _link(exercise: Exercise, question: Question) -> str:
    address = _address(exercise.question, exercise.key)
    return f"[{exercise.key}]({question.path}#{address})"


def _address(number: str, *task: str) -> str:
    """The address of a turn or of a task in it, which practice.js knows by its words."""
    return "-".join((number.lower(), "your-turn", *task))
