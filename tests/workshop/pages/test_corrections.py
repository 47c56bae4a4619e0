"""What was wrong on the pages is written down once, and whole."""

import re
from datetime import date

import pytest

from workshop.pages.corrections import NAME, Correction, corrections, last_corrected
from workshop.pages.questions import DOCS, questions

ENTRY = """\
[[correction]]
slug = "a-b"
day = 2026-11-27
where = "losses/a.md#x"
title = "T"
said = "S"
right = "R"
found = "a reader"
"""
OLDER = ENTRY.replace("a-b", "c").replace("-27", "-26")


def read(tmp_path, text):
    (tmp_path / "losses").mkdir(exist_ok=True)
    (tmp_path / "losses/a.md").touch()
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    return corrections(tmp_path)


def test_the_newest_comes_first(tmp_path):
    first, second = read(tmp_path, OLDER + ENTRY)
    day = date(2026, 11, 27)
    assert first == Correction("a-b", day, "losses/a.md#x", "T", "S", "R", "a reader")
    assert second.slug == "c"
    assert last_corrected(tmp_path) == {"losses/a.md": day}


def test_where_nothing_was_wrong_there_is_none(tmp_path):
    assert corrections(tmp_path) == []
    assert read(tmp_path, "# None yet.\n") == []
    assert last_corrected(tmp_path) == {}


FIELDS = "slug, day, where, title, said, right, found"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ENTRY.replace('said = "S"\n', ""),
            f"'a-b' must have {FIELDS}; got {FIELDS.replace(', said', '')}",
        ),
        (ENTRY + 'by = "x"\n', f"'a-b' must have {FIELDS}; got {FIELDS}, by"),
        (
            ENTRY.replace("2026-11-27", '"today"'),
            "'a-b' must have a date as 'day'; got 'today'",
        ),
        (ENTRY.replace('"R"', '""'), "'a-b' must have a str as 'right'; got ''"),
        (
            ENTRY.replace("losses/a", "losses/b"),
            "'a-b' must be of a page that exists; got losses/b.md",
        ),
        (ENTRY.replace("a-b", "A b"), "a slug must be like a-few-words; got 'A b'"),
    ],
)
def test_what_is_not_whole_is_refused(tmp_path, text, said):
    with pytest.raises(ValueError, match="must") as refused:
        read(tmp_path, text)
    assert str(refused.value) == f"{NAME}: {said}"


def test_a_slug_is_an_address_and_stands_once(tmp_path):
    with pytest.raises(ValueError, match="slug") as refused:
        read(tmp_path, ENTRY + ENTRY)
    assert str(refused.value) == f"{NAME} must have each slug once; got 'a-b' twice"


PUBLISHED = corrections()


def test_the_page_says_no_less_than_that_it_was_read():
    assert PUBLISHED


@pytest.mark.parametrize("correction", PUBLISHED, ids=lambda x: x.slug)
def test_a_correction_is_short_and_leads_to_a_question(correction):
    """To the letter the strict build checks the anchor; a formula has no form here."""
    pages = {question.path: question for question in questions(DOCS)}
    assert correction.where.startswith(f"{correction.page}#")
    assert correction.day >= pages[correction.page].published
    for text in correction.title, correction.said, correction.right, correction.found:
        assert not {*"$[*_<"} & {*re.sub("`[^`]+`", "", text)}
        assert len(text.split()) <= 45
