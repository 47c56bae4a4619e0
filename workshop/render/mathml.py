"""Math at build time: LaTeX on the page becomes MathML Core, which browsers draw alone.

A Markdown extension that picks up what `pymdownx.arithmatex` (`generic: true`) leaves. A
formula that does not parse stops the build.
"""

import html
import re

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from math_core import LatexError, LatexToMathML

from workshop.verify.formula.tokens import FormulaError

_FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\[(\[](?P<latex>.*?)\\[)\]]</(?P=tag)>'
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
_STYLE = re.compile(r' style="([^"]*)"')
_CONVERTER = LatexToMathML(fancy_error=False)


def mathml(latex: str, *, display: bool) -> str:
    """Typeset one formula; its source stays as the alternative text."""
    try:
        math = _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise FormulaError(
            f"formula must be LaTeX that math-core knows; got {latex!r}: {error}"
        ) from None
    math = math.replace("<math", f'<math alttext="{html.escape(latex)}"', 1)
    math = _STYLE.sub(_classes, math)
    # A wide formula scrolls in its own box, which the keyboard can reach too.
    return (
        f'<div class="math" tabindex="0" role="group" aria-label="formula">{math}</div>'
        if display
        else math
    )


def _classes(style: re.Match[str]) -> str:
    names = [_CLASSES.get(part) for part in style[1].strip(";").split(";")]
    # One without a class stays, and `site` names it.
    return style[0] if None in names else f' class="{" ".join(filter(None, names))}"'


class _Typesetter(Postprocessor):
    def run(self, text: str) -> str:
        return _FORMULA.sub(_typeset, text)


def _typeset(found: re.Match[str]) -> str:
    latex = html.unescape(found["latex"]).strip()
    math = mathml(latex, display=found["tag"] == "div")
    if not found["after"]:
        return math
    # A browser may break the line after a formula, even before a comma.
    return f'<span class="unbroken">{math}{found["after"]}</span>'


class MathExtension(Extension):
    """Typeset every formula of a page."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        # After `raw_html` (30), which brings the formulas back from the stash.
        md.postprocessors.register(_Typesetter(md), "mathml", 10)


def makeExtension(**options: object) -> MathExtension:  # noqa: N802
    return MathExtension(**options)
