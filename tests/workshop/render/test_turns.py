"""What a reader is to write stands above the code, and in a list of all."""

import re
from dataclasses import replace
from html import unescape

import pytest
from markdown import Markdown

from dlref.practice.exercise import exercises, named
from workshop.pages.questions import questions
from workshop.render import turns
from workshop.render.contents import ContentsExtension

FOCAL = named("focal-loss")
QUESTIONS = questions()


@pytest.fixture
def fold():
    return "\n".join(turns.shown("DL0046"))


def codes(html):
    found = re.findall(
        r'<div class="language-stub highlight"><pre><code>(.*?)</code>', html, re.S
    )
    return [unescape(re.sub("<.*?>", "", code)) for code in found]


def test_each_exercise_has_a_fold_with_its_signature_and_its_commands(fold):
    for exercise in turns.of("DL0046"):
        address = f"dl0046-your-turn-{exercise.key}"
        title = f"{exercise.asks} <span>{exercise.minutes} min</span>"
        assert f'<summary id="{address}">{title}</summary>' in fold
        assert exercise.stub(exercise.languages[0]) in codes(fold)
        assert f"<code>python -m dlref.practice start {exercise.key}</code>" in fold
        file = f"{exercise.key.replace('-', '_')}.py"
        assert f"<code>python -m dlref.practice judge {file}</code>" in fold
    assert "Whiteboard, 10 minutes. It can be written in PyTorch as well." in fold


def test_it_has_an_address_and_says_how_long_it_takes(fold):
    found = turns.of("DL0046")
    least, most = min(x.minutes for x in found), max(x.minutes for x in found)
    assert '<summary id="dl0046-your-turn">Your turn: ' in fold
    assert f"{len(found)} to write, {least} to {most} min</summary>" in fold


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ([10], "10 min"),
        ([10, 10], "2 to write, 10 min"),
        ([5, 9], "2 to write, 5 to 9 min"),
    ],
)
def test_what_takes_how_long_is_said_shortly(minutes, said):
    assert turns._span([replace(FOCAL, minutes=x) for x in minutes]) == said


def test_a_bug_is_to_be_found_and_its_line_is_known(fold):
    listing, lines = FOCAL.listing(FOCAL.bugs[0])
    numbered = [x for x in codes(fold) if x.startswith(" 1  ")]
    assert [line[4:] for line in numbered[0].splitlines()] == listing.splitlines()
    assert f'data-low="{lines[0]}" data-high="{lines[-1]}"' in fold
    assert f'min="1" max="{len(numbered[0].splitlines())}"' in fold
    assert f"<p>Line {lines[0]}. " in fold


def test_a_number_is_to_be_foretold_to_half_a_unit(fold):
    assert FOCAL.prints[0].strip() + "\n" in codes(fold)
    assert 'data-low="99.5" data-high="100.5"' in fold
    assert "<summary>The answer</summary>\n<p>100</p>" in fold


def test_a_question_without_exercises_has_no_fold():
    assert turns.shown("DL9999") == []
    assert turns.first(replace(QUESTIONS[0], number="DL9999")) == ""


def test_it_stands_above_from_scratch():
    text = "# Focal loss {#dl0046}\n\n## By hand\n\nA.\n\n## From scratch\n\nB.\n"
    html = Markdown(extensions=[ContentsExtension(), "attr_list", "md_in_html"]).convert(
        text
    )
    assert re.search(
        'A.</p>\\s*<details class="turn">.*</details>\\s*<h2>From', html, re.S
    )


def test_the_list_has_each_exercise_below_its_level():
    text = "\n".join(turns.catalog(QUESTIONS))
    parts = dict(re.findall(r"### (\w+)\n(.*?)</section>", text, re.S))
    assert [*parts] == ["Whiteboard", "Full", "Deep"]
    for exercise in exercises().values():
        address = f"{exercise.question.lower()}-your-turn-{exercise.key}"
        link = f"| [{exercise.key}]({exercise.page}.md#{address}): {exercise.asks} |"
        assert link in parts[exercise.level.capitalize()]


def test_the_plan_leads_to_the_shortest_of_a_question():
    adam = next(x for x in QUESTIONS if x.number == "DL0048")
    address = "optimizers/adam.md#dl0048-your-turn-adam-step"
    assert turns.first(adam) == f"[adam-step]({address})"
