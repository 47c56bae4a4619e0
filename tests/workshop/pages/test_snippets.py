"""A header says how a snippet is to be judged, and how long it may take."""

import pytest

from workshop.pages.fences import HEADER
from workshop.pages.snippets import LIMIT, snippets


def only(header, code="print(1)"):
    (found,) = snippets(f"```{header}\n{code}\n```\n")
    return found


@pytest.mark.parametrize(
    ("header", "limit", "flags"),
    [
        ("python", LIMIT, set()),
        ('python {limit="90 s: it trains for 0.5 epochs"}', 90, set()),
        ('python {.figure limit="120 s: 300 steps"}', 120, {"figure"}),
    ],
)
def test_a_limit_stands_in_the_header(header, limit, flags):
    snippet = only(header)
    assert HEADER.fullmatch(header)
    assert (snippet.limit, snippet.fence.flags) == (limit, flags)


@pytest.mark.parametrize(
    "limit", ["90", "90 s", "90 s: ", "0 s: never", "1.5 s: why", "long: why"]
)
def test_a_limit_without_a_reason_is_none(limit):
    header = f'python {{limit="{limit}"}}'
    assert not HEADER.fullmatch(header)


def test_what_is_inside_stays_as_it_is():
    assert only("python", "    x = 1\x0c\n      y").code == "    x = 1\x0c\n      y\n"
