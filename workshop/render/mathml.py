"""Math at build time: LaTeX on the page becomes MathML Core, which browsers draw alone.

A Markdown extension that picks up what `pymdownx.arithmatex` (`generic: true`) leaves. A
formula that does not parse stops the build.
"""

import html
import re
from collections.abc import Iterator

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from math_core import LatexError, LatexToMathML

from workshop import ROOT
from workshop.pages.inline import numbered
from workshop.pages.sources import verified
from workshop.verify.formula.tokens import FormulaError

_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex"(?P<address>[^>]*)>'
    r"\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>"
    r"(?P<after>[,.;:!?)]*)",
    re.DOTALL,
)
# The site's policy allows no style in the HTML: dlref.css has a class for each.
_CLASSES = {
    "text-align: right": "right",
    "justify-items: end": "",  # goes with the text
    "text-align: left": "left",
    "justify-items: start": "",
    "padding-right: 0": "no-gap-after",
    "padding-left: 0": "no-gap-before",
    "padding-left:1em": "gap-before",
}
_SHEET = "docs/assets/dlref.css"
_STYLE = re.compile(r' style="([^"]*)"')
_CONVERTER = LatexToMathML(fancy_error=False)


def mathml(latex: str, *, display: bool, address: str = "") -> str:
    """Typeset one formula; its source stays as the alternative text."""
    try:
        math = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise FormulaError(
            f"formula must be LaTeX that math-core knows; got {latex!r}: {error}"
        ) from None
    math = _STYLE.sub(_classes, math)
    if style := _STYLE.search(math):
        raise FormulaError(
            f"formula must need no style but those of {_SHEET}; "
            f"got {latex!r}, which needs {style[1]!r}"
        )
    math = math.replace("<math", f'<math alttext="{html.escape(latex)}"', 1)
    # A wide formula scrolls in its own box, which the keyboard can reach too.
    return (
        f'<div class="math"{address} tabindex="0" role="group" aria-label="formula">'
        f"{math}</div>"
        if display
        else math
    )


def _classes(style: re.Match[str]) -> str:
    names = [_CLASSES.get(part) for part in style[1].strip(";").split(";")]
    return style[0] if None in names else f' class="{" ".join(filter(None, names))}"'


class _Typesetter(Postprocessor):
    def run(self, text: str) -> str:
        return _FORMULA.sub(_typeset, text)


def _typeset(found: re.Match[str]) -> str:
    latex = html.unescape(found["latex"]).strip()
    try:
        math = mathml(latex, display=found["tag"] == "div", address=found["address"])
    except FormulaError as error:
        raise FormulaError(" ".join((*_places(latex), str(error)))) from None
    if not found["after"]:
        return math
    # A browser may break the line after a formula, even before a comma.
    return f'<span class="unbroken">{math}{found["after"]}</span>'


def _places(latex: str) -> Iterator[str]:
    """Find where a formula stands: no Markdown extension is told of which page it is."""
    for file in verified():
        text = file.read_text(encoding="utf-8")
        for line, formula in numbered(text):
            if formula.split() == latex.split():
                yield f"{file.relative_to(ROOT)}:{line}:"


class MathExtension(Extension):
    """Typeset every formula of a page."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # After `raw_html` (30), which brings the formulas back from the stash.
        md.postprocessors.register(_Typesetter(md), "mathml", 10)


def makeExtension(**options: object) -> MathExtension:  # noqa: N802
    return MathExtension(**options)
