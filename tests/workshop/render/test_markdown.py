"""The page as the site's extensions make it: marks, figures, colophon, formulas."""

from datetime import date

import pytest
from markdown import Markdown

from workshop.pages.formulas import formulas
from workshop.pages.snippets import digest
from workshop.render import colors, mathml
from workshop.render import markdown as extension
from workshop.verify import figures
from workshop.verify.execution import SnippetError
from workshop.verify.formula.tokens import FormulaError
from workshop.verify.manifest import Manifest
from workshop.verify.proof import Proof, proof

FIGURE = """\
# Page

```python {.figure}
x = 1
```

/// figure-caption
**What to see: $x_1$ & more.** The rest.
///
"""


@pytest.fixture
def manifest(monkeypatch):
    manifest = Manifest(versions={"Python": "3.11.7", "NumPy": "2.4.6"})
    monkeypatch.setattr(Manifest, "load", classmethod(lambda cls: manifest))
    return manifest


@pytest.fixture
def convert(manifest, monkeypatch, tmp_path):
    monkeypatch.setattr(colors, "STORE", tmp_path / "colors")
    drawing = (
        '<svg class="plot"><title id="f-title"></title><desc></desc><path></path></svg>'
    )
    monkeypatch.setattr(figures, "image", lambda code: drawing)
    return lambda text: Markdown(
        extensions=[
            "attr_list",
            "pymdownx.arithmatex",
            "pymdownx.blocks.caption",
            "pymdownx.details",
            "pymdownx.superfences",
            "tables",
            "workshop.render.mathml",
            "workshop.render.markdown",
        ],
        extension_configs={
            "pymdownx.arithmatex": {"generic": True},
            "pymdownx.superfences": {
                "custom_fences": [
                    {
                        "name": "python",
                        "class": "python",
                        "format": extension.fence,
                        "validator": extension.validator,
                    }
                ]
            },
        },
    ).convert(text)


def test_a_snippet_says_whether_it_ran(convert, manifest):
    manifest.ran[digest("x = 1")] = "2026-11-23"
    html = convert("```python\nx = 1\n```\n\n```python\ny = 1\n```")
    assert html.count('<div class="snippet" data-ran="2026-11-23">') == 1
    assert html.count('<div class="snippet not-run"><p>Not run yet</p>') == 1


def test_where_the_tests_have_not_run_the_footer_says_so_and_nothing_else(convert):
    html = convert(f"# Page\n\n```python\nx = 1\n```\n\n{FORMULA}")
    assert "Not run yet" not in html
    assert '<div class="snippet untried"><div class="' in html
    assert '<p class="executed untried"></p>' in html
    assert html.endswith(
        '<p class="colophon untried">What this page shows has not run here since it was '
        "last changed: <code>make test</code> runs it.</p>"
    )


def test_the_title_of_a_question_has_its_number_so_that_the_search_finds_it(convert):
    html = convert("# KV cache {#dl0043}\n\n## Another {#dl0044}")
    assert '<h1 id="dl0043"><span class="number">DL0043</span> KV cache</h1>' in html
    assert '<h2 id="dl0044">Another</h2>' in html


def test_a_page_ends_with_what_its_snippets_ran_with(convert, manifest):
    manifest.ran |= {digest("x = 1"): "2026-11-23", digest("y = 1"): "2026-11-05"}
    page = "# Page\n\n```python\nx = 1\n```\n"
    assert convert(page).endswith(
        '<p class="colophon">The snippet on this page ran and printed what is shown. '
        "Last checked on 23 November 2026, with Python 3.11.7, NumPy 2.4.6.</p>"
    )
    assert convert(page + "\n```python\ny = 1\n```").endswith(
        '<p class="colophon">All 2 snippets on this page ran and printed what is shown. '
        "Last checked on 5 November 2026, with Python 3.11.7, NumPy 2.4.6.</p>"
    )
    assert convert(page + "\n```python\nz = 1\n```").endswith(
        '<p class="colophon not-run">1 of 2 snippets on this page have not run yet.</p>'
    )


def test_the_home_page_counts_what_ran(convert, manifest, monkeypatch):
    ran = Proof(snippets=5, figures=2, formulas=3, missing=0, day=date(2026, 11, 5))
    monkeypatch.setattr(extension, "proof", lambda manifest: ran)
    assert convert("Words.\n\n<!-- proof -->") == (
        '<p>Words.</p>\n<div class="proof"><ul><li><strong>5</strong> snippets</li>'
        "<li><strong>3</strong> formulas</li><li><strong>2</strong> figures</li></ul>"
        "<p>All run and compared. Last checked on 5 November 2026, with Python 3.11.7, "
        "NumPy 2.4.6.</p></div>"
    )


def test_the_home_page_does_not_boast_of_what_did_not_run(convert, monkeypatch):
    ran = Proof(snippets=5, figures=2, formulas=3, missing=1, day=date(2026, 11, 5))
    monkeypatch.setattr(extension, "proof", lambda manifest: ran)
    assert convert("<!-- proof -->") == (
        '<p class="proof not-run">1 snippets and formulas of the pages have not run yet.'
        "</p>"
    )


def test_the_home_page_says_where_nothing_ran(convert, monkeypatch):
    ran = Proof(snippets=0, figures=0, formulas=0, missing=9, day=None)
    monkeypatch.setattr(extension, "proof", lambda manifest: ran)
    assert convert("<!-- proof -->") == (
        '<p class="proof untried">What these pages show has not run here yet: '
        "<code>make test</code> runs it.</p>"
    )


class Everything(dict):
    """A manifest's entries that hold any block."""

    def get(self, block, default=None):
        return "2026-11-05"


def test_proof_counts_all_that_the_tests_collect():
    nothing = proof(Manifest(ran={}))
    assert (nothing.snippets, nothing.figures, nothing.formulas) == (0, 0, 0)
    assert nothing.day is None
    found = proof(Manifest(ran=Everything()))
    assert found.missing == 0
    assert found.snippets + found.figures + found.formulas == nothing.missing
    assert found.figures >= 20
    assert found.day == date(2026, 11, 5)


def test_no_colophon_without_snippets_nor_in_a_docstring(convert, manifest):
    manifest.ran[digest("x = 1")] = "2026-11-23"
    assert "colophon" not in convert("# Page\n\nWords.")
    assert "colophon" not in convert("Words.\n\n```python\nx = 1\n```")


FORMULA = "<!-- formula\nx = dlref.cost.kv_cache_bytes\n-->\n\n$$\nx = 1\n$$\n"


def test_a_formula_says_against_what_it_was_executed(convert, manifest):
    (formula,) = formulas(FORMULA)
    manifest.ran |= dict.fromkeys(formula.blocks(), "2026-11-23")
    html = convert(FORMULA)
    assert html.count('display="block"') == 1
    assert html.endswith(
        '<details class="executed">\n<summary>✓ <em>executed</em></summary>\n'
        "<p>Executed for 20 draws of its symbols, against "
        "[<code>kv_cache_bytes</code>][dlref.cost.kv_cache_bytes].</p>\n</details>"
    )
    assert "<!--" not in html


def test_a_formula_that_was_not_executed_says_so(convert, manifest):
    manifest.ran[digest("x = 1")] = "2026-11-23"
    html = convert(f"{FORMULA}\n```python\nx = 1\n```")
    assert '<p class="executed not-run">Not run yet</p>' in html


def test_an_excused_formula_has_no_mark(convert):
    html = convert("<!-- formula: defines a symbol -->\n\n$$\nx = 1\n$$\n")
    assert html.count('display="block"') == 1
    assert "executed" not in html
    assert "<!--" not in html


def test_what_asks_for_a_card_is_not_shown(convert):
    asked = "<!-- card: What is x? -->\n"
    below = (
        "\n??? example\n\n    <!-- card: What is wrong?\n    x\n    -->\n    ```python\n"
    )
    html = convert(f"{asked}{FORMULA}{below}    x = 1\n    ```\n")
    assert "card" not in html
    assert "<!--" not in html
    assert html.count('display="block"') == html.count("<pre>") == 1


def test_the_colophon_counts_the_formulas(convert, manifest):
    (formula,) = formulas(FORMULA)
    executed = [digest("x = 1"), *formula.blocks()]
    manifest.ran |= dict.fromkeys(executed, "2026-11-23")
    page = f"# Page\n\n```python\nx = 1\n```\n\n{FORMULA}"
    assert "The snippet and 1 formula on this page ran" in convert(page)
    assert "The snippet and 2 formulas on this page ran" in convert(f"{page}\n{FORMULA}")


def test_a_figure_is_drawn_described_by_its_caption_and_shows_its_code(convert):
    html = convert(FIGURE)
    assert '<title id="f-title">What to see: x_1 &amp; more.</title>' in html
    assert "<desc>The rest.</desc>" in html
    assert '<details class="code"><summary>Code of this figure</summary>' in html
    assert html.index("<svg") < html.index("<details") < html.index("<figcaption")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (
            FIGURE.replace("**", ""),
            "a figure's caption must begin with a sentence in bold: its title",
        ),
        (
            FIGURE.partition("///")[0],
            "a figure must be followed by a figure-caption block",
        ),
    ],
)
def test_a_figure_without_a_title_stops_the_build(convert, page, message):
    with pytest.raises(SnippetError) as raised:
        convert(page)
    assert str(raised.value) == message


def test_a_figure_that_does_not_draw_stops_the_build(convert, monkeypatch):
    def fail(code):
        raise SnippetError("a figure does not draw")

    monkeypatch.setattr(figures, "image", fail)
    with pytest.raises(Exception, match=r"^a figure does not draw$"):
        convert(FIGURE)


def test_formulas_become_mathml(convert):
    html = convert("Inline $p_t$.\n\n$$\n\\sqrt{d_k} < 1\n$$")
    assert '<math alttext="p_t"><msub><mi>p</mi><mi>t</mi></msub></math>' in html
    assert '<div class="math" tabindex="0" role="group" aria-label="formula">' in html
    assert '<math alttext="\\sqrt{d_k} &lt; 1" display="block"' in html
    assert "<msqrt>" in html
    assert "arithmatex" not in html


@pytest.mark.parametrize("latex", ["\\frac{1}{", "\\nonsense", "\\tag{1}", "x_1_2"])
def test_a_broken_formula_stops_the_build(convert, latex):
    with pytest.raises(
        FormulaError, match=r"^formula must be LaTeX that math-core knows; got "
    ):
        convert(f"$$\n{latex}\n$$")


def test_no_style_stands_in_the_html(convert):
    # The site's policy blocks it: cells of formulas and of tables have classes.
    html = convert(
        "$$\n\\begin{aligned}a &= b \\\\ &= c\\end{aligned}\n$$\n\n"
        "$$\n\\begin{cases}0 & x < 0 \\\\ 1 & x > 0\\end{cases}\n$$\n\n"
        "| a | b |\n|:-:|--:|\n| 1 | 2 |\n"
    )
    assert " style=" not in html
    assert '<mtd class="right no-gap-after"><mi>a</mi></mtd>' in html
    assert '<mtd class="left no-gap-after gap-before">' in html
    assert '<th class="center">a</th>' in html
    assert '<td class="right">2</td>' in html


def test_a_formula_that_needs_a_style_stops_the_build(convert):
    with pytest.raises(FormulaError) as raised:
        convert("$$\n\\begin{align*}a &= b\\end{align*}\n$$")
    assert str(raised.value) == (
        "formula must need no style but those of docs/assets/dlref.css; "
        "got '\\\\begin{align*}a &= b\\\\end{align*}', which needs 'width: 100%'"
    )


def test_a_formula_that_stops_the_build_is_named_with_its_places(
    convert, monkeypatch, tmp_path
):
    for name, text in ("a", "# A\n\n$x_1_2$\n"), ("b", "# B\n\n- $$\n  x_1_2\n  $$\n"):
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(mathml, "ROOT", tmp_path)
    monkeypatch.setattr(mathml, "verified", lambda: sorted(tmp_path.glob("*.md")))
    with pytest.raises(FormulaError, match=r"^a\.md:3: formula must be LaTeX that math"):
        convert("# A\n\n$x_1_2$\n")


def test_what_has_the_colour_of_the_text_is_not_marked(convert):
    html = convert("```python\nx = f(1)\n```")
    assert '<code>x = f(<span class="mi">1</span>)\n</code>' in html
