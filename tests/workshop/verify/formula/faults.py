r"""Faults planted in a formula: one sign, root, index, constant or power at a time.

Each is of a kind that has stood in print: an ε on the wrong side of a root, a mask that
is multiplied, a variance over the wrong number of units, α on the wrong class.
"""

from collections.abc import Iterator

from workshop.verify.formula.reader import CLOSING, OPENING, Reader, plain
from workshop.verify.formula.tokens import STYLES, Token, tokens

SWAPPED = {
    "+": "-",
    "-": "+",
    r"\leq": "<",
    r"\geq": ">",
    "<": r"\leq",
    ">": r"\geq",
    r"\log": r"\exp",
    r"\exp": r"\log",
    r"\max": r"\min",
    r"\min": r"\max",
    r"\tanh": r"\sin",
    r"\odot": "+",
    r"\lfloor": r"\lceil",
    r"\rfloor": r"\rceil",
    r"\lceil": r"\lfloor",
    r"\rceil": r"\rfloor",
    r"\sum": r"\prod",
    r"\lor": r"\land",
    r"\land": r"\lor",
    r"\sin": r"\cos",
    r"\in": r"\notin",
    r"\cup": r"\cap",
    r"\neq": "=",
}
GREEK = {
    *(r"\alpha", r"\beta", r"\gamma", r"\delta", r"\varepsilon", r"\eta", r"\theta"),
    *(r"\lambda", r"\mu", r"\pi", r"\rho", r"\sigma"),
}
_BEFORE_UNARY = {"", "&", "=", r"\approx", r"\leq", r"\geq", r"\\", *OPENING}

Fault = tuple[int, int, list[str]]  # the tokens from .. to, and what replaces them


def faults(latex: str) -> Iterator[tuple[str, str]]:
    """Name each fault that fits, and write the formula with it."""
    found = tokens(latex)
    texts = [token.text for token in found]
    hidden = _dressed(found, latex)
    for place, token in enumerate(found):
        if place in hidden:
            continue
        for kind, (start, end, instead) in _at(place, found, latex):
            near = " ".join(latex[token.start : token.start + 16].split())
            changed = [*texts[:start], *instead, *texts[end:]]
            yield f"{kind} at {near!r}", " ".join(changed)


def _dressed(found: list[Token], latex: str) -> set[int]:
    """Where words stand, and subscripts: no numbers and signs of the formula."""
    hidden: set[int] = set()
    for place, token in enumerate(found):
        if token.text in {*STYLES, r"\begin", r"\end"}:
            hidden |= set(range(place + 1, _past_group(place + 1, found, latex)))
        if token.text == "_" and found[place - 1].text not in {r"\sum", r"\prod"}:
            hidden |= set(range(place + 1, _past_group(place + 1, found, latex)))
    return hidden


def _past_group(place: int, found: list[Token], latex: str) -> int:
    reader = Reader(found, latex)
    reader.place = place
    reader.group()
    return reader.place


def _at(place: int, found: list[Token], latex: str) -> Iterator[tuple[str, Fault]]:
    """The faults that begin at one token."""
    text = found[place].text
    before = found[place - 1].text if place else ""
    end = place + 1
    if text == "-" and before in _BEFORE_UNARY:
        yield "drop the sign", (place, end, [])
    elif text in {r"\lfloor", r"\lceil"}:
        yield "round the other way", _other_rounding(place, found)
    elif text in SWAPPED and text not in CLOSING:
        yield "swap", (place, end, [SWAPPED[text]])
    if text == "+":
        yield "multiply", (place, end, [r"\cdot"])
    if text.isdigit():
        yield "change the constant", (place, end, [str(int(text) + 1)])
    if text == r"\sqrt":
        yield "drop the root", (place, end, [])
    if text == r"\frac" and found[end + 1].text != r"\partial":
        yield "turn the fraction", _turned(place, found, latex)
    if text == "^" and found[end].text != r"\ast":
        yield "drop the power", (place, _past_group(end, found, latex), [])
    if other := _other_letter(text, found):
        yield f"write {other} for {text}", (place, end, [other])
    if text == "_":
        yield from _other_indices(place, found, latex)


def _other_letter(text: str, found: list[Token]) -> str | None:
    """The next letter of the formula, in the order in which they first stand there."""
    letters = [x for x in dict.fromkeys(token.text for token in found) if _is_letter(x)]
    if text not in letters or len(letters) == 1:
        return None
    return letters[(letters.index(text) + 1) % len(letters)]


def _is_letter(text: str) -> bool:
    return (text.isalpha() and len(text) == 1) or text in GREEK


def _other_rounding(place: int, found: list[Token]) -> Fault:
    depth, end = 0, place
    while True:
        depth += found[end].text in {r"\lfloor", r"\lceil"}
        depth -= found[end].text in {r"\rfloor", r"\rceil"}
        end += 1
        if depth == 0:
            break
    texts = [token.text for token in found[place:end]]
    return place, end, [SWAPPED[texts[0]], *texts[1:-1], SWAPPED[texts[-1]]]


def _turned(place: int, found: list[Token], latex: str) -> Fault:
    middle = _past_group(place + 1, found, latex)
    end = _past_group(middle, found, latex)
    above, below = found[place + 1 : middle], found[middle:end]
    return place, end, [r"\frac", *(token.text for token in below + above)]


def _other_indices(
    place: int, found: list[Token], latex: str
) -> Iterator[tuple[str, Fault]]:
    """Put each other subscript that the letter has in the formula; turn `ij` to `ji`."""
    end = _past_group(place + 1, found, latex)
    own = found[place + 1 : end]
    letters = [token.text for token in own if token.text not in {"{", "}"}]
    if len({*letters}) == len(letters) == 2 and all(len(x) == 1 for x in letters):
        yield "turn the indices", (place + 1, end, ["{", *reversed(letters), "}"])
    others = {
        plain(other): other
        for at, token in enumerate(found)
        if token.text == "_" and found[at - 1].text == found[place - 1].text
        for other in [found[at + 1 : _past_group(at + 1, found, latex)]]
    }
    for word, other in others.items():
        if word != plain(own) and word != "".join(reversed(letters)):
            yield (
                f"write the index {word}",
                (place + 1, end, [token.text for token in other]),
            )
