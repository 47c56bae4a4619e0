"""Cases and matrices."""

from workshop.verify.formula.parse.grammar import REFUSED, WORDS, Grammar
from workshop.verify.formula.parse.rows import columns_off
from workshop.verify.formula.reader import pieces, plain, split
from workshop.verify.formula.tokens import STYLES, Token
from workshop.verify.formula.tree import (
    Cases,
    Claim,
    Expression,
    Logical,
    Matrix,
    Series,
    Transpose,
)

_OTHERWISE = {"otherwise", "else", "elsewhere"}
_JOINING = {"and": r"\land", "or": r"\lor"}


class Environments(Grammar):
    """Reads rows."""

    def rows(self, array: str = "matrix") -> Expression:
        r"""Read an environment; in an opening brace, an `array` holds cases."""
        start = self.place
        kind, within = self.environment()
        if kind == "array":
            within, kind = columns_off(within, self.latex, kind), array
        rows = [row for row in split(within, {r"\\"}) if row]
        if kind in {"cases", "dcases"}:
            return Cases(tuple(map(self.case, rows)))
        if kind in {"matrix", "pmatrix", "bmatrix"}:
            return self.matrix([split(row, {"&"}) for row in rows])
        self.place = start
        raise self.error("an environment must be aligned, cases, pmatrix or bmatrix")

    def matrix(self, rows: list[list[list[Token]]]) -> Expression:
        column = [cell for row in rows for cell in row]
        if not all(column):
            raise self.error("a matrix must have something in each cell")
        if r"\vdots" in {cell[0].text for cell in column} and len(column) == len(rows):
            return Transpose(Matrix((self.cells(column, "vdots"),)))
        return Matrix(tuple(self.cells(row, "dots") for row in rows))

    def cells(self, row: list[list[Token]], dots: str) -> tuple[Expression, ...]:
        texts = [plain(cell) for cell in row]
        if dots not in texts:
            return tuple(map(self.within, row))
        place = texts.index(dots)
        if not 0 < place < len(row) - 1:
            raise self.error(REFUSED[r"\dots"])
        first, last = tuple(map(self.within, row[:place])), self.within(row[place + 1])
        return (Series(",", first, last), *map(self.within, row[place + 2 :]))

    def case(self, row: list[Token]) -> tuple[Expression, Claim | Logical | None]:
        value, *condition = split(row, {"&"})
        if len(condition) != 1:
            raise self.error("a case must have a value and a condition")
        if value and value[-1].text in {",", ";"}:
            value = value[:-1]
        words, when = _spoken(condition[0])
        otherwise = words & _OTHERWISE and not when
        return self.within(value), None if otherwise else self.logical_in(when)


def _spoken(found: list[Token]) -> tuple[set[str], list[Token]]:
    r"""The words of a condition, and the rest, where `\text{and}` is `\land`."""
    words, rest = set[str](), list[Token]()
    for piece in pieces(found):
        word = plain(piece).rstrip(".,") if piece[0].text in STYLES else ""
        if word in _JOINING:
            rest.append(Token(_JOINING[word], piece[0].start))
        elif word not in WORDS | _OTHERWISE:
            rest += piece
        words.add(word)
    if found[-1:] == rest[-1:] and rest and rest[-1].text in {",", ".", ";"}:
        rest.pop()
    return words, rest
