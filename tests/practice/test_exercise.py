"""What an exercise says of itself: the stub, the bugs, the listings, the names."""

from dataclasses import replace

import pytest

from dlref.practice.exercise import Bug, bare, exercises, named

CLASS = '''
import torch


class Twice(torch.nn.Module):
    """Return twice the input."""

    def __init__(self, width):
        super().__init__()
        self.width = width

    def forward(self, x):
        """Double x."""
        return 2 * x
'''


def test_a_stub_has_imports_signature_and_words_and_no_code(exercise):
    assert exercise.stub("numpy") == (
        "import numpy as np\n\n\ndef mean_square(values, scale):\n"
        '    """Return the mean of the squares over the last axis, times scale."""\n'
        "    ...\n"
    )


def test_a_stub_of_a_class_has_its_methods(exercise):
    assert replace(exercise, numpy="", torch=CLASS).stub("torch") == (
        "import torch\n\n\nclass Twice(torch.nn.Module):\n"
        '    """Return twice the input."""\n\n'
        "    def __init__(self, width):\n        ...\n\n"
        '    def forward(self, x):\n        """Double x."""\n        ...\n'
    )


def test_what_is_above_the_last_function_is_given(exercise):
    code = "def helper(x):\n    return x\n\n\ndef asked(x):\n    return helper(x)\n"
    given = replace(exercise, numpy=code)
    assert given.name == "asked"
    assert given.stub("numpy") == (
        "def helper(x):\n    return x\n\n\ndef asked(x):\n    ...\n"
    )


def test_a_listing_has_no_docstring_and_names_the_wrong_line(exercise):
    listing, lines = exercise.listing(exercise.bugs[1])
    assert '"""' not in listing
    assert lines == [6]
    assert listing.splitlines()[5] == "    return scale * squares.mean(axis=0)"


def test_of_missing_lines_the_next_is_the_wrong_one(exercise):
    bug = Bug("    squares = values**2\n", "", "It is missing.")
    assert exercise.listing(bug)[1] == [5]


def test_docstrings_of_classes_and_methods_are_taken_off():
    assert '"""' not in bare(CLASS)
    assert "return 2 * x" in bare(CLASS)


def test_a_bug_must_stand_once_in_the_solution(exercise):
    with pytest.raises(ValueError, match="a bug") as raised:
        exercise.variant(Bug("values", "x", "?"))
    assert str(raised.value) == (
        "a bug of mean-square must replace what stands once in the solution; "
        "got 'values', which stands there 2 times"
    )


@pytest.mark.parametrize("name", ["focal-loss", "focal_loss.py", "binary_focal_loss"])
def test_an_exercise_is_found_by_its_name_its_file_and_its_function(name):
    assert named(name).key == "focal-loss"


def test_an_unknown_exercise_is_refused():
    with pytest.raises(ValueError, match="exercise") as raised:
        named("focal-loss-")
    assert str(raised.value) == (
        "exercise must be one that `python -m dlref.practice` lists, "
        "such as focal-loss, focal-loss-softmax, focal-loss-gradient; got 'focal-loss-'"
    )


def test_exercises_come_by_question_and_then_by_level():
    order = {"whiteboard": 0, "full": 1, "deep": 2}
    found = [(x.question, order[x.level]) for x in exercises().values()]
    assert found == sorted(found)
