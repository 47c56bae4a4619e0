"""The site's view of snippets: a fence formatter and a Markdown extension.

Python blocks and formulas say whether they have run; a `{.figure}` fence becomes its
drawing with the code folded below, a `{.table}` fence is folded above the table that it
prints; the end of a page tells with what its snippets were run, and `<!-- proof -->` how
many of all pages were. Only Python-Markdown is
used, so MkDocs and its successors build the same pages.
"""

import html
import re
from datetime import date
from typing import Any

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from pymdownx.superfences import SuperFencesException, highlight_validator

from workshop.pages.cards import without_cards
from workshop.pages.formulas import Formula
from workshop.pages.snippets import digest
from workshop.render import colors
from workshop.verify import figures
from workshop.verify.execution import SnippetError
from workshop.verify.formula.directives import bound, everywhere
from workshop.verify.formula.judging import DRAWS
from workshop.verify.manifest import Manifest
from workshop.verify.proof import proof

validator = highlight_validator  # title="…", hl_lines="…"


def fence(
    source: str,
    language: str,
    class_name: str,
    options: dict[str, Any],
    md: Markdown,
    **kwargs: Any,
) -> str:
    """Format a Python fence: highlighted, and marked with the day on which it ran."""
    pages: Any = md.postprocessors["snippets"]
    drawing = ""
    if "figure" in kwargs["classes"] and pages.draw:
        try:
            drawing = figures.image(source)
        except SnippetError as error:
            # Anything else would make superfences show the fence as text, in silence.
            raise SuperFencesException(str(error)) from error
    ran = pages.manifest.ran.get(digest(source))
    code = colors.fence(source, language, class_name, options, md, **kwargs)
    if ran:
        code = f'<div class="snippet" data-ran="{ran}">{code}</div>'
    else:
        code = f'<div class="snippet not-run"><p>Not run yet</p>{code}</div>'
    if drawing:
        return f'<div class="drawing">{drawing}{_folded(code, "figure")}</div>'
    return _folded(code, "table") if "table" in kwargs["classes"] else code


def _folded(code: str, what: str) -> str:
    return f'<details class="code"><summary>Code of this {what}</summary>{code}</details>'


class _Formulas(Preprocessor):
    """Takes the directives off, and marks what was executed below each formula."""

    def __init__(self, md: Markdown, manifest: Manifest) -> None:
        super().__init__(md)
        self.manifest = manifest

    def run(self, lines: list[str]) -> list[str]:
        text = without_cards("\n".join(lines))
        for formula in reversed(list(bound(text, everywhere()))):
            block = text[formula.block : formula.end] + self.mark(formula)
            text = text[: formula.start] + block + text[formula.end :]
        return text.split("\n")

    def mark(self, formula: Formula) -> str:
        if not formula.code:
            return ""
        lines = ["", "", "Not run yet", "{: .executed .not-run }"]
        if all(block in self.manifest.ran for block in formula.blocks()):
            links = [f"[`{x.rpartition('.')[2]}`][{x}]" for x in formula.references]
            against = f", against {', '.join(links)}" if links else ""
            what = f"Executed for {DRAWS} draws of its symbols{against}."
            lines = ["", "", '??? executed "✓ *executed*"', "", f"    {what}"]
        return "\n".join(f"{formula.prefix}{line}" if line else "" for line in lines)


_DRAWING = re.compile(
    r"<title (?P<title>id=[^>]*)></title><desc></desc>"
    r"(?P<drawing>.*?<figcaption>)(?P<caption>.*?)</figcaption>",
    re.DOTALL,
)
_PROOF = "<!-- proof -->"
_LEAD = re.compile(r"<strong>(?P<lead>.*?)</strong>(?P<rest>.*)", re.DOTALL)
_FORMULA = re.compile(r'<math[^>]*alttext="([^"]*)".*?</math>', re.DOTALL)


def _described(figure: re.Match[str]) -> str:
    """Give a drawing its caption's bold lead as title, and the rest as description."""
    parts = _LEAD.search(figure["caption"])
    if not parts:
        raise SnippetError(
            "a figure's caption must begin with a sentence in bold: its title"
        )
    title, description = _text(parts["lead"]), _text(parts["rest"])
    return (
        f"<title {figure['title']}>{title}</title>"
        f"<desc>{description}</desc>"
        f"{figure['drawing']}{figure['caption']}</figcaption>"
    )


def _text(markup: str) -> str:
    """Reduce a caption to words; a formula is read as its LaTeX."""
    return " ".join(re.sub(r"<[^>]+>", "", _FORMULA.sub(r"\1", markup)).split())


# Names and punctuation have the colour of the text: marked, they are half of a page.
_PLAIN = re.compile(r'<span class="(?:n|nn|o|p|w)">([^<]*)</span>')
_ALIGNED = re.compile(r'<(t[dh]) style="text-align: (\w+);">')
_RAN = re.compile('<div class="snippet" data-ran=|<details class="executed">')
_NOT_RUN = re.compile(
    r'(?P<kind>class="(?:snippet|executed)) not-run">(?P<opens>(?:<p>)?)Not run yet</p>'
)
_QUESTION = re.compile(r'<h1 id="(?P<number>dl\d{4})">')


def _untried(mark: re.Match[str]) -> str:
    """Take a mark off; what remains tells the checks of the built site."""
    closes = "" if mark["opens"] else "</p>"
    return f'{mark["kind"]} untried">{closes}'


class _Pages(Postprocessor):
    """The last pass over a page's HTML."""

    def __init__(self, md: Markdown, manifest: Manifest, draw: bool) -> None:
        super().__init__(md)
        self.draw = draw
        self.manifest = manifest

    def run(self, text: str) -> str:
        if _PROOF in text:
            text = text.replace(_PROOF, self._proof())
        text = _DRAWING.sub(_described, text)
        text = _PLAIN.sub(r"\1", text)
        if not _RAN.search(text):  # the tests have not run here: no block is odd
            text = _NOT_RUN.sub(_untried, text)
        text = _ALIGNED.sub(r'<\1 class="\2">', text)  # the policy allows no style
        if "</title><desc" in text and "></title>" in text:
            raise SnippetError("a figure must be followed by a figure-caption block")
        # The number is part of the title, where the search looks first.
        text = _QUESTION.sub(
            lambda h1: f'{h1[0]}<span class="number">{h1["number"].upper()}</span> ', text
        )
        # What has a heading of the first level is a page; a docstring inside one is not.
        return text + self._colophon(text) if "<h1" in text else text

    def _colophon(self, text: str) -> str:
        days = re.findall(r'<div class="snippet" data-ran="([^"]*)"', text)
        missing = text.count('<div class="snippet not-run">')
        if missing:
            found = f"{missing} of {missing + len(days)}"
            return (
                f'<p class="colophon not-run">{found} snippets on this page '
                "have not run yet.</p>"
            )
        if ' untried">' in text:
            return (
                '<p class="colophon untried">What this page shows has not run here since '
                "it was last changed: <code>make test</code> runs it.</p>"
            )
        if not days:
            return ""
        which = "The snippet" if len(days) == 1 else f"All {len(days)} snippets"
        if executed := text.count('<details class="executed">'):
            which += f" and {executed} formula{'s' * (executed > 1)}"
        return (
            f'<p class="colophon">{which} on this page ran and printed what is shown. '
            f"Last checked {self._when(date.fromisoformat(min(days)))}.</p>"
        )

    def _when(self, day: date) -> str:
        tools = self.manifest.versions.items()
        with_what = ", ".join(f"{name} {number}" for name, number in tools)
        return f"on {day.day} {day:%B %Y}, with {html.escape(with_what)}"

    def _proof(self) -> str:
        """Count what ran, on all pages: the home page shows it."""
        found = proof(self.manifest)
        if not found.day:
            return (
                '<p class="proof untried">What these pages show has not run here yet: '
                "<code>make test</code> runs it.</p>"
            )
        if found.missing:
            return (
                f'<p class="proof not-run">{found.missing} snippets and formulas of the '
                "pages have not run yet.</p>"
            )
        counts = "".join(
            f"<li><strong>{getattr(found, kind)}</strong> {kind}</li>"
            for kind in ("snippets", "formulas", "figures")
        )
        return (
            f'<div class="proof"><ul>{counts}</ul>'
            f"<p>All run and compared. Last checked {self._when(found.day)}.</p></div>"
        )


class SnippetExtension(Extension):
    """Mark, draw and account for the snippets of a page."""

    def __init__(self, **options: Any) -> None:
        self.config = {"draw": [True, "Whether figure fences are drawn."]}
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        manifest, draw = Manifest.load(), self.getConfig("draw")
        # After superfences (25) has taken the code away, before HTML (20) is looked for.
        md.preprocessors.register(_Formulas(md, manifest), "formulas", 22)
        md.postprocessors.register(_Pages(md, manifest, draw), "snippets", 5)


def makeExtension(**options: Any) -> SnippetExtension:  # noqa: N802
    return SnippetExtension(**options)
