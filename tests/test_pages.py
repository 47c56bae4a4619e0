"""Each question's page has the form that a reader may count on: see `inspect.form`."""

import pytest

from workshop.inspect.form import RULES
from workshop.pages.questions import questions

QUESTIONS = questions()


def test_the_numbers_are_unique():
    numbers = [question.number for question in QUESTIONS]
    assert numbers
    assert sorted({x for x in numbers if numbers.count(x) > 1}) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.number)
def test_its_form(question, rule):
    problems = [f"docs/{question.path} {problem}" for problem in rule(question)]
    assert not problems, "\n".join(problems)
