"""What a reader has done is kept in one readable file, and never lost."""

from datetime import date

import pytest

from dlref.practice import progress
from dlref.practice.progress import Progress


def test_verdicts_are_counted():
    mine = Progress().after(False).after(False)
    assert mine.needs_hint
    assert mine.after(True) == Progress(3, 0, date.today().isoformat())
    assert not Progress().after(False).needs_hint


def test_the_day_of_the_first_pass_stays():
    assert Progress(passed="2026-01-01").after(True).after(False).passed == "2026-01-01"


def test_a_hint_is_noted_once():
    assert Progress().having_read("a").having_read("b").having_read("a").hints == (
        "a",
        "b",
    )


def test_what_is_written_is_read_again(tmp_path):
    file = tmp_path / "progress.json"
    mine = {"focal-loss": Progress(2, 1, "2026-11-27", ("γ",))}
    progress.write(mine, file)
    assert progress.read(file) == mine
    assert '"γ"' in file.read_text(encoding="utf-8")


def test_there_is_none_before_the_first_verdict(tmp_path):
    assert progress.read(tmp_path / "none.json") == {}


@pytest.mark.parametrize(
    ("text", "got"),
    [
        ("", "Expecting value: line 1 column 1 (char 0)"),
        ("[]", "'list' object has no attribute 'items'"),
        ('{"a": {}}', "'hints'"),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path, text, got):
    file = tmp_path / "progress.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="must hold the progress") as raised:
        progress.read(file)
    assert str(raised.value) == (
        f"{file} must hold the progress of each exercise, as this program writes it; got "
        f"{got}. Mend it, or move it away to begin anew"
    )
    assert file.read_text(encoding="utf-8") == text
