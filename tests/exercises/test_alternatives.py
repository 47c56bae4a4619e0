"""Right answers in other styles than ours: the judge must accept them all.

Loops, einsum, other calls of the library, float32, helpers, the other language. Each is a
file as a reader would write it, named after its exercise and its style.
"""

from pathlib import Path

import pytest

from dlref.practice.child import read, spoken
from dlref.practice.exercise import exercises
from tests.exercises.fewer import judged

FILES = sorted(Path(__file__).with_name("alternatives").glob("*.py"))


def asked(file):
    """The exercise that a file answers: the longest name that it begins with."""
    names = [key for key in exercises() if file.stem.startswith(key.replace("-", "_"))]
    return exercises()[max(names, key=len)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_right_in_another_style_is_accepted(file):
    exercise = asked(file)
    subject = read(file, exercise.name)
    rows = judged(exercise, subject, spoken(subject, exercise))
    assert [row for row in rows if row.status != "ok"] == []


def test_ten_exercises_or_more_have_one():
    assert len({asked(file).key for file in FILES}) >= 10
