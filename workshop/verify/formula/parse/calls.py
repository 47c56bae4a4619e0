"""Functions and their arguments."""

from workshop.verify.formula.parse.grammar import BRACKETS
from workshop.verify.formula.parse.symbols import CHOICES, NAMED, Symbols
from workshop.verify.formula.reader import CLOSING, OPENING, plain
from workshop.verify.formula.tokens import STYLES, Token
from workshop.verify.formula.tree import (
    Binary,
    Call,
    Claim,
    Expression,
    Given,
    Name,
    Number,
    Truth,
)


class Calls(Symbols):
    """Reads a symbol and, if it is a function, its arguments."""

    def name_or_call(self) -> Expression:
        start = self.place
        name = self.name()
        if name.base in CHOICES and name.subscript and name.identifier not in self.names:
            self.place = start
            return self.running(self.base())
        is_mean = name.base == "E" and name.identifier not in self.names
        if is_mean and name.subscript and "E" not in self.names:
            return self.expectation(self.below(start))
        if self.is_function(name):
            return self.called(name)
        if self.axes_of(name.identifier) and self.at_arguments():
            raise self.error("an array must have indices, and no arguments")
        return name

    def at_arguments(self) -> bool:
        """Tell whether a bracket holds a list, or one letter or number."""
        if self.peek() != "(":
            return False
        texts = [token.text for token in self.tokens[self.place + 1 :]]
        end = texts.index(")") if ")" in texts else 0
        return end == 1 or "," in texts[:end]

    def below(self, start: int) -> list[Token]:
        """The subscript of the name that begins there."""
        end, self.place = self.place, start
        self.base()
        self.next("_")
        below, self.place = self.group(), end
        return below

    def is_function(self, name: Name) -> bool:
        """Tell whether a name is that of a function, or of a derivative of one."""
        if name.base in {*NAMED, *CHOICES}:
            return True
        plain_base, primes, _ = name.base.partition("_prime")
        known = (
            name.identifier if name.identifier in self.names or not primes else plain_base
        )
        return callable(self.names.get(known))

    def called(self, name: Name) -> Expression:
        r"""A function with its arguments; `\sin^2 x` is raised when it is known."""
        start, exponent = self.place, None
        if self.take("^"):
            exponent = self.group()
        value: Expression
        if self.peek() in BRACKETS:
            value = Call(name, self.arguments())
        elif name.base in {*NAMED, *CHOICES} and (self.at_atom() or self.peek() == "|"):
            value = Call(name, (self.argument_without_bracket(name),))
        else:
            self.place = start
            return name
        if exponent is None:
            return value
        if plain(exponent) == "-1":
            raise self.error(
                f"an inverse function must have a name; bind {name.identifier}_inv"
            )
        return self.raised(value, exponent)

    def argument_without_bracket(self, name: Name) -> Expression:
        r"""What follows `\log`; `\sin 2\pi k` takes what its number multiplies."""
        value = self.power()
        is_open = not isinstance(value, Number | Call) and name.base not in CHOICES
        if is_open and (self.at_letter() or self.peek() == "/"):
            raise self.error(f"brackets must say what \\{name.base} is of")
        if name.base in CHOICES or not isinstance(value, Number):
            return value
        while self.peek() == "/" or (self.at_atom() and self.peek() not in BRACKETS):
            if self.peek()[1:] in NAMED:
                break
            sign = self.next().text if self.peek() == "/" else "*"
            value = Binary(sign, value, self.power())
        return value

    def at_letter(self) -> bool:
        """Tell whether a symbol that is no function stands here."""
        word = self.peek().removeprefix("\\")
        known = callable(self.names.get(word)) or word in {*NAMED, *CHOICES}
        return (
            self.at_atom() and word.isalpha() and not known and self.peek() not in STYLES
        )

    def arguments(self) -> tuple[Expression, ...]:
        closing = BRACKETS[self.next().text]
        if self.take(closing):
            return ()
        values = self.barred(self.separated, self.separating_bars())
        self.next(closing)
        return values

    def separating_bars(self) -> set[str]:
        r"""Bars that part arguments: one that has no other to close it, `x | y`."""
        counts, depth, ahead = {"|": 0, r"\|": 0}, 0, 0
        while depth >= 0 and (text := self.peek(ahead)):
            depth += text in OPENING
            depth -= text in CLOSING
            if depth == 0 and text in counts:
                counts[text] += 1
            ahead += 1
        return {bar for bar, count in counts.items() if count % 2}

    def separated(self) -> tuple[Expression, ...]:
        r"""Arguments, between commas or bars: `x, y`, `x \mid y`, `p \| q`."""
        separators = {",", ";", r"\mid", *self.open_bars}
        return self.listed(self.argument(), self.argument, separators)

    def argument(self) -> Expression:
        match found := self.logical():
            case Claim((side,), ()):
                return side
            case Claim((Name() as name, value), ("=",)):
                return Given(name, value)
        return Truth(found)
