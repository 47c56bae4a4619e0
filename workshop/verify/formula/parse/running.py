r"""What runs through something: `\sum`, `\max`, `\arg\min`, `\mathbb{E}`."""

from collections.abc import Callable
from dataclasses import replace

from workshop.verify.formula.parse.grammar import BRACKETS, RELATIONS, Grammar
from workshop.verify.formula.reader import split
from workshop.verify.formula.tokens import Token
from workshop.verify.formula.tree import (
    Big,
    Binary,
    Claim,
    Expression,
    Listing,
    Logical,
    Name,
    Number,
    parts,
)

_ASCENDING = {"<", r"\leq"}


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
        r"""Read `i=1`, `i, j` or `j \leq t, j \neq i` below the sign, then the body."""
        given = _conditions(below)
        bare = [part for part in given if len(split(part, RELATIONS)) == 1]
        claims = [self.claim_in(part) for part in given if part not in bare]
        indices = [self.name_in(part).identifier for part in bare]
        run = Big(kind, (), Number(0))
        if claims and not bare:
            indices = self.indices_of(claims[0], kind)
            run, claims = self.run(run, claims, last)
        elif last is not None:
            raise self.error(f"{kind} must have both bounds, or none")
        condition: Claim | Logical | None = None
        for claim in claims:
            condition = Logical("and", condition, claim) if condition else claim
        body = read()
        inner = {part.kind for part in parts(body) if isinstance(part, Big)}
        if kind == "prod" and isinstance(body, Binary) and "prod" in inner:
            raise self.error("brackets must say where a prod ends")
        return replace(run, indices=tuple(indices), body=body, condition=condition)

    def indices_of(self, claim: Claim, kind: str) -> list[str]:
        r"""The index of `j \neq i`, or those of `1 \leq i < j` and of `(i, j) \in E`."""
        names = claim.sides[1:-1] if len(claim.sides) > 2 else claim.sides[:1]
        if isinstance(names[0], Listing):  # (i, j) \in E
            names = names[0].entries
        found = [side.identifier for side in names if isinstance(side, Name)]
        if len(found) < len(names):
            raise self.error(f"{kind} must begin with its index")
        return found

    def run(
        self, run: Big, claims: list[Claim], last: Expression | None
    ) -> tuple[Big, list[Claim]]:
        """Say from where to where, or through which set; and what else must hold."""
        sides, relations = claims[0].sides, claims[0].relations
        if relations == ("=",):
            if last is None:
                raise self.error(f"{run.kind} must have both bounds, or none")
            return replace(run, first=sides[1], last=last), claims[1:]
        if last is not None:
            raise self.error(f"{run.kind} must have an index from one bound to the other")
        if relations == (r"\in",):
            return replace(run, among=sides[1]), claims[1:]
        if len(sides) > 2 and {*relations} <= _ASCENDING:
            return replace(run, first=sides[0], last=sides[-1]), claims
        if {*relations} <= _ASCENDING and self.is_new(sides[0]):
            return replace(run, first=Name("count_from"), last=sides[1]), claims
        return run, claims

    def is_new(self, side: Expression) -> bool:
        return isinstance(side, Name) and side.identifier not in self.names

    def expectation(self, below: list[Token]) -> Big:
        variables, *law = split(below, {r"\sim"})
        if variables and variables[0].text == "(":
            raise self.error("a mean over pairs must run over their index")
        if not law and any(token.text == "(" for token in variables):  # of q(z \mid x)
            law, variables = [variables], self.first_argument(variables)
        read = self.bracket if self.peek() in BRACKETS else self.power
        drawn = "".join(token.text for token in law[0][:4]) if law else ""
        if drawn in {r"\mathcal{N}", r"\mathcal{U}"}:  # its samples have no weights
            law = []
        found = self.over("E", variables, None, read)
        if len(found.indices) > 1:
            raise self.error("a mean over pairs must run over their index")
        return replace(found, law=self.law(law[0], variables) if law else None)

    def first_argument(self, law: list[Token]) -> list[Token]:
        """What a distribution is of: z in `q(z)` and in `q(z | x)`."""
        reader = self.of(law)
        reader.name()
        reader.next("(")
        start = reader.place
        reader.name()
        return law[start : reader.place]

    def law(self, found: list[Token], variables: list[Token]) -> Expression:
        r"""Read a distribution; the dot in `\pi(\cdot | s)` is what is drawn."""
        filled: list[Token] = []
        for token in found:
            is_open = token.text == r"\cdot" and filled and filled[-1].text in {"(", ","}
            filled += variables if is_open else [token]
        return self.within(filled)


def _conditions(below: list[Token]) -> list[list[Token]]:
    """Part what stands below a sign; a list with dots is one condition."""
    if below and below[0].text == r"\substack":
        below = below[2:-1]
    if any(token.text == r"\dots" for token in below):
        return [below]
    return split(below, {",", ";", ":", r"\\"})
