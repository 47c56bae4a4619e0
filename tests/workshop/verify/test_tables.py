"""A Markdown table is what the snippet above it prints."""

import pytest

from workshop.pages.snippets import snippets, updated
from workshop.verify.comparison import agree

CODE = """```python {.table}
print("| a | b |")
print("|---|---|")
print("| 1 | 2 |")
```
"""
ROWS = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def only(text):
    (snippet,) = snippets(text)
    return snippet


@pytest.mark.parametrize("between", ["", "\n", "\n \n"])
@pytest.mark.parametrize("after", ["", "\nWords.\n", "Words | with a bar\n"])
def test_the_rows_below_are_what_it_must_print(between, after):
    assert only(CODE + between + ROWS + after).expected == ROWS


def test_the_last_row_needs_no_line_end():
    assert only(CODE + ROWS.rstrip()).expected == ROWS.rstrip()


@pytest.mark.parametrize("below", ["", "Words.\n\n" + ROWS, "```text {.output}\n1\n```"])
def test_without_rows_below_nothing_is_expected(below):
    assert only(CODE + "\n" + below).output is None


def test_a_changed_cell_is_a_difference():
    snippet = only(CODE + ROWS.replace("| 2 |", "| 3 |"))
    assert not agree(snippet.expected, ROWS, snippet.tolerances)


@pytest.mark.parametrize("prefix", ["", "    ", "> "])
@pytest.mark.parametrize("old", [None, "| old |\n|---|\n"])
def test_update_writes_the_rows(prefix, old):
    def within(text):
        return "".join(prefix + line for line in text.splitlines(keepends=True))

    text = within(CODE) + (f"{prefix.rstrip()}\n" + within(old) if old else "") + "\nEnd."
    snippet = only(text)
    assert snippet.expected == (old or "")
    place, new = updated(snippet, ROWS)
    text = text[: place.start] + new + text[place.stop :]
    assert text.endswith(within(ROWS) + "\nEnd.")
    assert only(text).expected.strip() == ROWS.strip()
