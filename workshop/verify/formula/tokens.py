r"""LaTeX as a list of tokens, without what only moves ink."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<space>\s+|\\[,;:! ]|~)"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<row>\\\\)"
    r"|(?P<command>\\(?:[a-zA-Z]+|[{}|]))"
    r"|(?P<sign>.)"
)
_INK = {
    *(r"\left", r"\right", r"\big", r"\Big", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr"),
    *(r"\displaystyle", r"\limits", r"\nolimits", r"\middle"),
}
_SAME = {
    r"\le": r"\leq",
    r"\ge": r"\geq",
    r"\ne": r"\neq",
    "*": r"\ast",
    r"\|": r"\lVert",
}
STYLES = {r"\text", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathit", r"\mathbb"}
STYLES |= {r"\boldsymbol", r"\mathcal"}


class FormulaError(ValueError):
    """A formula that cannot be read, typeset or computed."""


@dataclass(frozen=True)
class Token:
    """One sign, number or command, and where it stands."""

    text: str
    start: int


def tokens(latex: str) -> list[Token]:
    """Split LaTeX; spaces, alignment and the sizes of brackets are left out."""
    found = []
    for match in _TOKEN.finditer(latex):
        text = match[0]
        if match["space"] or text in _INK:
            continue
        found.append(Token(_SAME.get(text, text), match.start()))
    return found
