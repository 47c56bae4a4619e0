"""A verdict in the terminal: 80 columns, colors where they are wanted, any encoding."""

from dataclasses import replace

import pytest

from dlref.practice.judging import Failure, Row
from dlref.practice.verdict import Verdict, spelled

FAILURE = Failure(
    inputs="logits = [-200.0], targets = [True], gamma = 0.5",
    yours="nan",
    right="200.0",
    hint="Log of a probability that was rounded to 0. Work with the signed logit, "
    "and it is never formed.",
)
ROWS = [
    Row("by hand", "ok"),
    Row("laws", "ok", "γ = 0 is cross-entropy"),
    Row("extremes", "WRONG", failure=FAILURE),
    Row("gradient", "not reached"),
]
TEXT = """\
  by hand            ok
  laws               ok   γ = 0 is cross-entropy
  extremes           WRONG
      logits = [-200.0], targets = [True], gamma = 0.5
      yours: nan      right: 200.0
      Hint: Log of a probability that was rounded to 0. Work with the signed
        logit, and it is never formed.
  gradient           not reached"""


def test_a_row_per_check_and_below_it_what_failed(exercise):
    assert Verdict(exercise, "numpy", ROWS).text() == TEXT


def test_a_long_note_goes_on_below_itself(exercise):
    row = Row("laws", "ok", "twice the tokens are twice the bytes; " * 2)
    assert Verdict(exercise, "numpy", [row]).text() == (
        "  laws               ok   twice the tokens are twice the bytes; twice the "
        "tokens\n"
        f"{' ' * 26}are twice the bytes;"
    )


def test_a_cell_shows_the_hint_when_it_is_asked_for(exercise):
    verdict = Verdict(exercise, "numpy", ROWS)
    kept = verdict.text(hint=False)
    at_hand = f"  A hint is at hand: judge({exercise.name}, hint=True)"
    assert repr(verdict) == f"{kept}\n{at_hand}"
    assert repr(replace(verdict, hint=True)) == TEXT
    assert repr(Verdict(exercise, "numpy", ROWS[:2])) == "\n".join(TEXT.split("\n")[:2])


def test_a_hint_can_be_kept_back(exercise):
    text = Verdict(exercise, "numpy", ROWS).text(hint=False)
    assert "Hint" not in text
    assert "right: 200.0" in text


def test_colors_are_of_the_status_alone(exercise):
    text = Verdict(exercise, "numpy", ROWS).text(color=True)
    assert "  by hand            \033[32mok\033[0m\n" in text
    assert "\033[31mWRONG\033[0m\n" in text
    assert text.count("\033[") == 8


def test_all_must_be_ok_to_pass(exercise):
    assert Verdict(exercise, "numpy", ROWS[:2]).passed
    assert not Verdict(exercise, "numpy", ROWS).passed


def test_of_what_is_printed_the_first_lines_are_shown(exercise):
    verdict = Verdict(exercise, "numpy", ROWS[:1], printed="1\n2\n3\n4")
    assert verdict.text() == (
        "  by hand            ok\n  It prints, which no check needs:\n    1\n    2\n    3"
    )


def test_a_sentence_of_several_lines_keeps_them(exercise):
    row = Row("by hand", "WRONG", failure=Failure(says="ValueError: no\nin line 3: x"))
    assert (
        Verdict(exercise, "numpy", [row])
        .text()
        .endswith("\n      ValueError: no\n      in line 3: x")
    )


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("−(1 − p)^γ", "utf-8", "−(1 − p)^γ"),
        ("−(1 − p)^γ ≥ 0", "ascii", "-(1 - p)^gamma >= 0"),
        ("β₂ = 2⁻², ½", "ascii", "beta2 = 2-2, 1/2"),
        ("é · √d ✓ …", "latin-1", "é · sqrt d x ..."),
        ("ε", "cp437", "ε"),
    ],
)
def test_greek_is_spelled_where_a_console_has_none(text, encoding, shown):
    assert spelled(text, encoding) == shown
