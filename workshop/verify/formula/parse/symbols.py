r"""How a symbol is read: its letter or word, its accents, and its indices."""

from dataclasses import replace

from workshop.verify.formula.parse.grammar import REFUSED, Grammar, bracketed
from workshop.verify.formula.reader import plain, split
from workshop.verify.formula.tokens import STYLES, FormulaError, Token
from workshop.verify.formula.tree import Expression, Name, identifier

_ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\vec", r"\dot", r"\ddot", r"\check"}
_ACCENTS |= {r"\widehat", r"\widetilde", r"\overline", r"\underline", r"\mathring"}
_GREEK = """alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa
lambda mu nu xi pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar"""
# Functions that take what follows without a bracket: \log p.
NAMED = {"log", "ln", "exp", "tanh", "sin", "cos", "tan", "sinh", "cosh", "arctan"}
NAMED |= {"det", "tr"}
CHOICES = {"max", "min", "sup", "inf", "argmax", "argmin"}
_COMMANDS = {f"\\{name}" for name in {*_GREEK.split(), *NAMED, *CHOICES, "Pr"}}
# A superscript that is part of the name, and how a directive writes it.
_VECTORS = {"0": "zeros", "1": "ones"}
_MARKS = {"ast": "star", "star": "star", "dagger": "dagger", "+": "plus", "-": "minus"}


class Symbols(Grammar):
    """Reads a symbol."""

    def name(self) -> Name:
        """Read a symbol with its primes, marks and indices, in whatever order."""
        name = Name(self.base())
        above: list[Token] = []
        below: list[Token] = []
        while True:
            if self.take("'"):
                name = replace(name, base=f"{name.base}_prime")
            elif self.peek() == "_" and not below:
                self.next()
                below = self.group()
            elif self.peek() == "^" and (mark := self.mark(name.base)):
                name = replace(name, base=mark)
            elif self.peek() == "^" and not above and (index := self.above()):
                above = index
            else:
                break
        spelled = identifier(_parts(below))
        if below and below[0].text == "-":
            spelled = f"minus_{spelled}"
        if above:
            spelled = f"_{identifier(_parts(above))}_{spelled}".rstrip("_")
        indices = self.indices(name.base, above, below)
        return replace(name, indices=indices, subscript=spelled)

    def mark(self, base: str) -> str:
        """Take `^*` or `^+` as part of the name, and `^Q` if that name is bound."""
        start = self.place
        self.next("^")
        script = self.group()
        word = plain(script)
        if script and all(token.text == "'" for token in script):
            return base + "_prime" * len(script)
        if word in _MARKS:
            return f"{base}_{_MARKS[word]}"
        name = f"{base}_{identifier(_parts(script))}"
        if name in self.names and self.is_word(base, script):
            return name
        self.place = start
        return ""

    def is_word(self, base: str, script: list[Token]) -> bool:
        r"""Tell whether a superscript is a word: `^Q`, `^\text{old}`, `V^\pi` of no V."""
        text = script[0].text
        is_greek = text[0] == "\\" and text[1:].isalpha() and base not in self.names
        return text[0].isupper() or text in STYLES or is_greek

    def above(self) -> list[Token]:
        """Take `^{(i)}` or `^{[l]}` as an index: a power has no bracket."""
        start = self.place
        self.next("^")
        index = bracketed(self.group())
        if not index:
            self.place = start
        return index

    def base(self) -> str:
        """Read what a symbol is without its indices."""
        token = self.next() if self.peek() else Token("", 0)
        text = token.text
        if text in _ACCENTS:
            inner = plain(self.group())
            return f"{identifier([inner])}_{text[1:].removeprefix('wide')}"
        if text in STYLES:
            word = identifier(_parts(self.group())) or "_"
            word = _VECTORS.get(word, word)
            return f"cal_{word}" if text == r"\mathcal" else word
        if text in _COMMANDS or (text[:1] == "\\" and text[1:] in self.names):
            return text[1:]
        if len(text) == 1 and text.isalpha():
            return self.word(token)
        self.place -= bool(text)
        raise self.error(REFUSED.get(text, "expected a symbol"))

    def word(self, first: Token) -> str:
        """Read one letter, or as many side by side as are the name of something."""
        letters = first.text
        for token in self.tokens[self.place :]:
            beside = token.start == first.start + len(letters)
            if not (beside and len(token.text) == 1 and token.text.isalpha()):
                break
            letters += token.text
        for end in range(len(letters), 1, -1):
            word = letters[:end]
            if word in self.names and word not in NAMED | CHOICES:
                self.place += end - 1
                return word
        return first.text

    def indices(self, base: str, *scripts: list[Token]) -> tuple[Expression, ...]:
        """Read the indices of an element; a word is none."""
        found: list[Expression] = []
        for part in (part for script in scripts for part in split(script, {","})):
            if any(token.text in STYLES for token in part):
                return ()
            texts = {token.text for token in part}
            if bracketed(part):  # x_{(1)} is the smallest of all
                return ()
            try:
                if texts & {"+", "-", "(", "/"} or self.is_multiple(base, part):
                    found.append(self.within(part))
                elif texts & {"_", "^", "'"}:
                    found += self.of(part).whole(lambda group: group.side_by_side())
                else:
                    found += map(self.within, self.digits_apart(base, part))
            except FormulaError:
                return ()
        return tuple(found)

    def is_multiple(self, base: str, part: list[Token]) -> bool:
        """Tell whether `2i` is one index, and not the indices 2 and i."""
        return self.axes_of(base) == 1 and len(part) > 1 and part[0].text.isdigit()

    def digits_apart(self, base: str, part: list[Token]) -> list[list[Token]]:
        """Read each digit of `11` as an index, if the array has as many axes."""
        first = part[0].text if len(part) == 1 else ""
        if first.isdigit() and len(first) == self.axes_of(base):
            return [[Token(digit, part[0].start)] for digit in first]
        return [[token] for token in part]

    def axes_of(self, identifier: str) -> int:
        """How many axes an array has; what is bound to none has none."""
        return int(getattr(self.names.get(identifier), "ndim", 0))

    def side_by_side(self) -> list[Expression]:
        """Read values that have nothing between them."""
        found = []
        while self.peek():
            found.append(self.power())
        return found


def _parts(found: list[Token]) -> list[str]:
    """The texts of a subscript, without its dress."""
    dress = {"{", "}"} | STYLES
    return [t.text.removeprefix("\\") for t in found if t.text not in dress]
