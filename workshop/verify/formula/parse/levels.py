"""The levels of an expression, from the loosest to the tightest."""

from collections.abc import Callable

from workshop.verify.formula.parse.calls import Calls
from workshop.verify.formula.parse.derivatives import Derivatives
from workshop.verify.formula.parse.environments import Environments
from workshop.verify.formula.parse.fences import Fences
from workshop.verify.formula.parse.grammar import (
    BETWEEN,
    BRACKETS,
    ENTRYWISE,
    LOGICAL,
    NOT_ATOMS,
    RELATIONS,
    TIMES,
)
from workshop.verify.formula.parse.running import Running
from workshop.verify.formula.reader import plain, split
from workshop.verify.formula.tokens import STYLES, Token
from workshop.verify.formula.tree import (
    At,
    Binary,
    Call,
    Claim,
    Element,
    Expression,
    Listing,
    Logical,
    Name,
    Negative,
    Number,
    Power,
    Series,
    Space,
    Transpose,
)


class Parser(Calls, Fences, Derivatives, Running, Environments):
    """Reads one claim."""

    def logical(self) -> Claim | Logical:
        value: Claim | Logical = self.claim()
        while self.peek() in LOGICAL:
            value = Logical(LOGICAL[self.next().text], value, self.claim())
        return value

    def conditions(self) -> Claim | Logical:
        value = self.logical()
        while not (isinstance(value, Claim) and not value.relations) and self.take(","):
            value = Logical("and", value, self.logical())
        return value

    def claim(self) -> Claim:
        sides, relations = [self.sum()], []
        while self.peek() in RELATIONS:
            relations.append(self.next().text)
            sides.append(self.side(relations[-1]))
            if relations == ["="] and self.peek() == "," and self.has_dots():
                sides[-1] = Listing(self.listed(sides[-1]), r"\{\}")
                relations[-1] = r"\in"
        return Claim(tuple(sides), tuple(relations))

    def has_dots(self) -> bool:
        r"""Tell whether a list goes on with dots: `i = 1, \dots, n`."""
        entries = split(self.tokens[self.place :], {","})[1:3]
        return any(entry and entry[0].text == r"\dots" for entry in entries)

    def side(self, relation: str) -> Expression:
        if relation not in {r"\in", r"\notin"}:
            return self.sum()
        if self.peek() == r"\mathbb":
            return self.space()
        return self.arrays() or self.sum()

    def space(self) -> Space:
        r"""`\mathbb{R}` with its sign and its axes, in whatever order."""
        self.next()
        letter, sign, axes = plain(self.group()), "", tuple[Expression, ...]()
        while self.peek() in {"_", "^"}:
            if self.next().text == "_":
                sign = plain(self.group())
            else:
                axes = self.axes()
        return Space(letter, sign, axes)

    def arrays(self) -> Space | None:
        r"""`\{0, 1\}^n` holds arrays: it is no power."""
        start = self.place
        entries = self.bracket() if self.peek() in BRACKETS else None
        if isinstance(entries, Listing) and self.take("^"):
            return Space(entries, axes=self.axes())
        self.place = start
        return None

    def axes(self) -> tuple[Expression, ...]:
        r"""The shape `m \times n` of a space."""
        return tuple(map(self.within, split(self.group(), {r"\times"})))

    def sum(self) -> Expression:
        terms = [self.signed()]
        while self.peek() in {"+", "-"}:
            operator = self.next().text
            if operator == "+" and self.take(r"\dots"):
                self.behind_dots("+")
                terms = [Series("+", tuple(terms), self.product())]
            elif operator == "+":
                terms.append(self.product())
            else:
                terms = [Binary("-", _added(terms), self.product())]
        return _added(terms)

    def signed(self) -> Expression:
        """A product behind its sign."""
        if self.take("-"):
            return Negative(self.signed())
        self.take("+")
        return self.product()

    def product(self) -> Expression:
        value = self.term()
        while self.peek() in BETWEEN:
            value = Binary(BETWEEN[self.next().text], value, self.term())
        return value

    def term(self) -> Expression:
        value, is_divided = self.power(), False
        while self.peek() in TIMES or self.at_atom() or self.peek() == r"\dots":
            if self.peek() not in TIMES:
                self.check_side_by_side(is_divided)
            operator = TIMES[self.next().text] if self.peek() in TIMES else "*"
            is_divided = operator in {"/", "%"}
            if operator == "*" and self.take(r"\dots"):
                if TIMES.get(self.peek()) == "*":
                    self.next()
                value = Series("*", _factors(value), self.power())
            else:
                value = Binary(operator, value, self.power())
        return value

    def check_side_by_side(self, is_divided: bool) -> None:
        """Refuse a factor without a sign where a reader could take it for another one."""
        if self.peek()[:1].isdecimal():
            raise self.error("a number behind a factor must have a sign before it")
        if is_divided and self.peek() not in {r"\sum", r"\prod", r"\int"}:
            raise self.error("brackets must say what is divided by what")

    def at_atom(self) -> bool:
        if self.peek() in {"|", r"\|"}:
            return self.peek() not in self.open_bars and self.peek(1) != "_"
        return self.peek() not in NOT_ATOMS

    def power(self) -> Expression:
        value = self.atom()
        while True:
            if self.take("_"):
                below = self.group()
                indices = self.indices("", below)
                if not indices or (len(below) == 1 and len(below[0].text) > 1):
                    raise self.error("an element must have indices, with commas between")
                value = Element(value, indices)
            elif self.peek() == "^":
                self.next()
                value = self.raised(value, self.group())
            elif self.take("!"):
                if self.peek() == "!":
                    raise self.error("a double factorial must be written as a product")
                value = Call(Name("factorial"), (value,))
            elif (self.peek(), self.peek(1)) == ("|", "_") and "|" not in self.open_bars:
                self.next()
                value = self.at(value)
            else:
                return value

    def raised(self, value: Expression, exponent: list[Token]) -> Expression:
        word = plain(exponent)
        is_upright = "T" not in self.names or any(x.text in STYLES for x in exponent)
        if word.removeprefix("-") in ({"top", "T"} if is_upright else {"top"}):
            return Transpose(Power(value, Number(-1)) if word[0] == "-" else value)
        if exponent and exponent[0].text in ENTRYWISE:
            return Power(value, self.within(exponent[1:]), entrywise=True)
        return Power(value, self.within(exponent))

    def at(self, value: Expression) -> At:
        self.next("_")
        condition = self.claim_in(self.group())
        match condition:
            case Claim((Name() as name, place), ("=",)):
                return At(value, name, place)
        raise self.error("a bar must be followed by the value of a symbol, as in |_{x=0}")

    def atom(self) -> Expression:
        text = self.peek()
        if text[:1].isdecimal() or (text[:1] == "." and len(text) > 1):
            number = float(self.next().text)
            return Number(int(number) if number.is_integer() else number)
        special: dict[str, Callable[[], Expression]] = {
            "{": self.braces,
            "|": lambda: self.fenced("abs", "|"),
            r"\|": self.norm,
            r"\left.": self.evaluated,
            r"\langle": self.inner,
            r"\sqrt": self.root,
            r"\int": self.integral,
            **dict.fromkeys((r"\nabla", r"\partial"), self.gradient),
            **dict.fromkeys(STYLES, self.styled),
            r"\begin": self.rows,
            r"\infty": lambda: self.constant(Number(float("inf"))),
            **dict.fromkeys(
                (r"\emptyset", r"\varnothing"),
                lambda: self.constant(Listing((), r"\{\}")),
            ),
            **dict.fromkeys(BRACKETS, self.bracket),
            **dict.fromkeys((r"\frac", r"\tfrac", r"\dfrac", r"\cfrac"), self.fraction),
            **dict.fromkeys((r"\binom", r"\dbinom", r"\tbinom"), self.binomial),
            **dict.fromkeys((r"\sum", r"\prod", r"\arg"), self.big),
            **dict.fromkeys((r"\underbrace", r"\overbrace"), self.labelled),
            r"\lfloor": lambda: self.fenced("floor", r"\rfloor"),
            r"\lceil": lambda: self.fenced("ceil", r"\rceil"),
        }
        return special.get(text, self.name_or_call)()


def _added(terms: list[Expression]) -> Expression:
    value, *rest = terms
    for term in rest:
        value = Binary("+", value, term)
    return value


def _factors(product: Expression) -> tuple[Expression, ...]:
    match product:
        case Binary("*", left, right):
            return (*_factors(left), right)
    return (product,)
