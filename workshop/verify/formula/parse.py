"""From LaTeX to a tree: a Pratt parser that knows what its names are bound to."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from workshop.verify.formula.reader import CLOSING, OPENING, Reader, plain, split
from workshop.verify.formula.tokens import STYLES, Token, tokens
from workshop.verify.formula.tree import (
    Big,
    Binary,
    Call,
    Cases,
    Claim,
    Element,
    Expression,
    Fenced,
    Listing,
    Logical,
    Matrix,
    Name,
    Negative,
    Number,
    Power,
    Transpose,
    Truth,
    identifier,
)

Result = TypeVar("Result")

RELATIONS = {"=", r"\approx", "<", ">", r"\leq", r"\geq", r"\neq", r"\sim"}
_SEPARATORS = {r"\quad", r"\qquad", ",", r"\\"}
_BRACKETS = {"(": ")", "[": "]", r"\{": r"\}"}
_FENCED = {r"\lfloor": "floor", r"\lceil": "ceil", r"\lVert": "norm"}
_ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\vec", r"\dot"}
_ACCENTS |= {r"\widehat", r"\widetilde", r"\overline"}
_TIMES = {r"\cdot": "*", r"\times": "*", "/": "/"}
_OPERATORS = {*_TIMES, r"\odot"}
_LOGICAL = {r"\land": "and", r"\lor": "or"}
_DOTS = {r"\ldots", r"\dots", r"\cdots"}
_NOT_ATOMS = {*_OPERATORS, *RELATIONS, *_SEPARATORS, *_LOGICAL, *_DOTS, *CLOSING}
_NOT_ATOMS |= {"+", "-", "^", "_", "&", "'", r"\to", r"\mid", r"\end", r"\ast"}
# Functions that take what follows without a bracket: \log p.
_NAMED = {"log", "ln", "exp", "tanh", "sin", "cos", "max", "min"}


def parse(latex: str, names: Mapping[str, object]) -> list[Claim]:
    """Read the claims of a formula, in their order.

    Args:
        latex: What stands between the dollars.
        names: What the symbols are bound to, as `Name.identifier` writes them. A bracket
            behind a function holds its arguments; `W^Q` is one name if `W_Q` is bound.

    Raises:
        FormulaError: If there is something in it that the grammar lacks.
    """
    claims: list[list[Token]] = []
    for row in split(_unwrapped(latex), _SEPARATORS):
        if claims and _goes_on(claims[-1], row):
            claims[-1] = claims[-1] + row
        elif row:
            claims.append(row)
    return [
        replace(
            _Parser(row, latex, names).whole(_Parser.claim),
            latex=latex[row[0].start : row[-1].start + len(row[-1].text)],
        )
        for row in claims
    ]


def _unwrapped(latex: str) -> list[Token]:
    r"""Take `\begin{aligned} … \end{aligned}` off, and the marks that align."""
    found = tokens(latex)
    reader = Reader(found, latex)
    if reader.peek() == r"\begin":
        name, within = reader.environment()
        if name == "aligned" and not reader.peek():
            found = within
    return [token for part in split(found, {"&"}) for token in part]  # not of cases


def _goes_on(before: list[Token], row: list[Token]) -> bool:
    """Tell whether a row is the rest of the one above it."""
    between = {*RELATIONS, *_OPERATORS, "+"}
    if before[-1].text in {*between, "-"}:
        return True
    first = row[0].text if row else ""
    return first in between or (first == "-" and len(split(row, RELATIONS)) == 1)


class _Parser(Reader):
    """Reads one claim."""

    def __init__(
        self, found: list[Token], latex: str, names: Mapping[str, object]
    ) -> None:
        super().__init__(found, latex)
        self.names = names

    def whole(self, read: Callable[["_Parser"], Result]) -> Result:
        """Read all that there is."""
        value = read(self)
        self.expect_end()
        return value

    def within(self, found: list[Token]) -> Expression:
        """Read the tokens of a group as an expression."""
        return _Parser(found, self.latex, self.names).whole(_Parser.sum)

    # From the loosest to the tightest

    def logical(self) -> Claim | Logical:
        value: Claim | Logical = self.claim()
        while self.peek() in _LOGICAL:
            value = Logical(_LOGICAL[self.next().text], value, self.claim())
        return value

    def claim(self) -> Claim:
        sides, relations = [self.sum()], []
        while self.peek() in RELATIONS:
            relations.append(self.next().text)
            sides.append(self.sum())
        return Claim(tuple(sides), tuple(relations))

    def sum(self) -> Expression:
        value = Negative(self.product()) if self.take("-") else self.product()
        while self.peek() in {"+", "-"}:
            operator = self.next().text
            value = Binary(operator, value, self.product())
        return value

    def product(self) -> Expression:
        value = self.term()
        while self.take(r"\odot"):
            value = Binary("o", value, self.term())
        return value

    def term(self) -> Expression:
        value = self.power()
        while self.peek() in _TIMES or self.at_atom():
            operator = _TIMES[self.next().text] if self.peek() in _TIMES else "*"
            value = Binary(operator, value, self.power())
        return value

    def at_atom(self) -> bool:
        return self.peek() not in {*_NOT_ATOMS, "|", ""}

    def power(self) -> Expression:
        value = self.atom()
        while self.peek() in {"^", "_"}:
            if self.next().text == "_":
                value = Element(value, self.within(self.group()))
            elif plain(exponent := self.group()) == "top":
                value = Transpose(value)
            else:
                value = Power(value, self.within(exponent))
        return value

    def atom(self) -> Expression:
        text = self.peek()
        if text[:1].isdigit() or text[:1] == ".":
            number = float(self.next().text)
            return Number(int(number) if number.is_integer() else number)
        special: dict[str, Callable[[], Expression]] = {
            "{": lambda: self.within(self.group()),
            "(": self.bracket,
            "[": self.bracket,
            r"\{": self.bracket,
            "|": lambda: self.fenced("abs", "|"),
            r"\frac": self.fraction,
            r"\tfrac": self.fraction,
            r"\dfrac": self.fraction,
            r"\sqrt": self.root,
            r"\sum": self.big,
            r"\prod": self.big,
            r"\arg": self.big,
            r"\begin": self.rows,
            r"\infty": lambda: self.constant(float("inf")),
            r"\underbrace": self.labelled,
            r"\overbrace": self.labelled,
        }
        if text in _FENCED:
            return self.fenced(_FENCED[text], OPENING[text])
        return special.get(text, self.name_or_call)()

    # What begins with a sign or a command of its own

    def constant(self, value: float) -> Number:
        self.next()
        return Number(value)

    def bracket(self) -> Expression:
        r"""Parentheses; with a relation inside, 1 where it holds and 0 elsewhere."""
        closing = _BRACKETS[self.next().text]
        inside = self.logical()
        self.next(closing)
        if isinstance(inside, Claim) and not inside.relations:
            return inside.sides[0]
        return Truth(inside)

    def fenced(self, kind: str, closing: str) -> Fenced:
        self.next()
        value = self.sum()
        self.next(closing)
        return Fenced(kind, value)

    def labelled(self) -> Expression:
        """What a brace spans; its label says nothing that could be executed."""
        self.next()
        value = self.within(self.group())
        if self.peek() in {"_", "^"}:
            self.next()
            self.group()
        return value

    def fraction(self) -> Expression:
        self.next()
        above, below = self.group(), self.group()
        if above and above[0].text == r"\partial":
            return Name(f"d{plain(above[1:])}_d{plain(below[1:])}")
        return Binary("/", self.within(above), self.within(below))

    def root(self) -> Expression:
        self.next()
        if not self.take("["):
            return Fenced("root", self.within(self.group()))
        index = self.sum()
        self.next("]")
        return Power(self.within(self.group()), Binary("/", Number(1), index))

    def big(self) -> Expression:
        kind = self.next().text.removeprefix("\\")
        if kind == "arg":
            kind += self.next().text.removeprefix("\\")
            if kind not in {"argmin", "argmax"}:
                self.place -= 1
                raise self.error(r"expected \min or \max")
        self.next("_")
        below = split(self.group(), {"="})
        index = plain(below[0])
        first = self.within(below[1]) if len(below) > 1 else None
        last = self.within(self.group()) if self.take("^") else None
        if (first is None) != (last is None):
            raise self.error(f"{kind} must have both bounds, or none")
        body = self.sum() if kind.startswith("arg") else self.product()
        return Big(kind, index, first, last, body)

    def rows(self) -> Expression:
        start = self.place
        kind, within = self.environment()
        rows = [row for row in split(within, {r"\\"}) if row]
        if kind == "cases":
            return Cases(tuple(self.case(row) for row in rows))
        if kind in {"pmatrix", "bmatrix"}:
            cells = (split(row, {"&"}) for row in rows)
            return Matrix(tuple(tuple(map(self.within, row)) for row in cells))
        self.place = start
        raise self.error("an environment must be aligned, cases, pmatrix or bmatrix")

    def case(self, row: list[Token]) -> tuple[Expression, Claim | Logical | None]:
        value, *condition = split(row, {"&"})
        if len(condition) != 1:
            raise self.error("a case must have a value and a condition")
        parser = _Parser(condition[0], self.latex, self.names)
        if parser.take(r"\text") and plain(parser.group()) == "otherwise":
            return self.within(value), None
        return self.within(value), parser.whole(_Parser.logical)

    # Names

    def name_or_call(self) -> Expression:
        name = self.name()
        if callable(self.names.get(name.identifier)) or name.base in _NAMED:
            if self.peek() in _BRACKETS:
                return Call(name, self.arguments())
            if name.base in _NAMED and self.at_atom():
                return Call(name, (self.power(),))
        return name

    def arguments(self) -> tuple[Expression, ...]:
        closing = _BRACKETS[self.next().text]
        values = [self.sum()]
        while self.take(","):
            if self.peek() in _DOTS:
                self.next()
                self.next(",")
                values[-1] = self.listing(values[-1], self.sum())
            else:
                values.append(self.sum())
        self.next(closing)
        return tuple(values)

    def listing(self, first: Expression, last: Expression) -> Listing:
        if isinstance(first, Name) and isinstance(last, Name) and first.base == last.base:
            return Listing(first, last)
        raise self.error("dots must stand between two elements of one name")

    def name(self) -> Name:
        base, subscript = self.base(), []
        while self.take("'"):
            base += "_prime"
        if self.take("_"):
            subscript = self.group()
        base = self.superscripted(base)
        indices = tuple(part for part in map(_index, subscript) if part)
        return Name(base, indices, identifier(plain(subscript)))

    def superscripted(self, base: str) -> str:
        """Take `^*` as part of the name, and `^Q` if that name is bound."""
        start = self.place
        if self.take("^"):
            script = plain(self.group())
            if script == "ast":
                return f"{base}_star"
            if script[:1].isupper() and f"{base}_{script}" in self.names:
                return f"{base}_{script}"
        self.place = start
        return base

    def base(self) -> str:
        if not self.peek():
            raise self.error("expected a symbol")
        token = self.next()
        if token.text in _ACCENTS:
            return f"{plain(self.group())}_{token.text[1:].removeprefix('wide')}"
        if token.text in STYLES:
            word = identifier(plain(self.group()))
            return f"cal_{word}" if token.text == r"\mathcal" else word
        if token.text.startswith("\\") and token.text not in _NOT_ATOMS:
            return token.text[1:]
        if token.text.isalpha():
            return token.text
        self.place -= 1
        raise self.error("expected a symbol")


def _index(token: Token) -> str:
    return identifier(plain([token]))
