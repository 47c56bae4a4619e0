r"""What runs through something: `\sum`, `\max`, `\arg\min`, `\mathbb{E}`."""

from collections.abc import Callable
from dataclasses import replace

from workshop.verify.formula.parse.grammar import BRACKETS, RELATIONS, Grammar
from workshop.verify.formula.reader import split
from workshop.verify.formula.tokens import Token
from workshop.verify.formula.tree import Big, Expression, Name, Number


class Running(Grammar):
    """Reads a sign, what stands below it, and its body."""

    def big(self) -> Expression:
        kind = self.next().text.removeprefix("\\")
        if kind == "arg":
            kind += self.next().text.removeprefix("\\")
            if kind not in {"argmin", "argmax"}:
                self.place -= 1
                raise self.error(r"expected \min or \max")
        return self.running(kind)

    def running(self, kind: str) -> Big:
        last = self.within(self.group()) if self.take("^") else None
        if not self.take("_"):
            raise self.error(f"{kind} must have an index")
        below = self.group()
        if self.take("^"):
            last = self.within(self.group())
        chosen = kind.startswith("arg")
        return self.over(kind, below, last, self.sum if chosen else self.signed)

    def over(
        self,
        kind: str,
        below: list[Token],
        last: Expression | None,
        read: Callable[[], Expression],
    ) -> Big:
        r"""Read `i=1`, `i`, `i, j` or `j \neq i` below the sign, then the body."""
        parts = split(below, {",", ";", ":", r"\\"})
        if all(len(split(part, RELATIONS)) == 1 for part in parts):
            names = [self.name_in(x) for x in parts]
            if last is not None:
                raise self.error(f"{kind} must have both bounds, or none")
            return Big(kind, tuple(x.identifier for x in names), read())
        condition = self.claim_in(below)
        index, relation = condition.sides[0], condition.relations[0]
        if isinstance(index, Number) and len(condition.sides) > 2:  # 1 \leq i \leq n
            index = condition.sides[1]
        if not isinstance(index, Name):
            raise self.error(f"{kind} must begin with its index")
        if relation == "=" and len(condition.sides) == 2:
            if last is None:
                raise self.error(f"{kind} must have both bounds, or none")
            return Big(kind, (index.identifier,), read(), condition.sides[1], last)
        if last is not None:
            raise self.error(f"{kind} must have an index from one bound to the other")
        return Big(kind, (index.identifier,), read(), condition=condition)

    def expectation(self, below: list[Token]) -> Big:
        variables, *law = split(below, {r"\sim"})
        if variables and variables[0].text == "(":
            raise self.error("a mean over pairs must run over their index")
        reader = self.of([])
        read = self.bracket if self.peek() in BRACKETS else self.power
        found = self.over("E", variables, None, read)
        return replace(found, law=reader.within(law[0]) if law else None)
