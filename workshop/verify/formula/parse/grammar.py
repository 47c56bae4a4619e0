"""What the parts of the parser ask of one another."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Set
from typing import Self, TypeVar

from workshop.verify.formula.reader import CLOSING, Reader, split
from workshop.verify.formula.tokens import Token
from workshop.verify.formula.tree import At, Claim, Expression, Logical, Name

Result = TypeVar("Result")

RELATIONS = {"=", r"\approx", "<", ">", r"\leq", r"\geq", r"\neq", r"\sim", r"\propto"}
RELATIONS |= {r"\in", r"\notin", r"\leftarrow"}
SEPARATORS = {r"\quad", r"\qquad", ",", ";", ".", r"\\", r"\Rightarrow"}
SEPARATORS |= {r"\Leftrightarrow", r"\forall"}
BRACKETS = {"(": ")", "[": "]", r"\{": r"\}"}
TIMES = {r"\cdot": "*", r"\times": "*", "/": "/", r"\ast": "x", r"\div": "/"}
TIMES |= {r"\bmod": "%"}
ENTRYWISE = {r"\odot", r"\circ"}
BETWEEN = {
    **dict.fromkeys(ENTRYWISE, "o"),
    r"\cup": "|",
    r"\cap": "&",
    r"\setminus": "\\",
}
OPERATORS = {*TIMES, *BETWEEN}
LOGICAL = {r"\land": "and", r"\lor": "or", r"\wedge": "and", r"\vee": "or"}
WORDS = {"if", "when", "for", "where", "with", "and", "s.t.", "suchthat", "forall"}
# What stands for no symbol and no value, and why.
REFUSED = {
    r"\to": "an arrow names a map or a limit, which cannot be executed",
    r"\lim": r"a limit cannot be executed; claim it at a value, with \approx",
    r"\pm": "a double sign makes two claims; write both",
    r"\mp": "a double sign makes two claims; write both",
    r"\otimes": r"\otimes has several meanings; write the product with indices",
    r"\oplus": r"\oplus has several meanings; write what it does",
    r"\star": r"\star has several meanings; write what it does",
    r"\ll": r"\ll has no number; write how much smaller",
    r"\gg": r"\gg has no number; write how much larger",
    r"\iint": r"a double integral must be written as \int\int",
    r"\exists": r"\exists claims nothing that draws could show",
    r"\vdots": "dots below one another must stand in a column",
    r"\ddots": "dots below one another must stand in a column",
    r"\dots": "dots must stand between two terms of one kind",
    **{
        sign: f"{sign} cannot be executed"
        for sign in (r"\subset", r"\subseteq", r"\mapsto", r"\xrightarrow")
    },
}
_SIGNS = {"+", "-", "^", "_", "&", "'", "!", ":", r"\mid", r"\end", r"\choose", ""}
NOT_ATOMS = {*OPERATORS, *RELATIONS, *SEPARATORS, *LOGICAL, *REFUSED, *CLOSING, *_SIGNS}


def bracketed(found: list[Token]) -> list[Token]:
    """What stands in one pair of brackets around all of it; nothing if there is none."""
    opening, closing = (found[0].text, found[-1].text) if found else ("", "")
    if BRACKETS.get(opening) == closing and len(split(found, {closing})) == 2:
        return found[1:-1]
    return []


class Grammar(ABC, Reader):
    """A reader of one claim, which knows what its names are bound to.

    One of the `open_bars` that follows a value ends what it stands in: an absolute value,
    a norm, or an argument.
    """

    open_bars: Set[str] = frozenset()

    def __init__(
        self, found: list[Token], latex: str, names: Mapping[str, object]
    ) -> None:
        super().__init__(found, latex)
        self.names = names

    # From the loosest to the tightest

    @abstractmethod
    def logical(self) -> Claim | Logical:
        r"""Read claims with `\land` and `\lor` between them."""

    @abstractmethod
    def conditions(self) -> Claim | Logical:
        """Read conditions with commas between them: all must be met."""

    @abstractmethod
    def indices(self, base: str, *scripts: list[Token]) -> tuple[Expression, ...]:
        """Read the indices of an element."""

    @abstractmethod
    def claim(self) -> Claim:
        """Read sides with relations between them."""

    @abstractmethod
    def sum(self) -> Expression:
        """Read terms with + and - between them."""

    @abstractmethod
    def signed(self) -> Expression:
        """Read a product behind its sign."""

    @abstractmethod
    def atom(self) -> Expression:
        """Read what nothing stands above, below or beside."""

    @abstractmethod
    def power(self) -> Expression:
        """Read a value with what is written above and below it."""

    @abstractmethod
    def raised(self, value: Expression, exponent: list[Token]) -> Expression:
        """Put an exponent to a value."""

    @abstractmethod
    def at(self, value: Expression) -> At:
        """Read the place at which a value is taken."""

    @abstractmethod
    def at_atom(self) -> bool:
        """Tell whether a value begins here."""

    @abstractmethod
    def bracket(self) -> Expression:
        """Read what stands in brackets."""

    @abstractmethod
    def listed(
        self,
        first: Expression,
        read: Callable[[], Expression] | None = None,
        separators: Set[str] = frozenset({","}),
    ) -> tuple[Expression, ...]:
        """Read the rest of a list."""

    @abstractmethod
    def rows(self, array: str = "matrix") -> Expression:
        """Read an environment."""

    @abstractmethod
    def name(self) -> Name:
        """Read a symbol."""

    @abstractmethod
    def name_or_call(self) -> Expression:
        """Read a symbol and, if it is a function, its arguments."""

    @abstractmethod
    def base(self) -> str:
        """Read what a symbol is without its indices."""

    @abstractmethod
    def running(self, kind: str) -> Expression:
        """Read what runs through something."""

    @abstractmethod
    def expectation(self, below: list[Token]) -> Expression:
        """Read a mean over what stands below it."""

    # A part that is read alone

    def of(self, found: list[Token]) -> Self:
        """The same reader at other tokens."""
        return type(self)(found, self.latex, self.names)

    def whole(self, read: Callable[[Self], Result]) -> Result:
        """Read all that there is."""
        value = read(self)
        if self.peek() in REFUSED:
            raise self.error(REFUSED[self.peek()])
        self.expect_end()
        return value

    def rest(self) -> Expression:
        """Read all that is left as an expression."""
        return self.whole(lambda left: left.sum())

    def within(self, found: list[Token]) -> Expression:
        """Read the tokens of a group as an expression."""
        return self.of(found).whole(lambda group: group.sum())

    def claim_in(self, found: list[Token]) -> Claim:
        """Read the tokens of a group as a claim."""
        return self.of(found).whole(lambda group: group.claim())

    def logical_in(self, found: list[Token]) -> Claim | Logical:
        """Read the tokens of a group as a condition."""
        return self.of(found).whole(lambda group: group.conditions())

    def name_in(self, found: list[Token]) -> Name:
        """Read the tokens of a group as a symbol."""
        return self.of(found).whole(lambda group: group.name())

    def barred(self, read: Callable[[], Result], bars: Set[str]) -> Result:
        """Read something in which these bars end a value, and others begin one."""
        before, self.open_bars = self.open_bars, bars
        value = read()
        self.open_bars = before
        return value
