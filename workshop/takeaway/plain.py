"""A page's source as plain Markdown: what only the site understands is put into words.

Directives go, and what needs a script; boxes, folds and tabs become headings; captions
become paragraphs; links lead to the site. Formulas and fences stay as they are.
"""

import re
from dataclasses import dataclass, field

from workshop.pages.cards import without_cards
from workshop.pages.formulas import formulas
from workshop.pages.questions import fenced
from workshop.takeaway.links import Links

_HEADING = re.compile(r"(?P<marks>#+) (?P<title>.*?)(?: \{#[\w.-]+\})?")
_BOX = re.compile(r'(?:!!!|\?\?\?\+?|===) (?:[\w-]+ )*"(?P<title>.*)"')
_CAPTION = re.compile(r"/// (?P<kind>\w+)-caption")
_LIVE = re.compile(r"^<figure\b.*?^</figure>\n*", re.DOTALL | re.MULTILINE)
_FLAGS = re.compile(r"^(```+\w+) \{[^}]*\}$", re.MULTILINE)


def flat(text: str, path: str, links: Links) -> str:
    """Return the page without the site's own syntax; only fences keep their flags.

    Args:
        text: The page, without its front matter.
        path: Where it lies below the folder of the pages, for its relative links.
        links: Where references lead.
    """
    text = _LIVE.sub("", _without_directives(text))
    writer = _Writer(path, links)
    code = {number for start, end in fenced(text) for number in range(start + 1, end)}
    for number, line in enumerate(text.split("\n")):
        if number in code:
            writer.lines.append(line[writer.indent :])
        else:
            writer.write(line)
    return "\n".join(writer.lines).strip() + "\n"


def unflagged(text: str) -> str:
    """Take the flags off the fences: `text {.output}` is plain `text` elsewhere."""
    return _FLAGS.sub(r"\1", text)


def _without_directives(text: str) -> str:
    text = without_cards(text)
    for formula in reversed(list(formulas(text))):
        text = text[: formula.start] + text[formula.block :]
    return text


@dataclass
class _Writer:
    """Takes the lines outside fences one by one, and knows in which boxes they stand."""

    path: str
    links: Links
    lines: list[str] = field(default_factory=list)
    level: int = 1
    boxes: list[int] = field(default_factory=list)
    """The columns at which the text of the open boxes begins."""
    captions: dict[str, int] = field(default_factory=dict)
    prefix: str = ""
    """Of the next line of text: the number of a figure."""

    @property
    def indent(self) -> int:
        return self.boxes[-1] if self.boxes else 0

    def write(self, line: str) -> None:
        text = line.lstrip()
        column = len(line) - len(text)
        closed = bool(text) and self._close(column)
        if heading := _HEADING.fullmatch(text):
            self.level = len(heading["marks"])
            self.lines.append(f"{heading['marks']} {heading['title']}")
        elif box := _BOX.fullmatch(text):
            marks = "#" * (self.level + len(self.boxes) + 1)
            self.lines.append(f"{marks} {box['title']}")
            self.boxes.append(column + 4)
        else:
            if closed:  # what follows a box must not read as a part of it
                self.lines += ["---", ""]
            self._text(line[self.indent :])

    def _text(self, line: str) -> None:
        if caption := _CAPTION.fullmatch(line):
            kind = caption["kind"]
            self.captions[kind] = self.captions.get(kind, 0) + 1
            self.prefix = f"{kind.capitalize()} {self.captions[kind]}. "
        elif line != "///" and (line or self.lines[-1:] != [""]):
            self.lines.append(self.prefix + self.links.resolved(line, self.path))
            self.prefix = ""

    def _close(self, column: int) -> bool:
        """Leave the boxes that a text in this column does not belong to."""
        before = len(self.boxes)
        while column < self.indent:
            self.boxes.pop()
        return len(self.boxes) < before
