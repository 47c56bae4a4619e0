r"""The notation page keeps up: `docs/notation.md` has each symbol that a page explains.

A *where* list is what stands below a display formula from the word *where* on, in a
sentence or in bullets. Each symbol in it must be in the table of the page's subject, in
that of `EVERYWHERE`, or in that of `COST`, whose counts any subject may use. What a table
says a symbol is in code must be a name there.

Three rules say which symbol is which:

- an index is no part of a name: $q$ is listed if $q_t$ is, and so is $q_{t-1}$; and $h_0$
  if $h_i$ is, as the number stands for an index;
- a word, a number or another letter below a symbol is part of it: $d_k$, $W_1$, $h_L$;
- of what stands above a symbol, a star, a prime and a capital letter are: $p^*$, $W^Q$.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from workshop.inspect.tree import File, Tree
from workshop.pages.formulas import formulas
from workshop.pages.inline import MATH
from workshop.pages.navigation import named
from workshop.pages.questions import Question, sections
from workshop.verify.formula.reader import Reader, plain
from workshop.verify.formula.tokens import STYLES, tokens

PAGE = "docs/notation.md"
EVERYWHERE, COST = "Everywhere", "Cost"
COLUMNS = "| symbol | in code | meaning |"
_INDEX = re.compile(r"[\d:+-]*[ijlt][ijlt\d:+-]*")
_ACCENTS = {r"\hat", r"\bar", r"\tilde"}
_GREEK = {
    *(r"\alpha", r"\beta", r"\gamma", r"\delta", r"\epsilon", r"\varepsilon", r"\zeta"),
    *(r"\eta", r"\theta", r"\kappa", r"\lambda", r"\mu", r"\nu", r"\xi", r"\pi", r"\rho"),
    *(r"\sigma", r"\tau", r"\phi", r"\varphi", r"\chi", r"\psi", r"\omega", r"\ell"),
    *(r"\Gamma", r"\Delta", r"\Theta", r"\Lambda", r"\Xi", r"\Pi", r"\Sigma", r"\Phi"),
    *(r"\Psi", r"\Omega"),
}
_CODE = re.compile(r"`([^`\n]+)`")
_DERIVATIVE = re.compile(r"\bd(\w)/d(\w)")  # dm/dz, in which d is no symbol
_ROW = re.compile(r"^\| (?P<symbols>.+?) \| (?P<code>.*?) ?\| (?P<meaning>.+) \|$", re.M)


@dataclass(frozen=True)
class Symbol:
    """A letter or a named operator, with all that belongs to its name."""

    latex: str
    base: str
    below: str = ""
    above: str = ""

    @property
    def name(self) -> tuple[str, str, str]:
        """What tells it from other symbols: all but its indices."""
        parts = [x for x in self.below.split(",") if not _INDEX.fullmatch(x)]
        return self.base, ",".join(parts), self.above

    def covers(self, other: "Symbol") -> bool:
        """Tell whether a table that lists this symbol lists the other one, too."""
        if other.below.isdigit() and _INDEX.fullmatch(self.below):
            return (self.base, self.above) == (other.base, other.above)
        return self.name == other.name


def symbols(latex: str) -> Iterator[Symbol]:
    """Read the symbols of a formula; numbers, signs and words are none."""
    latex = _DERIVATIVE.sub(r"\1/\2", latex)
    reader = Reader(tokens(latex), latex)
    while reader.peek():
        start = reader.place
        if base := _base(reader):
            below, above = _scripts(reader)
            text = reader.tokens[start : reader.place]
            end = text[-1].start + len(text[-1].text)
            yield Symbol(latex[text[0].start : end], base, below, above)


def _base(reader: Reader) -> str:
    """Read a symbol without its scripts; go past what is none, and return nothing."""
    text = reader.next().text
    if text == r"\text":
        reader.group()
    elif text in _ACCENTS | STYLES:
        return f"{text} {plain(reader.group())}"
    return text if text.isalpha() or text in _GREEK else ""


def _scripts(reader: Reader) -> tuple[str, str]:
    below, above = "", ""
    while True:
        start = reader.place
        if reader.take("'"):
            above += "'"
        elif reader.take("_"):
            below += plain(reader.group())
        elif reader.take("^") and _is_named(script := plain(reader.group())):
            above += script
        else:  # a power, which may hold symbols of its own, or no script
            reader.place = start
            return below, above


def _is_named(script: str) -> bool:
    return script == "ast" or (len(script) == 1 and script.isupper())


def where_lists(body: str) -> Iterator[str]:
    """Find what a page says its formulas' symbols are."""
    for formula in formulas(body):
        first, *rest = re.split(r"\n[ \t]*\n", body[formula.end :].strip("\n"))
        if where := re.search(r"\bwhere\b", first):
            sentence = first[where.start() :]
            yield rest[0] if rest and sentence.strip() == "where" else sentence


def used(question: Question) -> dict[str, Symbol]:
    """Return the symbols in the where lists of a page, by how it writes them."""
    text = "\n\n".join(where_lists(question.body))
    found = MATH.findall(_CODE.sub("", text))
    return {symbol.latex: symbol for latex in found for symbol in symbols(latex)}


@dataclass(frozen=True)
class Table:
    """The symbols of a subject."""

    title: str
    text: str

    @cached_property
    def rows(self) -> list[re.Match[str]]:
        return [row for row in _ROW.finditer(self.text) if row["symbols"] != "symbol"]

    @cached_property
    def symbols(self) -> list[Symbol]:
        """The first symbol of each formula: `$g(p)$` lists g, and says of what."""
        cells = (MATH.findall(row["symbols"]) for row in self.rows)
        found = (next(symbols(latex), None) for cell in cells for latex in cell)
        return [symbol for symbol in found if symbol]

    @cached_property
    def parts(self) -> list["Table"]:
        """What stands below each heading: a part tells its own letters apart."""
        found = sections(self.text, "###")
        return [Table(title or self.title, body) for title, body in found]

    @cached_property
    def code(self) -> list[str]:
        return [name for row in self.rows for name in _CODE.findall(row["code"])]


def tables(text: str) -> dict[str, Table]:
    """Find the tables of symbols, by the heading each stands under."""
    found = ((title.partition(" {#")[0], body) for title, body in sections(text, "##"))
    return {title: Table(title, body) for title, body in found if COLUMNS in body}


def unlisted(question: Question, known: dict[str, Table]) -> Iterator[str]:
    """Name what a page's where lists use and the tables lack."""
    title, page = named(question.subject), f"docs/{question.path}"
    if title not in known:
        yield f"{PAGE} must have the table '## {title}', for {page}; got none"
        return
    shared = (known[name] for name in (title, EVERYWHERE, COST) if name in known)
    listed = [symbol for table in shared for symbol in table.symbols]
    for latex, symbol in used(question).items():
        if not any(entry.covers(symbol) for entry in listed):
            yield (
                f"{PAGE} must have the symbol ${latex}$ that {page} uses in a where "
                f"list, in the table {title}; got none"
            )


def repeated(table: Table) -> Iterator[str]:
    """Name what a part lists twice: one row tells the meanings of a letter apart."""
    for part in table.parts:
        counts = Counter(symbol.latex for symbol in part.symbols)
        for latex, count in counts.items():
            if count > 1:
                yield (
                    f"{PAGE} must have ${latex}$ in one row of the table {part.title}, "
                    f"which tells its meanings apart; got {count}"
                )


def unnamed(table: Table, tree: Tree) -> Iterator[str]:
    """Name what a table says is in code, and is not."""
    rooms = {table.title.lower().replace(" ", "_"), COST.lower()}
    anywhere = table.title == EVERYWHERE
    files = [x for x in tree.package if anywhere or rooms & {*x.parts}]
    known = {name for file in files for name in _names(file)}
    for name in table.code:
        if not any(fnmatchcase(x, name) for x in known):
            yield (
                f"{PAGE} must name what is in the code of dlref, in the table "
                f"{table.title}; got {name!r}"
            )


def _names(file: File) -> Iterator[str]:
    """What the code of a file calls things: functions, classes, arguments, variables."""
    for node in ast.walk(file.tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
