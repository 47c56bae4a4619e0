"""Derivatives and integrals."""

from dataclasses import replace

from workshop.verify.formula.parse.grammar import NOT_ATOMS, Grammar
from workshop.verify.formula.reader import plain
from workshop.verify.formula.tokens import STYLES, Token
from workshop.verify.formula.tree import (
    At,
    Binary,
    Call,
    Derivative,
    Expression,
    Integral,
    Name,
    Number,
    free,
    identifier,
)


class Derivatives(Grammar):
    """Reads fractions, gradients and integrals."""

    def fraction(self) -> Expression:
        self.next()
        above, below = self.group(), self.group()
        if self.is_differential(above) and self.is_differential(below):
            return self.derivative(above, below)
        return Binary("/", self.within(above), self.within(below))

    def is_differential(self, found: list[Token]) -> bool:
        """Tell whether tokens begin with a differential; a d that is bound is none."""
        return _differential(found) and not (found[0].text == "d" and "d" in self.names)

    def derivative(self, above: list[Token], below: list[Token]) -> Expression:
        """The name of a derivative, if it is bound; or what is differentiated."""
        known = Name(f"d{_undifferentiated(above)}_d{_undifferentiated(below)}")
        if known.identifier in self.names:
            return known
        reader, variables = self.of(above), self.of(below)
        order, names = reader.order(), list[Name]()
        while variables.peek():
            variables.order()
            names += [variables.name()] * variables.times()
        if len(names) != order:
            raise self.error(f"a derivative of order {order} must have as many variables")
        operand = reader.rest() if reader.peek() else self.signed()
        if isinstance(operand, Name) and self.peek() == "(":
            raise self.error("a derivative must be taken at a place by |_{x=…}")
        return _differentiated(operand, tuple(names))

    def times(self) -> int:
        """The power of a variable by which is differentiated."""
        if not self.take("^"):
            return 1
        power = plain(self.group())
        if not power.isdigit():
            raise self.error("the order of a derivative must be a number")
        return int(power)

    def order(self) -> int:
        r"""Go past `d`, `\partial^2` or `\mathrm{d}`; return the power."""
        if self.next().text in STYLES:
            self.group()
        return self.times()

    def gradient(self) -> Expression:
        sign = self.next().text
        if self.take("_"):
            name = self.name_in(self.group())
            operand = self.power()
            if self.at_atom() and name.identifier in free(self.beside()):
                raise self.error(f"brackets must say what {sign} is of")
            return _differentiated(operand, (name,))
        match operand := self.power():
            case Call(_, (Name() as name,)):  # of all that it is a function of
                return Derivative(operand, (name,))
        raise self.error(f"{sign} must say of what, as in {sign}_x")

    def beside(self) -> Expression:
        """The factor that follows, which is left to be read."""
        start = self.place
        factor, self.place = self.power(), start
        return factor

    def integral(self) -> Integral:
        self.next()
        bounds: dict[str, list[Token]] = {}
        while (side := self.peek()) in {"_", "^"}:
            self.next()
            bounds[side] = self.group()
        body = self.integrand()
        variable = self.name().identifier
        if list(bounds) == ["_"] and plain(bounds["_"]) == variable:  # over all of it
            bounds = {}
        if len(bounds) == 1:
            raise self.error("an integral must have both bounds, or none")
        low, high = (
            self.within(bounds[x]) if bounds else Number(float(y))
            for x, y in (("_", "-inf"), ("^", "inf"))
        )
        return Integral(variable, low, high, body)

    def integrand(self) -> Expression:
        """What stands before the d of its variable, which is left to be read."""
        start, open_ = self.place, 1
        while open_:
            if not self.peek():
                raise self.error("an integral must end with the d of its variable")
            if self.peek() == r"\int":
                open_ += 1
            here = self.tokens[self.place : self.place + 4]
            if _differential(here) and self.peek(1) not in NOT_ATOMS:
                open_ -= 1
            self.next()
        body = self.tokens[start : self.place - 1]
        if self.tokens[self.place - 1].text in STYLES:
            self.place -= 1
            self.order()
        return self.within(body)


def _differentiated(operand: Expression, names: tuple[Name, ...]) -> Expression:
    r"""Take the derivative before the place: `\frac{d}{dx} x^2 |_{x=1}` is 2."""
    if isinstance(operand, At):
        return replace(operand, operand=_differentiated(operand.operand, names))
    return Derivative(operand, names)


def _undifferentiated(found: list[Token]) -> str:
    rest = [token for token in found if token.text not in {r"\partial", "d"}]
    return identifier([plain([token]) for token in rest])


def _differential(found: list[Token]) -> bool:
    r"""Tell whether tokens begin with `\partial`, `\mathrm{d}`, or d without an index."""
    texts = [token.text for token in found]
    if texts[:1] == ["d"]:
        return texts[1:2] not in (["_"], ["/"], [r"\cdot"])
    return texts[:1] == [r"\partial"] or texts[1:4] == ["{", "d", "}"]
