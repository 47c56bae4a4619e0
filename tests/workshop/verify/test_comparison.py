"""Outputs agree exactly, or to the digits that are shown: never more loosely."""

import pytest

from workshop.verify.comparison import agree, difference


def test_exact_by_default():
    assert agree("0.333\n", "0.333\n")
    assert not agree("0.333\n", "0.3333\n")
    assert not agree("1", "True")
    assert not agree("", "hello\n")


def test_trailing_space_does_not_count():
    assert agree("a\nb", "a  \nb\n\n")
    assert not agree("a b", "a  b")


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.333", "0.3333333"),
        ("[0.333 0.667 1.   ]", "[0.33333333 0.66666667 1.        ]"),
        ("loss 0.25.", "loss 0.2504."),
        ("-1.50", "-1.4951"),
        ("1e-3", "1.4e-3"),
        ("2.5e-07", "2.54e-07"),
        ("0.125", "0.1245"),
        ("3 steps, 0.5", "3 steps, 0.48"),
        ("(1.5+2.6j)", "(1.52+2.58j)"),
    ],
)
def test_number_accepts_what_rounds_to_it(shown, printed):
    assert agree(shown, printed, {"number"})
    assert not agree(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("0.334", "0.3333333"),
        ("[1. 2.]", "[1.9 2.9]"),
        ("1.", "1.4"),
        ("0.3", "0.39"),
        ("1e-3", "2e-3"),
        ("3", "4"),
        ("0.50", "0.506"),
        ("0.5", "nan"),
        ("0.5 a", "0.5 b"),
        ("0.5 0.5", "0.5"),
        ("1.5", "-1.5"),
        ("v1.2.3", "v1.2.4"),
        ("2.6j", "2.7j"),
        ("2.6j", "2.6"),
        ("2.6jk", "2.61jk"),
    ],
)
def test_number_refuses_what_does_not(shown, printed):
    assert not agree(shown, printed, {"number"})


def test_ellipsis_stands_for_anything():
    assert agree("a ... z", "a b\nc z", {"ellipsis"})
    assert not agree("a ... z", "a b y", {"ellipsis"})
    assert not agree("a ... z", "a b z")
    assert not agree("f(x)...", "fx", {"ellipsis"})


def test_the_difference_shows_both():
    assert difference("1\n2", "1\n3") == (
        "output differs: - expected, + printed\n  1\n- 2\n+ 3"
    )


@pytest.mark.parametrize(
    ("shown", "printed", "lines"),
    [
        ("1%100%", "1%\r100%", "- 1%100%\n+ 1%\\r100%"),
        ("caf\u00e9", "cafe\u0301", "- caf\u00e9\n+ cafe\\u0301"),
        ("a b", "a\xa0b", "- a b\n+ a\\xa0b"),
        ("a\nb", "a\x0cb", "+ a\\x0cb\n- a\n- b"),
        ("    1.50", "1.50", "-     1.50\n+ 1.50"),
    ],
)
def test_the_difference_shows_what_cannot_be_seen(shown, printed, lines):
    assert not agree(shown, printed)
    said = difference(shown, printed).split("\n")
    assert said[0] == "output differs: - expected, + printed"
    assert "\n".join(x for x in said[1:] if not x.startswith("?")) == lines
