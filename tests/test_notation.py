"""The notation page has each symbol that a page explains: see `inspect.notation`."""

from datetime import date

import pytest

from workshop import ROOT
from workshop.inspect.notation import (
    PAGE,
    repeated,
    symbols,
    tables,
    unlisted,
    unnamed,
    used,
    where_lists,
)
from workshop.inspect.tree import Tree
from workshop.pages.questions import Question, questions

TEXT = (ROOT / PAGE).read_text(encoding="utf-8")
TABLES = tables(TEXT)
TREE = Tree()
QUESTIONS = questions()
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda x: x.number)


@each_question
def test_each_symbol_is_listed(question):
    problems = list(unlisted(question, TABLES))
    assert not problems, "\n".join(problems)


@each_table
def test_each_name_is_in_code(table):
    problems = list(unnamed(table, TREE))
    assert not problems, "\n".join(problems)


@each_table
def test_each_symbol_has_one_row(table):
    problems = list(repeated(table))
    assert not problems, "\n".join(problems)


@each_question
def test_the_lists_are_found(question):
    assert len(used(question)) >= 10


# What is planted is found, and said in words

NOTATION = r"""# Notation

## Everywhere

| symbol | in code | meaning |
|---|---|---|
| $i$, $j$, $t$ | | indices |

## Attention {#anchor}

| symbol | in code | meaning |
|---|---|---|
| $Q$, $K_t$ | `query`, `key` | rows |
| $d_k$, $W^Q$ | `head_dim` | width, and $u$ |
| $g(p)$ | | of $p$ |

## Shapes

| axis | runs over |
|---|---|
| `$a$` | nothing |
"""
BODY = r"""
<!-- formula
Q = None
-->

$$
Q = 1
$$

{}
"""


def page(words):
    names = ["title", "question", "summary", "description", "attention", "level"]
    rest = (), 1, True, date(2026, 11, 26)
    return Question("attention/masks.md", BODY.format(words), "DL1", *names, *rest)


def missing(words, text=NOTATION):
    """The symbols that are said to be missing, each with the whole of its message."""
    before = f"{PAGE} must have the symbol $"
    behind = (
        "$ that docs/attention/masks.md uses in a where list, in the table Attention; "
        "got none"
    )
    found = list(unlisted(page(words), tables(text)))
    assert all(x.startswith(before) and x.endswith(behind) for x in found)
    return [x.removeprefix(before).removesuffix(behind) for x in found]


@pytest.mark.parametrize(
    "words",
    [
        "where $Q$ is a matrix.",
        "where\n\n- $Q_i$ is a row;\n- $K$ and $K_{1:t}$ are others;\n\nand $x$ is free.",
        "where $K_1$ is the row at $t = 1$, and $K_{t-1}$ that before.",
        r"where $d_k = \sqrt{4} \times 2$ and $W_i^Q$, $ W ^ { Q } $ are sizes.",
        "where $g$ is steep, and `$x$` is code.",
        r"where $Q^\top$ and $K^2$ hold, \$5 or $\text{if } 1 \le \max(2, 3)$ too.",
        "where $dQ/dg$ is a slope.",
        "No list: $x$ is free.",
    ],
)
def test_what_is_listed_passes(words):
    assert missing(words) == []


@pytest.mark.parametrize(
    ("words", "symbols"),
    [
        ("where $x$ is new.", ["x"]),
        ("where\n\n- $Q$ is old;\n- $x_i$ is new.", ["x_i"]),
        ("The sum, where $x$ is new.", ["x"]),
        (r"where $2Q^x + \hat Q$ is new.", ["x", r"\hat Q"]),
        ("where $d_v$ and $d$ are not $d_k$.", ["d_v", "d"]),
        ("where $Q_1$ is no index, and $Q_{1,i}$ neither.", ["Q_1", "Q_{1,i}"]),
        ("where $W$, $W^K$, $W^*$, $W'$ are others.", ["W", "W^K", "W^*", "W'"]),
        (r"where $\eta K_{\text{new}}$ is new.", [r"\eta", r"K_{\text{new}}"]),
        (r"where $\mathcal{N}(p, \operatorname{Var})$ is new.",
         [r"\mathcal{N}", "p", r"\operatorname{Var}"]),
        ("where $u$ is only spoken of.", ["u"]),
    ],
)  # fmt: skip
def test_what_is_not_listed_is_found(words, symbols):
    assert missing(words) == symbols


def test_a_list_in_a_fold_is_found():
    body = "    $$\n    Q\n    $$\n\n    where $x$ is\n    new.\n\n    After."
    assert list(where_lists(body)) == ["where $x$ is\n    new."]


def test_a_subject_without_a_table_is_found():
    text = NOTATION.replace("## Attention", "## Positions")
    assert list(unlisted(page("where $Q$ is old."), tables(text))) == [
        "docs/notation.md must have the table '## Attention', for "
        "docs/attention/masks.md; got none"
    ]


def test_only_tables_of_symbols_are_tables():
    assert list(tables(NOTATION)) == ["Everywhere", "Attention"]


def test_a_name_that_is_not_in_code_is_found():
    text = NOTATION.replace("`head_dim`", "`head_width`, `*_flops`, `*_flips`, `gamma`")
    message = "docs/notation.md must name what is in the code of dlref, in the table "
    assert list(unnamed(tables(text)["Attention"], TREE)) == [
        message + "Attention; got 'head_width'",
        message + "Attention; got '*_flips'",
        message + "Attention; got 'gamma'",  # of another subject
    ]


def test_a_letter_in_two_rows_is_found():
    text = NOTATION.replace("| $g(p)$ |", "| $Q$ | | again |\n| $g(p)$ |")
    assert list(repeated(tables(text)["Attention"])) == [
        "docs/notation.md must have $Q$ in one row of the table Attention, which tells "
        "its meanings apart; got 2"
    ]


def test_a_part_of_a_subject_has_letters_of_its_own():
    part = (
        "### Masks\n\n| symbol | in code | meaning |\n|---|---|---|\n| $Q$ | | a row |\n"
    )
    text = NOTATION.replace("## Shapes", f"{part}\n## Shapes")
    assert list(repeated(tables(text)["Attention"])) == []
    twice = text.replace("| $Q$ | | a row |", "| $Q$ | | a row |\n| $Q$ | | again |")
    assert list(repeated(tables(twice)["Attention"])) == [
        "docs/notation.md must have $Q$ in one row of the table Masks, which tells its "
        "meanings apart; got 2"
    ]


def test_what_is_no_symbol_is_not_read_as_one():
    assert [x.latex for x in symbols(r"4\,i\,d \approx 1.5 \log n_{\text{in}}")] == [
        "i",
        "d",
        r"n_{\text{in}}",
    ]
