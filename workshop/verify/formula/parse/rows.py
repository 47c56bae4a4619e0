r"""What a formula claims, as one list of tokens each."""

from workshop.verify.formula.macros import undressed
from workshop.verify.formula.parse.grammar import (
    OPERATORS,
    RELATIONS,
    SEPARATORS,
    WORDS,
)
from workshop.verify.formula.reader import CLOSING, OPENING, Reader, pieces, plain, split
from workshop.verify.formula.tokens import STYLES, Token, tokens

_ALIGNED = {"aligned", "align", "alignat", "equation", "split", "gather", "gathered"}
_ALIGNED |= {"eqnarray", "multline", "array"}
_WITH_COLUMNS = {"array", "alignat"}
_ENDS = {*SEPARATORS, ":"}


def claims(latex: str) -> list[list[Token]]:
    """Part a formula into what it claims; a row may go on with the one above it."""
    found: list[list[Token]] = []
    for row in _rows(_unwrapped(undressed(tokens(latex), latex), latex)):
        if found and _goes_on(found[-1], row):
            found[-1] = found[-1] + row
        elif row:
            found.append(row)
    return found


def _unwrapped(found: list[Token], latex: str) -> list[Token]:
    r"""Take `\begin{aligned} … \end{aligned}` off, and the marks that align."""
    reader = Reader(found, latex)
    if reader.peek() == r"\begin":
        name, within = reader.environment()
        name = name.removesuffix("ast")
        if name in _ALIGNED and reader.peek() in {"", ".", ","}:
            return _unwrapped(columns_off(within, latex, name), latex)
    return [token for part in split(found, {"&"}) for token in part]  # not of cases


def columns_off(within: list[Token], latex: str, environment: str) -> list[Token]:
    """Take off what says how the columns of an array are aligned."""
    if environment not in _WITH_COLUMNS:
        return within
    columns = Reader(within, latex)
    columns.group()
    return within[columns.place :]


def _rows(found: list[Token]) -> list[list[Token]]:
    """Part a formula at its separators."""
    rows: list[list[Token]] = [[]]
    for row in split(_without_quantifiers(_without_words(found)), SEPARATORS - {","}):
        rows += _listed(split(row, {","}))
    return rows


def _without_quantifiers(found: list[Token]) -> list[Token]:
    r"""Take off the names behind `\forall`, `\forall i, j`; what is claimed stays."""
    bare, *quantified = split(found, {r"\forall"})
    for part in quantified:
        while part and len(split(name := split(part, _ENDS)[0], RELATIONS)) == 1:
            part = part[len(name) + 1 :]
        for claimed in split(part, {":"}):
            bare = [*bare, Token(r"\quad", 0), *claimed]
    return bare


def _listed(parts: list[list[Token]]) -> list[list[Token]]:
    r"""Put a list with dots together again: `i = 1, \dots, n`."""
    kept: list[list[Token]] = []
    for place, part in enumerate(parts):
        near = parts[max(place - 1, 0) : place + 2]
        listed = any(x and x[0].text == r"\dots" for x in near)
        if kept and listed and not any(token.text in RELATIONS for token in part):
            kept[-1] = [*kept[-1], Token(",", part[0].start if part else 0), *part]
        else:
            kept.append(part)
    return kept


def _without_words(found: list[Token]) -> list[Token]:
    r"""Read `\text{for}` and its like as what parts two claims, outside of brackets."""
    rest, depth = list[Token](), 0
    for piece in pieces(found):
        token = piece[0]
        depth += token.text in {*OPENING, r"\begin"}
        depth -= token.text in {*CLOSING, r"\end"}
        if depth == 0 and token.text in STYLES and plain(piece).rstrip(":,") in WORDS:
            rest.append(Token(r"\quad", token.start))
        else:
            rest += piece
    return rest


def _goes_on(before: list[Token], row: list[Token]) -> bool:
    """Tell whether a row is the rest of the one above it."""
    between = {*RELATIONS, *OPERATORS, "+"}
    if before[-1].text in {*between, "-"}:
        return True
    first = row[0].text if row else ""
    return first in between or (first == "-" and len(split(row, RELATIONS)) == 1)
