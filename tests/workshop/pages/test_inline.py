"""A formula within a line is told from a price, and no dollar is shown by mistake."""

import pytest

from workshop.pages.inline import inline, misread, numbered

PRICES = {
    "Pay $5/$6.": "$5/$6",
    "From $10k-$20k.": "$10k-$2",
    "US$5 or CA$6.": "S$5 or CA$6",
    "Either 5$/6$.": "5$/6$.",
    "I paid $5, you paid 6$.": "$5, you paid 6$.",
    "The path $HOME/$USER.": "$HOME/$U",
    "A box ($5)/($6).": "($5)/($6",
    "| a |\n|---|\n| $5/$6 |": "$5/$6",
    "!!! note\n\n    Pay $5/$6.": "$5/$6",
    '??? note "Pay $5/$6"\n\n    So.': "$5/$6",
}
STRAY = {
    "It costs $5.": r"a dollar that is no formula must read \$; got $5.",
    "so \\(x\\)": "LaTeX must stand between dollars, $…$; got \\(x\\)",
    "so \\[ x \\] holds": "LaTeX must stand between dollars, $…$; got \\[ x \\] holds",
    "so \\frac{a}{b}": "LaTeX must stand between dollars, $…$; got \\frac{a}{b}",
    "\\begin{align}": "LaTeX must stand between dollars, $…$; got \\begin{align}",
    "## The $x$ of it": "a heading must have no formula; got ## The $x$ of it",
}
FORMULAS = (
    "x", "p_t", r"\frac{a}{b}", r"\text{for all} x", r"\operatorname{softmax} z", "n = 5",
    "10{,}000", "x^*", "|x|", "p(x, y)", r"\$5", "a\nb", "K V", r"\mathrm{if it} = 1",
)  # fmt: skip


@pytest.mark.parametrize("text", PRICES)
def test_a_price_is_no_formula(text):
    line = next(n for n, x in enumerate(text.split("\n"), start=1) if "$" in x)
    said = rf"line {line}: a dollar that is no formula must read \$; got {PRICES[text]}"
    assert said in [*misread(text)]


@pytest.mark.parametrize("text", STRAY)
def test_what_would_be_shown_raw_is_named(text):
    assert [*misread(f"Words.\n\n{text}\n")] == [f"line 3: {STRAY[text]}"]


@pytest.mark.parametrize(
    "text",
    [
        r"Pay \$5/\$6, or \$10k-\$20k.",
        "Pay `$5/$6`, or `` `$5 ``.",
        "```bash\necho $5/$6 \\frac\n```",
        "<!-- $5/$6 \\frac -->",
        "$$\n\\frac{a}{b}\n$$",
        "The $n$th of two $x$s, $k$-dimensional; ($y$), $x$/$y$.",
        r"A \*star\* and a \_line\_, [1] and \\.",
    ],
)
def test_what_is_no_price_passes(text):
    assert [*misread(text)] == []


@pytest.mark.parametrize("latex", FORMULAS)
def test_a_formula_is_found_and_no_price(latex):
    text = f"Words\nand ${latex}$, so.\n\nPay `$x$`.\n"
    assert [(x.latex, x.line) for x in inline(text)] == [(latex, 2)]
    assert [*misread(text)] == []


def test_a_formula_ends_with_its_paragraph():
    assert [*inline("It costs $5.\n\nAnd 6$ more.")] == []


def test_formulas_are_numbered_by_their_lines():
    assert [*numbered("In $x$,\n\n$$\ny\n$$\n\nand $z$.")] == [
        (3, "y"),
        (1, "x"),
        (7, "z"),
    ]
