r"""How a symbol is read: its letter or word, its accents, and its indices."""

from dataclasses import replace

from workshop.verify.formula.parse.grammar import BRACKETS, REFUSED, Grammar
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
        if above:
            spelled = f"_{identifier(_parts(above))}_{spelled}".rstrip("_")
        return replace(name, indices=self.indices(above, below), subscript=spelled)

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
        if word[:1].isupper() and f"{base}_{word}" in self.names:
            return f"{base}_{word}"
        self.place = start
        return ""

    def above(self) -> list[Token]:
        """Take `^{(i)}` or `^{[l]}` as an index: a power has no bracket."""
        start = self.place
        self.next("^")
        script = self.group()
        opening, closing = (script[0].text, script[-1].text) if script else ("", "")
        if BRACKETS.get(opening) == closing and len(split(script, {closing})) == 2:
            return script[1:-1]
        self.place = start
        return []

    def base(self) -> str:
        """Read what a symbol is without its indices."""
        token = self.next() if self.peek() else Token("", 0)
        text = token.text
        if text in _ACCENTS:
            inner = plain(self.group())
            return f"{identifier([inner])}_{text[1:].removeprefix('wide')}"
        if text in STYLES:
            word = identifier(_parts(self.group())) or "_"
            word = "ones" if word == "1" else word
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
            if letters[:end] in self.names:
                self.place += end - 1
                return letters[:end]
        return first.text

    def indices(self, *scripts: list[Token]) -> tuple[Expression, ...]:
        """Read the indices of an element; a word is none."""
        found: list[Expression] = []
        for part in (part for script in scripts for part in split(script, {","})):
            one = [[token] for token in part]
            computed = any(
                token.text in {"+", "-", "(", "/", "_", "^", "'"} for token in part
            )
            if any(token.text in STYLES for token in part):
                return ()
            try:
                found += map(self.within, [part] if computed else one)
            except FormulaError:
                return ()
        return tuple(found)


def _parts(found: list[Token]) -> list[str]:
    """The texts of a subscript, without its dress."""
    dress = {"{", "}"} | STYLES
    return [t.text.removeprefix("\\") for t in found if t.text not in dress]
