"""A list of tokens and a place in it."""

from collections.abc import Iterator

from workshop.verify.formula.tokens import STYLES, FormulaError, Token

OPENING = {"{": "}", "(": ")", "[": "]", r"\{": r"\}", r"\lfloor": r"\rfloor"}
OPENING |= {r"\lceil": r"\rceil", r"\langle": r"\rangle"}
CLOSING = frozenset(OPENING.values())


class Reader:
    """Reads tokens from left to right."""

    def __init__(self, found: list[Token], latex: str) -> None:
        self.tokens = found
        self.latex = latex
        self.place = 0

    def peek(self, ahead: int = 0) -> str:
        """The next token's text, or one further on; empty behind the last one."""
        at = self.place + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def next(self, wanted: str = "") -> Token:
        """Go past the next token, which must be the one that is wanted, if any is."""
        if not self.peek() or (wanted and self.peek() != wanted):
            raise self.error(f"expected {wanted or 'more'}")
        self.place += 1
        return self.tokens[self.place - 1]

    def take(self, *wanted: str) -> bool:
        """Go past these tokens if they are the next ones."""
        found = all(self.peek(ahead) == text for ahead, text in enumerate(wanted))
        self.place += len(wanted) * found
        return found

    def group(self) -> list[Token]:
        r"""The tokens within braces, or the one that stands for itself.

        `x_\text{in}` has a word for its subscript, without braces of its own.
        """
        if self.peek() in STYLES:
            return [self.next(), *self.group()]
        if self.peek() != "{":
            return [self.sign()]
        start = self.place
        depth = 0
        while True:
            depth += {"{": 1, "}": -1}.get(self.next().text, 0)
            if depth == 0:
                return self.tokens[start + 1 : self.place - 1]

    def sign(self) -> Token:
        """The next token, or its first digit: LaTeX reads `x^12` as x¹ · 2."""
        text = self.peek()
        if text.isdigit() and len(text) > 1:
            start = self.tokens[self.place].start
            digits = Token(text[0], start), Token(text[1:], start + 1)
            before, behind = self.tokens[: self.place], self.tokens[self.place + 1 :]
            self.tokens = [*before, *digits, *behind]
        return self.next()

    def environment(self) -> tuple[str, list[Token]]:
        r"""The name of `\begin{name} … \end{name}`, and the tokens within."""
        self.next(r"\begin")
        name, start = plain(self.group()), self.place
        depth = 1
        while depth:
            depth += {r"\begin": 1, r"\end": -1}.get(self.next().text, 0)
        within = self.tokens[start : self.place - 1]
        self.group()
        return name, within

    def error(self, message: str) -> FormulaError:
        """Say what is wrong, and with which place of the formula."""
        at_end = self.place >= len(self.tokens)
        start = len(self.latex) if at_end else self.tokens[self.place].start
        rest = " ".join(self.latex[start:].split())[:24] or "the end"
        return FormulaError(f"{message}; got {rest}")

    def expect_end(self) -> None:
        """Refuse what is left."""
        if self.peek():
            raise self.error("expected the end of the formula")


def split(found: list[Token], separators: set[str]) -> list[list[Token]]:
    """Part a list of tokens at the separators that stand in no bracket."""
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in found:
        depth += token.text in {*OPENING, r"\begin"}
        depth -= token.text in {*CLOSING, r"\end"}
        if depth == 0 and token.text in separators:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def pieces(found: list[Token]) -> Iterator[list[Token]]:
    r"""Part a list of tokens into single ones and styled words, `\text{if}`."""
    reader = Reader(found, "")
    while reader.peek():
        start = reader.place
        if reader.next().text in STYLES:
            reader.group()
        yield found[start : reader.place]


def plain(found: list[Token]) -> str:
    """The letters of a subscript or a styled word, without its dress."""
    dress = {"{", "}"} | STYLES
    return "".join(t.text.removeprefix("\\") for t in found if t.text not in dress)
