r"""What stands between two signs, or has a shape of its own: brackets, bars, roots."""

from collections.abc import Callable, Set

from workshop.verify.formula.parse.grammar import (
    BRACKETS,
    REFUSED,
    RELATIONS,
    Grammar,
    bracketed,
)
from workshop.verify.formula.reader import plain, split
from workshop.verify.formula.tokens import Token
from workshop.verify.formula.tree import (
    Binary,
    Call,
    Claim,
    Expression,
    Fenced,
    Listing,
    Logical,
    Matrix,
    Name,
    Norm,
    Number,
    Power,
    Series,
    Truth,
)


class Fences(Grammar):
    """Reads what begins with a bracket, a bar or a command."""

    def constant(self, value: Expression) -> Expression:
        self.next()
        return value

    def braces(self) -> Expression:
        group = self.group()
        above, *below = split(group, {r"\choose"})
        if below:
            return Call(Name("binom"), (self.within(above), self.within(below[0])))
        return self.unseen(group)

    def unseen(self, group: list[Token]) -> Expression:
        """Go on with what stands in braces: they print no bracket."""
        if not group:
            raise self.error("expected a symbol")
        self.tokens = [*group, *self.tokens[self.place :]]
        self.place = 0
        if self.peek() == "-":
            raise self.error("braces print no bracket; brackets must hold a sign")
        return self.atom()

    def bracket(self) -> Expression:
        r"""Parentheses; with a relation inside, 1 where it holds and 0 elsewhere."""
        opening = self.next().text
        if opening == r"\{" and self.peek() == r"\begin":
            value = self.rows("cases")
            self.take(BRACKETS[opening])
            return value
        inside = self.barred(self.conditions, set())
        if self.peek() in {",", ";"}:
            return self.list_from(inside, opening)
        self.next(BRACKETS[opening])
        if isinstance(inside, Claim) and not inside.relations:
            return inside.sides[0]
        return Truth(inside)

    def list_from(self, first: Claim | Logical, opening: str) -> Listing | Matrix:
        """The rest of a list in brackets; those of an interval may differ."""
        if isinstance(first, Logical) or first.relations:
            raise self.error("a list must hold values")
        if self.peek() == ";" and opening == "[":  # below one another
            rows = self.listed(first.sides[0], separators={";"})
            self.next("]")
            return Matrix(tuple((row,) for row in rows))
        entries = self.listed(first.sides[0])
        half_open = opening != r"\{" and self.peek() in {")", "]"}
        closing = self.next("" if half_open else BRACKETS[opening]).text
        return Listing(entries, opening + closing)

    def listed(
        self,
        first: Expression,
        read: Callable[[], Expression] | None = None,
        separators: Set[str] = frozenset({","}),
    ) -> tuple[Expression, ...]:
        r"""The rest of a list, `a, b, c` or `1, \dots, n`."""
        values = [first]
        while self.peek() in separators:
            self.next()
            if self.take(r"\dots"):
                self.behind_dots(",")
                values = [Series(",", tuple(values), self.sum())]
            else:
                values.append((read or self.sum)())
        return tuple(values)

    def behind_dots(self, separator: str) -> None:
        """Go on behind dots, where there must be a last term."""
        if not self.take(separator):
            raise self.error(REFUSED[r"\dots"])

    def fenced(self, kind: str, closing: str) -> Fenced:
        self.next()
        value = self.barred(self.sum, {closing})
        if kind == "floor" and self.take(r"\rceil"):
            return Fenced("round", value)
        self.next(closing)
        return Fenced(kind, value)

    def norm(self) -> Expression:
        start = self.tokens[self.place].start
        if "|" in self.open_bars and self.latex[start : start + 2] == "||":
            raise self.error(r"bars within bars must be \| of a norm, or | |")
        self.next()
        value = self.barred(self.sum, {r"\|"})
        self.next(r"\|")
        exponent = self.group() if self.take("^") else []
        norm = Norm(value, self.within(self.group()) if self.take("_") else None)
        return self.raised(norm, exponent) if exponent else norm

    def evaluated(self) -> Expression:
        self.next()
        value = self.barred(self.sum, {"|"})
        self.next("|")
        return self.at(value)

    def inner(self) -> Call:
        self.next()
        left = self.sum()
        self.next(",")
        right = self.sum()
        self.next(r"\rangle")
        return Call(Name("inner"), (left, right))

    def styled(self) -> Expression:
        r"""`\mathbb{1}` or `\mathbf{1}` of a condition; or a symbol in that style."""
        start = self.place
        style = self.next().text
        if plain(self.group()) in ({"1", "I"} if style == r"\mathbb" else {"1"}):
            if self.take("_"):
                script = self.group()
                below = bracketed(script) or script
                if style == r"\mathbb" or len(split(below, RELATIONS)) > 1:
                    return self.indicator(self.logical_in(below))
            elif self.peek() in BRACKETS:
                closing = BRACKETS[self.next().text]
                condition = self.barred(self.conditions, set())
                self.next(closing)
                return self.indicator(condition)
        self.place = start
        return self.name_or_call()

    def indicator(self, condition: Claim | Logical) -> Truth:
        """1 where a condition holds: what claims nothing would always hold."""
        if isinstance(condition, Claim) and not condition.relations:
            raise self.error("an indicator must have a condition")
        return Truth(condition)

    def labelled(self) -> Expression:
        """What a brace spans; its label says nothing that could be executed."""
        self.next()
        spanned = self.group()
        if self.peek() in {"_", "^"}:
            self.next()
            self.group()
        return self.unseen(spanned)

    def binomial(self) -> Call:
        self.next()
        above, below = self.group(), self.group()
        return Call(Name("binom"), (self.within(above), self.within(below)))

    def root(self) -> Expression:
        self.next()
        if not self.take("["):
            return Fenced("root", self.within(self.group()))
        index = self.sum()
        self.next("]")
        return Power(self.within(self.group()), Binary("/", Number(1), index))
