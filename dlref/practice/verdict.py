"""What the judge found, as a reader sees it."""

import textwrap
import unicodedata
from dataclasses import dataclass, field

from dlref.practice.exercise import Exercise
from dlref.practice.judging import Failure, Row

WIDTH, _NOTE = 80, 26  # columns, and at which of them a note begins
_COLORS = {"ok": 32, "WRONG": 31, "not reached": 2}
_SPELLED = {
    "−": "-", "⁄": "/", "·": "*", "×": "x", "≤": "<=", "≥": ">=", "√": "sqrt ",
    "±": "+-", "…": "...", "∞": "infinity", "✓": "x",
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """How an answer did: a row per check. Its text is what `print` shows.

    Attributes:
        exercise: Which exercise it answers.
        language: What it is written in: numpy or torch.
        rows: The checks, in their order.
        printed: What it printed while it was judged.
        hint: Whether a notebook shows the hint.
    """

    exercise: Exercise
    language: str
    rows: list[Row] = field(default_factory=list)
    printed: str = ""
    hint: bool = False

    @property
    def passed(self) -> bool:
        """Whether all checks were passed."""
        return all(row.status == "ok" for row in self.rows)

    @property
    def hints(self) -> list[str]:
        """The hints to what is wrong."""
        return [x.failure.hint for x in self.rows if x.failure and x.failure.hint]

    def text(self, *, hint: bool = True, color: bool = False) -> str:
        """Write the rows in 80 columns, with or without the hint, in color or not."""
        lines = [line for row in self.rows for line in _row(row, hint, color)]
        if self.printed:
            lines += ["  It prints, which no check needs:"]
            lines += [f"    {line}" for line in self.printed.splitlines()[:3]]
        return "\n".join(lines)

    def __repr__(self) -> str:
        """Show it at the end of a cell."""
        text = self.text(hint=self.hint)
        if self.hint or not self.hints:
            return text
        return f"{text}\n  A hint is at hand: judge({self.exercise.name}, hint=True)"


def _row(row: Row, hint: bool, color: bool) -> list[str]:
    status = f"\033[{_COLORS[row.status]}m{row.status}\033[0m" if color else row.status
    note, *others = textwrap.wrap(row.note, WIDTH - _NOTE) or [""]
    first = f"  {row.check:18} {status}"
    lines = [f"{first}{' ' * max(1, 5 - len(row.status))}{note}".rstrip()]
    lines += [" " * _NOTE + other for other in others]
    return [*lines, *_failure(row.failure, hint)] if row.failure else lines


def _failure(failure: Failure, hint: bool) -> list[str]:
    parts = [failure.inputs, *failure.says.splitlines()]
    if failure.right:
        parts.append(f"yours: {failure.yours}      right: {failure.right}")
    if hint and failure.hint:
        parts.append(f"Hint: {failure.hint}")
    return [line for part in parts if part for line in _wrapped(part)]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 8,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def spelled(text: str, encoding: str) -> str:
    """Write what an encoding does not hold in letters that it holds: γ is gamma."""
    return "".join(x if _holds(encoding, x) else _ascii(x) for x in text)


def _holds(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _ascii(letter: str) -> str:
    if letter.isascii() or letter in _SPELLED:
        return _SPELLED.get(letter, letter)
    plain = unicodedata.normalize("NFKD", letter)
    if plain != letter:
        return "".join(map(_ascii, plain))  # ² is 2
    name = unicodedata.name(letter, "")
    return name.rpartition(" ")[2].lower() if name.startswith("GREEK") else "?"
