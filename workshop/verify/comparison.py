"""Whether a snippet printed what its page shows.

Exact by default. On the output block, `.number` compares each decimal to the digits that
are shown, `.ellipsis` lets `...` stand for anything.
"""

import difflib
import re
import unicodedata
from collections.abc import Set
from fractions import Fraction

# Integers, and NumPy's `1.` for a number whose further digits are all zero, stay exact.
# The parts of a complex number are decimals as well.
_DECIMAL = re.compile(
    r"(?<![\w.])[+-]?(?:\d*\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)(?!(?!j\b)\w|\.\d)"
)


def agree(expected: str, printed: str, flags: Set[str] = frozenset()) -> bool:
    """Tell whether the two texts are the same, as strictly as the flags ask for."""
    expected, printed = _trimmed(expected), _trimmed(printed)
    return (
        expected == printed
        or ("ellipsis" in flags and _fills(expected, printed))
        or ("number" in flags and _rounds_to(expected, printed))
    )


def difference(expected: str, printed: str) -> str:
    """Show line by line what was expected (-) and what was printed (+)."""
    lines = difflib.ndiff(_visible_lines(expected), _visible_lines(printed))
    return "\n".join(
        ["output differs: - expected, + printed", *(line.rstrip() for line in lines)]
    )


def _visible_lines(text: str) -> list[str]:
    trimmed = _trimmed(text)
    return [_visible(line) for line in trimmed.split("\n")] if trimmed else []


def _visible(line: str) -> str:
    """Write out what has no shape of its own: controls, odd spaces, loose accents."""
    return "".join(
        letter
        if letter.isprintable() and not unicodedata.combining(letter)
        else letter.encode("unicode_escape").decode()
        for letter in line
    )


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def _fills(expected: str, printed: str) -> bool:
    pattern = ".*?".join(map(re.escape, expected.split("...")))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


def _rounds_to(expected: str, printed: str) -> bool:
    """Same words, and each decimal within half a unit of the last digit that is shown.

    A number may be shown shorter than it is printed, so decimals are lined up first:
    what is decimal on the page must be decimal in the output, and the reverse.
    """
    if _words(expected) != _words(printed):
        return False
    pairs = zip(_DECIMAL.findall(expected), _DECIMAL.findall(printed), strict=True)
    return all(abs(Fraction(a) - Fraction(b)) <= _unit(a) / 2 for a, b in pairs)


def _words(text: str) -> list[str]:
    return _DECIMAL.sub(" # ", text).split()


def _unit(number: str) -> Fraction:
    """One unit in the last digit that is shown: 1/100 for 0.25, 1/1000 for 1e-3."""
    mantissa, _, exponent = number.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return Fraction(10) ** (int(exponent or 0) - digits)
