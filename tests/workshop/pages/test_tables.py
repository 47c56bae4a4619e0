"""A row of a table loses no cell: each `|` is a border, and each row has its head's."""

import pytest

from workshop.pages.tables import torn

TABLE = "Words.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n{}\n\nWords | words.\n"
IN_MATH = r"a formula in a table must have \mid, \lvert or \lVert for its bars; got"
IN_CODE = "code in a table must be <code>, with &#124; for its bars; got"
TORN = {
    "| $|x|$ | 1 |": f"{IN_MATH} $|x|$",
    "| $p(x | y)$ |": f"{IN_MATH} $p(x | y)$",
    "| `a | b` | 1 |": f"{IN_CODE} | `a | b` | 1 |",
    "| 1 |": "a row must have its head's 2 cells; got 1",
    "| 1 | 2 | 3 |": "a row must have its head's 2 cells; got 3",
    "1 | 2 | 3": "a row must have its head's 2 cells; got 3",
    "and words": "a row must have its head's 2 cells; got 1",
}


@pytest.mark.parametrize("row", TORN)
def test_a_row_that_loses_a_cell_is_named(row):
    assert [*torn(TABLE.format(row))] == [f"line 6: {TORN[row]}"]


@pytest.mark.parametrize("prefix", ["    ", "> ", "> > "])
def test_a_table_in_a_box_or_quotation_is_read(prefix):
    text = "".join(f"{prefix}{line}\n" for line in ("| a |", "|---|", "| 1 | 2 |"))
    assert [*torn(text)] == ["line 3: a row must have its head's 1 cells; got 2"]


def test_the_line_below_a_head_has_its_cells():
    assert [*torn("| a | b |\n|---|\n| 1 | 2 |\n")] == [
        "line 2: a row must have its head's 2 cells; got 1"
    ]


@pytest.mark.parametrize(
    "row",
    [
        r"| $\lvert x \rvert$ | $p(x \mid y)$ |",
        r"| 1 \| 2 | $\|x\|$ |",
        "| <code>a&#124;b</code> | |",
        "1 | 2",
        "|1|`2`|",
        "| a |  |",
    ],
)
def test_a_row_that_is_whole_passes(row):
    assert [*torn(TABLE.format(row))] == []


def test_a_table_in_a_fence_is_code():
    assert [*torn("```text\n| a |\n|---|\n| 1 | 2 |\n```\n")] == []
