"""The pieces of a text that no token crosses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.tokenizers import pre_tokenize
from tests.tokenizers.conftest import BYTE_LEVEL, texts

# By hand


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("I don't pay  $12.50!", "I| don|'t| pay| | $|12|.|50|!"),
        (
            "we'll we've they're I'm he'd it's",
            "we|'ll| we|'ve| they|'re| I|'m| he|'d| it|'s",
        ),
        ("WE'LL 'tis", "WE|'|LL| '|tis"),
        ("a   b\n\n  c \n", "a|  | b|\n\n | c| \n"),
        ("1234567 x2y  89 0", "1234567| x|2|y| | 89| 0"),
        ("snake_case __init__", "snake|_|case| __|init|__"),
        ("naïve Straße 日本語", "naïve| Straße| 日本語"),
        ("wow!!! 😀?", "wow|!!!| 😀?"),
    ],
)
def test_by_hand(text, pieces):
    assert pre_tokenize(text) == pieces.split("|")


# Oracle


@given(text=texts)
def test_the_library(text):
    found = [text[slice(*ends)] for _, ends in BYTE_LEVEL.pre_tokenize_str(text)]
    assert pre_tokenize(text) == found


@pytest.mark.parametrize("text", ["x²", "x½", "xⅧ", "a \x1cb"])
def test_where_it_differs_from_the_library(text):
    found = [text[slice(*ends)] for _, ends in BYTE_LEVEL.pre_tokenize_str(text)]
    assert pre_tokenize(text) != found


# Law


@given(text=st.text(st.characters(codec="utf-8")))
def test_joined_it_is_the_text_again(text):
    pieces = pre_tokenize(text)
    assert "".join(pieces) == text
    assert all(pieces)


@given(text=st.text("ab1 .", max_size=30))
def test_a_piece_has_one_kind_of_letter_and_at_most_one_space_before_it(text):
    for piece in pre_tokenize(text):
        assert re.fullmatch(r" ?(?:[ab]+|1+|\.+)|\s+", piece)


# Edge


def test_nothing():
    assert pre_tokenize("") == []


@pytest.mark.parametrize("text", [" ", "   ", "\n", "\t\r\n"])
def test_space_alone_is_one_piece(text):
    assert pre_tokenize(text) == [text]


# Errors


@pytest.mark.parametrize(
    ("text", "kind"), [(b"abc", "bytes"), (3, "int"), (None, "NoneType")]
)
def test_refuses_what_is_no_text(text, kind, unchecked):
    with pytest.raises(
        TypeError, match=rf"^text must be a string; got type\(text\)={kind}$"
    ):
        pre_tokenize(text)


def test_refuses_a_lone_surrogate():
    for letter in "\ud800", "\udfff":
        message = f"text must hold no lone surrogate; got text={[letter]}"
        with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
            pre_tokenize(f"a{letter}b\udcff")
