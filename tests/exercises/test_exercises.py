"""Each exercise: its solutions pass, its bugs fail with their own hints."""

import re

import pytest

from dlref.practice.exercise import LEVELS, exercises, named
from dlref.practice.foretelling import foretold, output
from dlref.practice.judging import names, written
from tests.exercises.fewer import judged
from workshop.pages.questions import questions

EXERCISES = exercises()
SOLUTIONS = [(key, x) for key, exercise in EXERCISES.items() for x in exercise.languages]
BUGS = [
    (key, x) for key, exercise in EXERCISES.items() for x in range(len(exercise.bugs))
]
PRINTS = [(key, x) for key, exercise in EXERCISES.items() for x in exercise.prints]
FULL = 79  # columns of a solution, which the terminal shows
QUESTIONS = {question.number: question for question in questions()}


@pytest.mark.parametrize(("key", "language"), SOLUTIONS)
def test_a_solution_passes_every_check(key, language):
    exercise = EXERCISES[key]
    rows = judged(
        exercise, written(exercise.solutions[language], exercise.name), language
    )
    assert [row for row in rows if row.status != "ok"] == []
    assert [row.check for row in rows] == names(exercise, language)


@pytest.mark.parametrize(("key", "bug"), BUGS)
def test_a_bug_is_rejected_with_its_own_hint(key, bug):
    exercise, bug = EXERCISES[key], EXERCISES[key].bugs[bug]
    rows = judged(
        exercise,
        written(exercise.variant(bug), exercise.name),
        exercise.language(bug),
    )
    failures = [row.failure for row in rows if row.failure]
    assert [failure.hint for failure in failures[:1]] == [bug.hint]


@pytest.mark.parametrize(("key", "bug"), BUGS)
def test_the_wrong_lines_of_a_listing_are_few(key, bug):
    exercise, bug = EXERCISES[key], EXERCISES[key].bugs[bug]
    listing, lines = exercise.listing(bug)
    assert 1 <= len(lines) <= 3
    assert all(listing.splitlines()[line - 1].strip() for line in lines)


@pytest.mark.parametrize(("key", "program"), PRINTS)
def test_a_program_prints_one_number_that_can_be_foretold(key, program):
    printed = output(program)
    assert foretold(float(printed), printed)


@pytest.mark.parametrize("number", QUESTIONS)
def test_each_question_has_a_program_to_foretell(number):
    assert any(x.prints for x in EXERCISES.values() if x.question == number)


@pytest.mark.parametrize("key", EXERCISES)
def test_an_exercise_says_what_is_asked_and_of_which_page(key):
    exercise = EXERCISES[key]
    assert exercise.level in LEVELS
    assert exercise.asks.endswith(".")
    assert len(exercise.asks) <= 74
    assert QUESTIONS[exercise.question].path == f"{exercise.page}.md"
    hints = [bug.hint for bug in exercise.bugs]
    assert len(hints) >= 3
    assert len(set(hints)) == len(hints)
    for text in hints:
        assert re.search(r"[.?]\)?$", text), text


@pytest.mark.parametrize("key", EXERCISES)
def test_the_name_of_what_is_written_leads_to_its_exercise(key):
    assert named(EXERCISES[key].name) is EXERCISES[key]


@pytest.mark.parametrize(("key", "language"), SOLUTIONS)
def test_a_solution_is_code_to_read(key, language):
    exercise = EXERCISES[key]
    code = exercise.solutions[language]
    assert max(map(len, code.splitlines())) <= FULL
    assert exercise.stub(language).endswith("...\n")
    assert '"""' in exercise.stub(language)  # it says what is to be done
