"""The cards that a page asks for: a question in a comment, directly above its answer.

Above a formula, the answer is the formula and what its symbols mean. Above a snippet it
stands in the comment, behind the question, and takes its numbers from what the snippet
prints: `{label}` is the first number behind that label, on its line, and `{label #2}` the
second; `{t = 2 … label}` is further down. In *What goes wrong* the comment names lines of
the snippet by how they begin: the card shows them, and what the page says of the mistake
is the answer.

    <!-- card: What is the update of Adam? -->
    <!-- card: How long is Adam's second step? {t = 2 … fraction} η -->
    <!-- card: What is wrong with this step of Adam?
    wrong = wrong - 1e-3
    -->
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from workshop.pages.fences import fences
from workshop.pages.formulas import Formula, blanked, formulas
from workshop.pages.snippets import Snippet, snippets

KINDS = {
    "formula": "a formula",
    "number": "a snippet that prints a number",
    "bug": "a snippet of a mistake",
}
MISTAKES = "What goes wrong"
_DIRECTIVE = re.compile(
    r"^[ \t]*<!-- card:(?P<text>.*?)-->[ \t]*\n", re.DOTALL | re.MULTILINE
)
_QUESTION = re.compile(r"(?P<question>[^?]+\?)(?P<answer>.*)", re.DOTALL)
_LABEL = re.compile(r"\{(?P<label>[^{}#]*?)(?: ?#(?P<nth>[1-9]))?\}")
_NUMBER = re.compile(r"-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?")
_HEADING = re.compile(
    r"^(?P<marks>##|###) (?P<title>.+?)(?: \{#[\w-]+\})?$"
    r'|^\?\?\? question "(?P<fold>.+)"$',
    re.MULTILINE,
)
# No sentence ends within a formula or code, nor at these.
_WHOLE = re.compile(r"\$[^$]+\$|`[^`]+`|\b(?:al|vs|e\.g|i\.e)\.")
_END = re.compile(r"[.?!][\"”)*]*(?=\s)")


@dataclass(frozen=True)
class Card:
    """One thing to know, both sides in the Markdown of its page."""

    kind: str
    front: str
    back: str
    section: str
    """The title under which it stands: of a heading, or a follow-up question."""


def cards(text: str) -> Iterator[Card]:
    """Find the cards that a page asks for.

    Raises:
        ValueError: If a comment has no question, or no answer.
    """
    if "<!-- card" in _without_code(without_cards(text)):
        raise ValueError("a comment for a card must begin a line and end one")
    for directive in _DIRECTIVE.finditer(text):
        try:
            yield _card(text, directive)
        except ValueError as error:
            line = text.count("\n", 0, directive.start()) + 1
            raise ValueError(f"line {line}: {error}") from error


def without_cards(text: str) -> str:
    """Take off the comments that ask for cards; they are not shown."""
    return _DIRECTIVE.sub("", text)


def sentences(text: str) -> list[str]:
    """Cut a paragraph into its sentences."""
    safe = blanked(text, [found.span() for found in _WHOLE.finditer(text)])
    ends = [found.end() for found in _END.finditer(safe)]
    cut = (text[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True))
    return [_one_line(part) for part in cut if part.strip()]


def _card(text: str, directive: re.Match[str]) -> Card:
    asked = _QUESTION.fullmatch(directive["text"])
    if asked is None:
        raise ValueError("a card must ask a question")
    front, answer, place = _one_line(asked["question"]), asked["answer"], directive.end()
    while below := _DIRECTIVE.match(text, place):  # two cards of one snippet
        place = below.end()
    headings = list(_HEADING.finditer(_without_code(text[:place])))
    parts = [heading["title"] for heading in headings if heading["marks"] == "##"]
    if not parts:
        raise ValueError("a card must stand in a part of its page")
    section = headings[-1]["title"] or headings[-1]["fold"]
    formula = next((x for x in formulas(text) if x.start == place), None)
    snippet = next((x for x in snippets(text) if x.fence.start == place), None)
    if formula and not answer.strip():
        return Card("formula", front, _explained(text, formula), section)
    if snippet and parts[-1] == MISTAKES:
        said = text[headings[-1].end() : place].partition("\n??? ")[0].strip()
        front += f"\n\n```python\n{_shown(snippet, answer)}\n```"
        return Card("bug", front, f"**{section}.** {said}", section)
    if snippet:
        return Card("number", front, _filled(_one_line(answer), snippet), section)
    raise ValueError("a card must stand directly above a formula or a snippet")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _without_code(text: str) -> str:
    """Blank what stands in fences: there, a # begins no heading."""
    return blanked(text, [(fence.start, fence.end) for fence in fences(text)])


def _explained(text: str, formula: Formula) -> str:
    """A formula with what its symbols mean: a list behind *where*, or a sentence."""
    block = textwrap.dedent(text[formula.block : formula.end])
    below = text[formula.end :].lstrip("\n").split("\n\n", 2)
    first, *rest = map(textwrap.dedent, below)  # they may stand in a fold
    if not first.startswith("where"):
        raise ValueError(
            "the formula of a card must be followed by what its symbols mean"
        )
    meaning = sentences(first)[0]
    if meaning == "where":
        meaning += "\n\n" + rest[0]
    return f"{block}\n\n{meaning}"


def _shown(snippet: Snippet, beginnings: str) -> str:
    """The lines of a snippet that begin like those named, in their order."""
    lines = iter(snippet.code.split("\n"))
    found = []
    for beginning in filter(None, map(str.strip, beginnings.split("\n"))):
        line = next((x for x in lines if x.strip().startswith(beginning)), None)
        if line is None:
            raise ValueError(f"a card must show lines of its snippet; got {beginning!r}")
        found.append(line)
    if not found:
        raise ValueError("a card must name the lines of the snippet that it shows")
    return textwrap.dedent("\n".join(found))


def _filled(answer: str, snippet: Snippet) -> str:
    """An answer with the numbers that its snippet prints."""

    def printed(label: re.Match[str]) -> str:
        start, nth = 0, int(label["nth"] or 1)
        for words in label["label"].split(" … "):
            start = snippet.expected.find(words, start) + len(words)
            if start < len(words):
                raise ValueError(
                    f"a card must have labels that are printed; got {words!r}"
                )
        numbers = _NUMBER.findall(snippet.expected[start:].partition("\n")[0])
        if len(numbers) < nth:
            raise ValueError(f"a card must find a number on the line of {label[0]}")
        return str(numbers[nth - 1])

    filled, count = _LABEL.subn(printed, answer)
    if not count:
        raise ValueError("a card must take a number from its snippet, as in {label}")
    return filled
