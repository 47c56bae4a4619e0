"""The form of a question's page: what a reader may count on to find, and where.

Each rule takes a page and says what it must have, and what it has instead.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from workshop import ROOT
from workshop.pages.cards import KINDS, cards
from workshop.pages.fences import fences
from workshop.pages.questions import Question, sections
from workshop.pages.snippets import snippets

PARTS = (
    "The question",
    "In one breath",
    "At a glance",
    "The answer",
    "By hand",
    "From scratch",
    "What goes wrong",
    "Follow-up questions",
    "What a strong answer has",
    "Sources",
    "Reference",
)
LEVELS = "beginner", "intermediate", "advanced"
STRONG = "Junior", "Senior", "Staff"
LANGUAGES = '"NumPy"', '"PyTorch"'
CORRECTIONS = "Often printed, and wrong", "A common slip"
FOLLOW_UPS = 8
OPEN_WORDS = 1400  # seven minutes, at 200 words a minute
FOLDED_WORDS = 1500
FOLDED = {"figure", "table"}  # whose code is
COLUMNS = {"python": 60, "text": 44}  # of what is open: more runs out of a phone
LISTS = "Sources", "Reference"  # which are looked up, not read
DAYS = 6  # the seventh repeats
PLACE = re.compile(
    r"\b(abstract|appendix|algorithm|equation|figure|line|section|table|theorem)s?\b"
    r"|`[\w/.]+\.\w+`",  # a file of a repository
    re.IGNORECASE,
)
POINTING = "It", "Its", "They", "This", "That", "These", "There"
_ANSWER = re.compile(r'^\?\?\? question "(.+)"\n\n    (\w+)', re.MULTILINE)
_SECOND = re.compile(r",\s+and\s+(what|who|why|how|can|must)\b")
_UNSAYABLE = re.compile(r"\$[^$]*\\(?:frac|sum|sqrt|prod|int|exp)\b[^$]*\$")
_FORMULA = re.compile(r"^\$\$\n.*?^\$\$$", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(r"<!-- formula.*?-->\s*", re.DOTALL)
_CORRECTION = re.compile(r'^!!! warning "(.+)"\n((?:(?: {4}.*)?\n)*)', re.MULTILINE)
_FOLD = re.compile(r"^( *)\?\?\? .*\n(?:(?:\1 {4}.*)?\n)*", re.MULTILINE)
_UNSPOKEN = re.compile(  # code, formulas, sliders and their frames are not read as words
    r"^\$\$\n.*?^\$\$$|```[^\n]*|<!--.*?-->"
    r"|<figure.*?<figcaption markdown>|</?(?:figcaption|figure|span)[^>]*>",
    re.MULTILINE | re.DOTALL,
)

Rule = Callable[[Question], Iterator[str]]


def problems(question: Question) -> list[str]:
    """List what is missing on a page, in words; nothing if its form is right."""
    said = (problem for rule in RULES for problem in rule(question))
    return [f"docs/{question.path} {problem}" for problem in said]


def blanked(text: str) -> str:
    """Return a text with the lines in its fences taken out, so that a # is a heading."""
    for fence in reversed(fences(text)):
        text = text[: fence.body.start] + text[fence.body.stop :]
    return text


def unfolded(text: str) -> str:
    """Return a text without its folds."""
    return _FOLD.sub("", text)


def words(text: str) -> int:
    """Count what is read as words: no code, formulas and sliders."""
    return len(_UNSPOKEN.sub(" ", blanked(text)).split())


def at_least(least: int, what: str, got: int) -> Iterator[str]:
    """Say that there is too little of something."""
    if got < least:
        yield f"must have at least {least} {what}; got {got}"


def between(least: int, most: int, what: str, got: int) -> Iterator[str]:
    """Say that there is too little or too much of something."""
    if not least <= got <= most:
        yield f"must have {least} to {most} {what}; got {got}"


def one_of(known: tuple[str, ...], what: str, got: str) -> Iterator[str]:
    """Say that something is none of what is known."""
    if got not in known:
        yield f"must have {what} that is one of {', '.join(known)}; got {got!r}"


def _count(pattern: str, text: str) -> int:
    return len(re.findall(pattern, text, re.MULTILINE))


def front_matter(question: Question) -> Iterator[str]:
    """Numbers, words of the right length, and a subject that is the page's folder."""
    if not re.fullmatch(r"DL\d{4}", question.number):
        yield f"must have an id like DL0050; got {question.number!r}"
    folder = question.path.partition("/")[0]
    if question.subject != folder:
        yield f"must have its folder as its subject, {folder}; got {question.subject!r}"
    yield from between(10, 200, "characters of question", len(question.question))
    # What a search engine shows; two lines of a phone.
    yield from between(80, 160, "characters of description", len(question.description))
    yield from between(6, 12, "words of summary", len(question.summary.split()))
    if not question.summary.endswith("."):
        yield f"must have a summary that is a sentence; got {question.summary!r}"
    yield from at_least(2, "tags", len(question.tags))
    yield from one_of(LEVELS, "a level", question.level)
    yield from between(1, DAYS, "as its day of the week", question.day)


def hints(question: Question) -> Iterator[str]:
    """Nothing of the template that a question begins with is left."""
    for hint in re.findall(r"<!-- hint: ([^:;,.]*)", question.body):
        yield f"must have no hint of its template left; got {' '.join(hint.split())!r}"


def title(question: Question) -> Iterator[str]:
    """The heading that other pages refer to."""
    wanted = f"# {question.title} {{#{question.number.lower()}}}"
    found = re.search(r"^# .+$", blanked(question.body), re.MULTILINE)
    got = found[0] if found else "none"
    if got != wanted:
        yield f"must have the heading {wanted!r}; got {got!r}"


def parts(question: Question) -> Iterator[str]:
    """The headings of the second level, in their order."""
    found = list(question.parts)
    for part in PARTS:
        if part not in found:
            yield f"must have the part '## {part}'; got none"
    for part in found:
        if part not in PARTS:
            yield f"must have no part but those of its form; got '## {part}'"
    known = [part for part in found if part in PARTS]
    for one, next_one in pairwise(known):
        if PARTS.index(one) > PARTS.index(next_one):
            yield f"must have '## {next_one}' before '## {one}'; got it behind"


def quotation(question: Question) -> Iterator[str]:
    """The question, as the front matter has it."""
    lines = question.parts.get("The question", "").splitlines()
    got = " ".join(line.removeprefix("> ") for line in lines)
    if got != question.question:
        yield (
            "must quote the question of its front matter in '## The question'; "
            f"got {got!r}"
        )


def breath(question: Question) -> Iterator[str]:
    """What can be said in half a minute."""
    text = re.sub(r"(?s)<!--.*?-->", "", question.parts.get("In one breath", ""))
    yield from between(30, 70, "words in '## In one breath'", len(text.split()))
    for formula in _UNSAYABLE.findall(text):
        yield f"must say '## In one breath' without a formula; got {formula}"


def glance(question: Question) -> Iterator[str]:
    """The formula and the figure that one keeps in mind."""
    text = question.parts.get("At a glance", "")
    drawn = _count(r"^ *```python \{\.figure\}$", text)
    yield from between(1, 1, "figures in '## At a glance'", drawn)
    shown = len(_FORMULA.findall(_DIRECTIVE.sub("", blanked(text))))
    yield from at_least(1, "formulas in '## At a glance'", shown)


def answer(question: Question) -> Iterator[str]:
    """Numbered points, and formulas that say what their symbols mean."""
    text = blanked(question.parts.get("The answer", ""))
    points = re.findall(r"^### (\d+)\. ", text, re.MULTILINE)
    yield from at_least(3, "points '### 1. …' in '## The answer'", len(points))
    wanted = [str(number) for number in range(1, len(points) + 1)]
    if points != wanted:
        counted = ", ".join(points)
        yield f"must number the points of '## The answer' from 1; got {counted}"


def formulas(question: Question) -> Iterator[str]:
    """Formulas, each followed by what its symbols mean."""
    for part in "At a glance", "The answer":
        text = _DIRECTIVE.sub("", blanked(question.parts.get(part, "")))
        _, *after = _FORMULA.split(text)
        for said in map(str.strip, after):
            if not re.match(r"(\$\$|where\b|and\b|$)", said):
                yield (
                    f"must say below each formula of '## {part}' what its symbols mean, "
                    f"where …; got {said.splitlines()[0][:40]!r}"
                )


def corrections(question: Question) -> Iterator[str]:
    """What is wrong and where it is printed, each with a proof that runs, folded."""
    boxes = _CORRECTION.findall(question.body)
    yield from at_least(1, "boxes '!!! warning \"A common slip\"' or like it", len(boxes))
    for name, text in boxes:
        first = text.strip().partition("\n")[0]
        if name not in CORRECTIONS:
            yield f"must title a warning {' or '.join(CORRECTIONS)}; got {name!r}"
        if name == CORRECTIONS[0] and "](http" not in unfolded(text):
            yield f"must link to where a correction's error is printed; got {first!r}"
        if "```python" not in text:
            yield f"must prove each correction with a snippet; got none at {first!r}"
        elif "```python" in unfolded(text):
            yield f"must fold the proof of each correction; got it open at {first!r}"


def figures(question: Question) -> Iterator[str]:
    """Two figures, each with its caption."""
    drawn = _count(r"^ *```python \{\.figure\}$", question.body)
    captions = _count(r"^ */// figure-caption$", question.body)
    yield from at_least(2, "figures", drawn)
    if drawn != captions:
        yield f"must have a caption for each of its {drawn} figures; got {captions}"


def by_hand(question: Question) -> Iterator[str]:
    """An example whose numbers are printed by code."""
    if "```text {.output" not in question.parts.get("By hand", ""):
        yield "must have an executed output in '## By hand'; got none"


def from_scratch(question: Question) -> Iterator[str]:
    """Tabs in both languages, with code, and a check behind them.

    A subject that is neither array nor tensor, and so is written once, needs no tabs.
    """
    text = blanked(question.parts.get("From scratch", ""))
    if (ROOT / "dlref" / question.subject).is_dir() and "=== " not in text:
        code = _count(r"^```python", text)
        yield from at_least(2, "snippets, code and a check, in '## From scratch'", code)
        return
    tabs = re.split(r"^=== ", text, flags=re.MULTILINE)[1:]
    got = tuple(tab.partition("\n")[0] for tab in tabs[:2])
    if got != LANGUAGES:
        yield (
            f"must have the tabs {' and '.join(LANGUAGES)} first in '## From scratch'; "
            f"got {' and '.join(got) or 'none'}"
        )
    for tab in tabs[:2]:
        if "    ```python" not in tab:
            name = tab.partition("\n")[0]
            yield f"must have code in each tab of '## From scratch'; got none in {name}"
    checks = _count(r"^```python", text)
    yield from at_least(1, "checks behind the tabs of '## From scratch'", checks)


def wrong(question: Question) -> Iterator[str]:
    """Mistakes that people make, each of them run."""
    items = list(sections(question.parts.get("What goes wrong", ""), "###"))[1:]
    yield from at_least(3, "mistakes '### …' in '## What goes wrong'", len(items))
    for name, text in items:
        if "```python" not in text:
            yield f"must run each mistake of '## What goes wrong'; got none for {name!r}"
        elif "```python" in unfolded(text):
            yield f"must fold the run of each mistake; got it open for {name!r}"


def follow_ups(question: Question) -> Iterator[str]:
    """Questions that follow, their answers folded."""
    text = blanked(question.parts.get("Follow-up questions", ""))
    asked = _count(r'^\?\?\? question ".+\?"', text)
    yield from at_least(FOLLOW_UPS, "follow-up questions", asked)
    for name, first in _ANSWER.findall(text):
        if first in POINTING:
            yield f"must answer {name!r} so that a card can say it; got {first!r} first"


def flashcards(question: Question) -> Iterator[str]:
    """A card of each kind that a page asks for in a comment."""
    try:
        kinds = {card.kind for card in cards(question.body)}
    except ValueError as error:
        yield f"must answer what its cards ask: {error}"
        return
    for front in re.findall(r"<!-- card: ([^?]*\?)", question.body):
        if _SECOND.search(front):
            yield f"must ask one question on a card; got {' '.join(front.split())!r}"
    for kind in KINDS:
        if kind not in kinds:
            yield f"must have '<!-- card: …? -->' above {KINDS[kind]}; got none"


def strong_answer(question: Question) -> Iterator[str]:
    """What is expected at each level."""
    text = question.parts.get("What a strong answer has", "")
    got = tuple(re.findall(r"^- \*\*(.+):\*\*", text, re.MULTILINE))
    if got != STRONG:
        yield (
            f"must have a line each for {', '.join(STRONG)} in '## What a strong answer "
            f"has'; got {', '.join(got) or 'none'}"
        )


def sources(question: Question) -> Iterator[str]:
    """Three links, and with each source the place in it."""
    text = question.parts.get("Sources", "")
    entries = re.split(r"^- ", text, flags=re.MULTILINE)[1:]
    linked = [entry for entry in entries if "](http" in entry]
    yield from at_least(3, "linked sources", len(linked))
    for entry in entries:
        if not PLACE.search(entry):
            first = entry.partition("\n")[0]
            yield f"must name the place in each source, as in 'Section 3'; got {first!r}"


def reference(question: Question) -> Iterator[str]:
    """Links to the code behind the page."""
    links = _count(r"\]\[dlref\.", question.parts.get("Reference", ""))
    yield from at_least(2, "links [`name`][dlref.…] in '## Reference'", links)


def length(question: Question) -> Iterator[str]:
    """What a reader scrolls by, and what the folds hold."""
    read = (text for part, text in question.parts.items() if part not in LISTS)
    text = "\n\n".join(read)
    shown = words(unfolded(text))
    yield from between(700, OPEN_WORDS, "words of open prose", shown)
    yield from between(0, FOLDED_WORDS, "words in folds", words(text) - shown)


def width(question: Question) -> Iterator[str]:
    """Open code and output that a phone shows whole."""
    for fence in fences(unfolded(question.body)):
        most = COLUMNS.get(fence.language, 60)
        for line in [] if FOLDED & set(fence.flags) else fence.source.splitlines():
            if len(line) > most:
                yield f"must have open lines of at most {most} columns; got {line!r}"


def silence(question: Question) -> Iterator[str]:
    """Every snippet shows what it prints or draws."""
    for snippet in snippets(question.body):
        if not (snippet.output or "figure" in snippet.fence.flags):
            first = snippet.code.partition("\n")[0]
            yield f"must show what each snippet prints; got nothing below {first!r}"


RULES: tuple[Rule, ...] = (
    front_matter,
    hints,
    title,
    parts,
    quotation,
    breath,
    glance,
    answer,
    formulas,
    corrections,
    figures,
    by_hand,
    from_scratch,
    wrong,
    follow_ups,
    flashcards,
    strong_answer,
    sources,
    reference,
    length,
    width,
    silence,
)
