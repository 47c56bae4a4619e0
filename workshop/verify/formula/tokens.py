r"""LaTeX as a list of tokens, without what only moves or colors ink."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<space>\s+|\\[,;:!> ]|~)"
    r"|(?P<number>(?:\d+(?:(?:\{,\}|\\,)\d{3})*(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?)"
    r"|(?P<row>\\\\(?:\[[^\]]*\])?)"
    r"|(?P<none>\\(?:left|right)\s*\.)"
    r"|(?P<command>\\(?:[a-zA-Z]+|[{}|%&_#$]))"
    r"|(?P<sign>:=|[<>]=|\|\||\.\.\.|.)"
)
_SIZES = ("big", "Big", "bigg", "Bigg")
_INK = {rf"\{size}{side}" for size in _SIZES for side in ("", "l", "r", "m")}
_INK |= {r"\left", r"\right", r"\middle", r"\limits", r"\nolimits", r"\nonumber"}
_INK |= {r"\displaystyle", r"\textstyle", r"\scriptstyle", r"\notag", r"\hfill"}
_INK |= {r"\small", r"\large", r"\hline", r"\strut", r"\mathstrut", r"\bf", r"\rm"}
_SAME = {
    **dict.fromkeys((r"\le", r"\leqslant", "<="), r"\leq"),
    **dict.fromkeys((r"\ge", r"\geqslant", ">="), r"\geq"),
    **dict.fromkeys((r"\ne", r"\not="), r"\neq"),
    **dict.fromkeys((":=", r"\coloneqq", r"\triangleq", r"\equiv", r"\doteq"), "="),
    **dict.fromkeys((r"\simeq", r"\cong"), r"\approx"),
    **dict.fromkeys((r"\lvert", r"\rvert", r"\vert"), "|"),
    **dict.fromkeys((r"\lVert", r"\rVert", r"\Vert", r"\parallel", "||"), r"\|"),
    **dict.fromkeys((r"\ldots", r"\cdots", r"\dotsc", r"\dotsb", "...", "…"), r"\dots"),
    **dict.fromkeys((r"\implies", r"\Longrightarrow"), r"\Rightarrow"),
    **dict.fromkeys((r"\iff", r"\Longleftrightarrow"), r"\Leftrightarrow"),
    **dict.fromkeys((r"\rightarrow", r"\longrightarrow"), r"\to"),
    **{r"\gets": r"\leftarrow", r"\lt": "<", r"\gt": ">", r"\prime": "'"},
    **{"*": r"\ast", r"\lbrace": r"\{", r"\rbrace": r"\}", r"\intercal": r"\top"},
}
STYLES = {
    rf"\math{x}" for x in ("rm", "bf", "it", "bb", "cal", "sf", "tt", "frak", "scr")
}
STYLES |= {rf"\text{x}" for x in ("", "rm", "bf", "it", "sf", "tt", "normal")}
STYLES |= {r"\operatorname", r"\boldsymbol", r"\bm", r"\pmb", r"\mbox"}


class FormulaError(ValueError):
    """A formula that cannot be read, typeset or computed."""


@dataclass(frozen=True)
class Token:
    """One sign, number or command, and where it stands."""

    text: str
    start: int


def tokens(latex: str) -> list[Token]:
    """Split LaTeX; spaces, alignment and the sizes of brackets are left out."""
    return list(_tokens(latex))


def _tokens(latex: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(latex):
        text = match[0]
        if match["space"] or text in _INK:
            continue
        if match["number"]:
            text = text.replace("{,}", "").replace(r"\,", "")
        elif match["row"]:
            text = r"\\"
        elif match["none"]:
            if text.startswith(r"\right"):
                continue
            text = r"\left."
        yield Token(_SAME.get(text, text), match.start())
