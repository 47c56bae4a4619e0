"""Proof that no code or formula of a page goes unseen: what is rendered was found.

The page is rendered with the site's own extensions, so no second opinion on Markdown is
needed. A fence that shows as prose, code that no fence holds, an unknown flag or
language, an output without a snippet, Python under another name, a formula written in
another way, a directive without a formula: each is a problem, and so are LaTeX that is
not typeset, a torn table, and words that are lost or shown with their markup.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from markdown import Markdown
from mkdocs.config import load_config

from workshop import ROOT
from workshop.inspect.nesting import misplaced
from workshop.inspect.rendered import Page
from workshop.inspect.traces import untraced
from workshop.pages.fences import FLAGS, HEADER, LANGUAGES, Fence, fences
from workshop.pages.formulas import unbound
from workshop.pages.front_matter import parted
from workshop.pages.inline import misread, numbered
from workshop.pages.snippets import normal, snippets
from workshop.pages.tables import torn
from workshop.render.mathml import mathml
from workshop.verify.formula.tokens import FormulaError


def problems(text: str) -> list[str]:
    """List what is wrong with a Markdown page, by lines; nothing, if all is well."""
    said = written_problems(text)
    body, _ = parted(text)
    # The front matter leaves its lines, so that all others keep their numbers.
    body = "\n" * (text.count("\n") - body.count("\n")) + body
    try:
        page = _render(body)
    except FormulaError as error:
        return said or [str(error)]
    return [
        *said,
        *misplaced(body),
        *_unpaired(text, body, page),
        *untraced(body, page),
    ]


def _unpaired(text: str, body: str, page: Page) -> Iterator[str]:
    """Name what is rendered and was not found, and what was found and is not rendered."""
    written = Counter((fence.language, normal(fence.source)) for fence in fences(body))
    shown = Counter((block.language, normal(block.text)) for block in page.blocks)
    read = Counter(" ".join(latex.split()) for _, latex in numbered(text))
    typeset = Counter(" ".join(latex.split()) for latex in page.formulas)
    for latex in typeset - read:
        yield f"{_line(body, latex)}: shown as a formula, but not found:\n{latex}"
    for latex in read - typeset:
        yield f"{_line(text, latex)}: formula, but not shown:\n{latex}"
    for name, code in shown - written:
        what = f"shown as {name or 'no language'}, but no fence"
        yield f"{_line(body, code)}: {what}:\n{code}"
    for name, code in written - shown:
        what = f"fence in {name or 'no language'}, but not shown"
        yield f"{_line(body, code)}: {what}:\n{code}"


def _line(text: str, words: str) -> str:
    """Say on which line something begins; where it stands twice, on the first."""
    start = words.strip().partition("\n")[0]
    return f"line {text.count(chr(10), 0, max(text.find(start), 0)) + 1}"


def written_problems(text: str) -> list[str]:
    """List what is wrong with the text of a page or a docstring, each with its line."""
    found = list(snippets(text))
    paired = [snippet.output for snippet in found]
    alone = [snippet.fence for snippet in found if not snippet.output]
    return [
        *(
            f"line {fence.line}: {problem}; got ```{fence.header}"
            for fence in fences(text)
            if (problem := _problem(fence, fence in paired, fence in alone))
        ),
        *unbound(text),
        *misread(text),
        *torn(text),
        *_untypeset(text),
    ]


def docstring_problems(source: str) -> list[str]:
    """List what is wrong in the docstrings of a Python file, by its lines."""
    said = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines = enumerate(source.split("\n"), start=1)
    return written_problems("\n".join(text if n in said else "" for n, text in lines))


def _untypeset(text: str) -> Iterator[str]:
    for line, latex in numbered(text):
        try:
            mathml(latex, display=True)
        except FormulaError as error:
            yield f"line {line}: {error}"


def _problem(fence: Fence, paired: bool, alone: bool) -> str | None:
    if fence.language not in LANGUAGES:
        return f"a fence must name a language: one of {', '.join(LANGUAGES)}"
    if not HEADER.fullmatch(fence.header):
        return 'a header must read ```language {.flag} or ```language title="…"'
    if re.search(r'title="[^"]*\$', fence.header):
        return "a title must have no formula: it is shown as it stands"
    if unknown := fence.flags - FLAGS.get(fence.language, set()):
        return f"{fence.language} must not have the flag {', '.join(sorted(unknown))}"
    if len(fence.flags & FLAGS["python"]) > 1:
        return "a snippet must have one flag"
    if "table" in fence.flags and alone:
        return "a table must stand directly below the snippet that prints it"
    if "output" in fence.flags and not paired:
        return "an output must stand directly below its snippet"
    if fence.flags & {"number", "ellipsis"} and "output" not in fence.flags:
        return "a tolerance must stand on an output: {.output .number}"
    if fence.language == "python" and fence.source.lstrip().startswith(">>>"):
        return "a snippet must be plain code: who copies it copies the prompts too"
    if fence.language == "text" and not paired and _is_python(fence.source):
        return "Python must stand in a python fence, where it is run"
    return None


def _is_python(text: str) -> bool:
    """Tell code from words: it parses, and does something."""
    try:
        statements = ast.parse(text).body
    except SyntaxError:
        return False
    return any(
        not isinstance(line, ast.Expr) or isinstance(line.value, ast.Call)
        for line in statements
    )


def _render(body: str) -> Page:
    return Page(_converter().reset().convert(body))


@cache
def _converter() -> Markdown:
    """Python-Markdown as mkdocs.yml sets it up; figures and lists are not made."""
    config = load_config(str(ROOT / "mkdocs.yml"))
    options = {**config.mdx_configs, "workshop.render.markdown": {"draw": False}}
    md = Markdown(extensions=config.markdown_extensions, extension_configs=options)
    md.preprocessors.deregister("contents")  # they show what other pages say
    return md
