"""Proof that no code or formula of a page goes unseen: what is rendered was found.

The page is rendered with the site's own extensions, so no second opinion on Markdown is
needed. A fence that shows as prose, code that no fence holds, an unknown flag or
language, an output without a snippet, Python under another name, a formula written in
another way, a directive without a formula: each is a problem.
"""

import ast
from collections import Counter
from functools import cache

from markdown import Markdown
from mkdocs.config import load_config

from workshop import ROOT
from workshop.inspect.rendered import Page
from workshop.pages.fences import FLAGS, HEADER, LANGUAGES, Fence, fences
from workshop.pages.formulas import formulas, unbound
from workshop.pages.front_matter import parted
from workshop.pages.snippets import normal, snippets


def problems(text: str) -> list[str]:
    """List what is wrong with the code of a Markdown page; nothing, if all is well."""
    body, _ = parted(text)
    page = _render(body)
    written = Counter((fence.language, normal(fence.source)) for fence in fences(body))
    shown = Counter((block.language, normal(block.text)) for block in page.blocks)
    read = Counter(" ".join(formula.latex.split()) for formula in formulas(body))
    typeset = Counter(" ".join(latex.split()) for latex in page.formulas)
    return [
        *written_problems(text),
        *(f"shown as a formula, but not found:\n{x}" for x in typeset - read),
        *(f"formula, but not shown:\n{x}" for x in read - typeset),
        *(
            f"shown as {name or 'no language'}, but no fence:\n{code}"
            for name, code in shown - written
        ),
        *(
            f"fence in {name or 'no language'}, but not shown:\n{code}"
            for name, code in written - shown
        ),
    ]


def written_problems(text: str) -> list[str]:
    """List what is wrong with the fences and directives of a page or a docstring."""
    found = list(snippets(text))
    paired = [snippet.output for snippet in found]
    alone = [snippet.fence for snippet in found if not snippet.output]
    return [
        f"line {fence.line}: {problem}; got ```{fence.header}"
        for fence in fences(text)
        if (problem := _problem(fence, fence in paired, fence in alone))
    ] + unbound(text)


def _problem(fence: Fence, paired: bool, alone: bool) -> str | None:
    if fence.language not in LANGUAGES:
        return f"a fence must name a language: one of {', '.join(LANGUAGES)}"
    if not HEADER.fullmatch(fence.header):
        return 'a header must read ```language {.flag} or ```language title="…"'
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
    """Python-Markdown as mkdocs.yml sets it up, but for the drawing of figures."""
    config = load_config(str(ROOT / "mkdocs.yml"))
    options = {**config.mdx_configs, "workshop.render.markdown": {"draw": False}}
    return Markdown(extensions=config.markdown_extensions, extension_configs=options)
