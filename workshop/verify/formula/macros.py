r"""Commands that dress others, taken off: `\tag`, `\textcolor`, `\underset`."""

from workshop.verify.formula.reader import Reader, plain
from workshop.verify.formula.tokens import STYLES, Token

# For each, what is left of its arguments.
_DROPPED = dict.fromkeys((r"\tag", r"\label", r"\hspace", r"\vspace", r"\color"), 1)
_DROPPED |= {r"\phantom": 1, r"\hphantom": 1, r"\vphantom": 1}
_KEPT = dict.fromkeys((r"\mathop", r"\mathrel", r"\mathbin", r"\boxed", r"\smash"), 1)
_KEPT |= dict.fromkeys((r"\mathrlap", r"\mathllap", r"\mathclap", r"\mathinner"), 1)
_KEPT |= dict.fromkeys((r"\textcolor", r"\colorbox", r"\overset", r"\stackrel"), 2)
_OPERATORS = {"argmax", "argmin", "max", "min", "sup", "inf"}


def undressed(found: list[Token], latex: str) -> list[Token]:
    """Take off what only dresses a formula, however deep it lies."""
    reader, bare = Reader(found, latex), list[Token]()
    while text := reader.peek():
        if text in _DROPPED:
            reader.next()
            reader.group()
        elif text in _KEPT:
            reader.next()
            *_, last = (reader.group() for _ in range(_KEPT[text]))
            inner = undressed(last, latex)
            is_script = bool(bare) and bare[-1].text in {"^", "_"}
            bare += _grouped(inner) if is_script else inner  # no bracket is seen
        elif text == r"\underset":
            bare += _underset(reader, latex)
        elif text in STYLES:
            bare += _styled(reader)
        else:
            bare.append(reader.next())
    return bare


def _grouped(found: list[Token]) -> list[Token]:
    if len(found) == 1 and not found[0].text.isdigit():
        return found
    start = found[0].start if found else 0
    return [Token("{", start), *found, Token("}", start)]


def _underset(reader: Reader, latex: str) -> list[Token]:
    start = reader.next().start
    below, above = (undressed(reader.group(), latex) for _ in range(2))
    return [
        *_single(above),
        Token("_", start),
        Token("{", start),
        *below,
        Token("}", start),
    ]


def _single(found: list[Token]) -> list[Token]:
    r"""What `\underset` stands under: one token, for a subscript belongs to a name."""
    return found if found[:1] and found[0].text in STYLES else _grouped(found)


def _styled(reader: Reader) -> list[Token]:
    r"""A word in its style; `\operatorname*{arg\,max}` is the operator of that name."""
    style = reader.next()
    reader.take(r"\ast")
    word = reader.group()
    name = plain(word)
    if name in _OPERATORS:
        return [Token(f"\\{name}", style.start)]
    return [style, Token("{", style.start), *word, Token("}", style.start)]
