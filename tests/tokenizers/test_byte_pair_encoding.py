"""Byte pair encoding: learned, used, and read back."""

import json
import re
from collections import Counter
from itertools import chain, pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, trainers

from dlref.tokenizers import bpe_decode, bpe_encode, pre_tokenize, train_bpe
from tests.tokenizers.conftest import BYTE_LEVEL, library, read, small, texts

WORDS = " ".join(["low"] * 5 + ["lower"] * 2 + ["newest"] * 6 + ["widest"] * 3)
OVERLAP = [(b"b", b"c"), (b"a", b"b"), (b"c", b"d")]
SAMPLES = [
    "",
    "a",
    " ",
    "  low",
    "lowest lower",
    "it's 12,345.67\n\n\tnew",
    "Zen zen ZEN",
]
SAMPLES += [
    "naïve Straße",
    "日本語と한국어",
    "हिन्दी",
    "👩🏽‍🚀 ok 😀",
    "\x00\x7f\x80ÿ",
    "aaaaaaa aaaa",
]
refused = pytest.mark.parametrize(
    ("merge", "what"),
    [
        ((b"a", b"b", b"c"), "be pairs of bytes"),
        ([b"a", b"b"], "be pairs of bytes"),
        (("a", b"b"), "be pairs of bytes"),
        ((b"a", "b"), "be pairs of bytes"),
        ((97, 98), "be pairs of bytes"),
        (b"ab", "be pairs of bytes"),
        ((b"a", b"bc"), "join bytes, or what earlier merges made"),
        ((b"", b"a"), "join bytes, or what earlier merges made"),
        ((b"x", b"y"), "make each token once"),
    ],
)


def pieces_of(text, merges):
    """Each token of a text, as its bytes."""
    vocab = [bytes([value]) for value in range(256)] + [a + b for a, b in merges]
    return [vocab[token] for token in bpe_encode(text, merges)]


def most_frequent_first(text, merges):
    """Tell whether each merge is of a pair that is the most frequent there."""
    words, found = [[*map(bytes, zip(x.encode()))] for x in pre_tokenize(text)], True
    for pair in merges:
        counts = Counter(chain(*map(pairwise, words)))
        found &= counts[pair] == max(counts.values(), default=-1)
        for word in words:
            for i in range(len(word)):
                if tuple(word[i : i + 2]) == pair:
                    word[i : i + 2] = [pair[0] + pair[1]]
    return found


def corpus(letters=" abcdefgh", size=600):
    """A text in which pairs come again, and which is the same each time."""
    state, text = 7, []
    for _ in range(size):
        state = state * 1_103_515_245 + 12_345 & 0x7FFF_FFFF
        text.append(letters[(state >> 16) % len(letters) * (state >> 12) % len(letters)])
    return "".join(text)


# By hand


def test_training_by_hand():
    merges = train_bpe(WORDS, 6)
    assert [a + b for a, b in merges] == [b"es", b"est", b"lo", b"low", b" n", b" low"]
    assert merges[1] == (b"es", b"t")  # 9 times, as often as (s, t) before


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("lowest", [b"low", b"est"]),
        (" lower", [b" low", b"e", b"r"]),
        ("nest", [b"n", b"est"]),
        ("Low", [b"L", b"o", b"w"]),
        ("slow low", [b"s", b"low", b" low"]),
    ],
)
def test_encoding_by_hand(text, pieces):
    assert pieces_of(text, train_bpe(WORDS, 6)) == pieces


def test_the_merge_learned_first_goes_first_though_it_gives_more_tokens():
    assert bpe_encode("abcd", OVERLAP) == [97, 256, 100]
    assert bpe_encode("abd cd", OVERLAP) == [257, 100, 32, 258]


def test_among_pairs_of_one_count_the_smaller_ids_go_first():
    assert train_bpe("ba ab", 1) == [(b" ", b"a")]
    assert train_bpe("dc1ba", 2) == [(b"b", b"a"), (b"d", b"c")]
    assert train_bpe("acab1ac", 1) == [(b"a", b"c")]


def test_a_pair_is_counted_as_often_as_its_piece_comes():
    assert train_bpe("ab1ab1cdcd1ab", 1) == [(b"a", b"b")]
    assert train_bpe("ab1cdcd1ab1cd", 1) == [(b"c", b"d")]


def test_decoding_by_hand():
    assert bpe_decode([104, 256, 33], [(b"e", b"y")]) == "hey!"
    assert bpe_decode([195, 169], []) == "é"
    assert bpe_decode([195], []) == "�"
    assert bpe_decode([97, 195, 256], [(b"\xa9", b"b")]) == "aéb"


# Oracle


def trained_by_the_library(text, num_merges):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = BYTE_LEVEL
    trainer = trainers.BpeTrainer(
        vocab_size=256 + num_merges,
        initial_alphabet=BYTE_LEVEL.alphabet(),
        show_progress=False,
        min_frequency=0,
    )
    tokenizer.train_from_iterator([text], trainer)
    return tokenizer


def merges_of(tokenizer):
    """What the library learned, as ours."""
    learned = json.loads(tokenizer.to_str())["model"]["merges"]
    return [(read(a), read(b)) for a, b in learned]


@pytest.mark.parametrize("letters", ["abc1", "abcdefghABC.!12", "aab1"])
def test_training_as_the_library(letters):
    """Without a space: the library's ids have it last, so that ties end otherwise."""
    text = corpus(letters)
    ours = train_bpe(text, 101)
    assert ours == merges_of(trained_by_the_library(text, 101))[: len(ours)]


@pytest.mark.parametrize("text", [corpus(), corpus(" ab"), WORDS, "ba ab\nba  ab"])
def test_training_differs_from_the_library_in_ties_alone(text):
    """Each merge of the library is of a pair that is the most frequent."""
    theirs = merges_of(trained_by_the_library(text, 61))
    assert most_frequent_first(text, theirs)
    assert not most_frequent_first(text, theirs[::-1])


def test_the_library_takes_what_a_user_types_for_a_mark_unless_told_otherwise():
    tokenizer = Tokenizer(library([]))
    tokenizer.pre_tokenizer = BYTE_LEVEL
    tokenizer.add_special_tokens(["<|end|>"])
    assert tokenizer.encode("bye<|end|>").ids == [98, 121, 101, 256]
    tokenizer.encode_special_tokens = True
    assert tokenizer.encode("bye<|end|>").ids == [*b"bye<|end|>"]


def test_the_library_loses_a_character_that_a_vocabulary_of_characters_lacks():
    letters = {"a": 0, "b": 1, "?": 2}
    assert Tokenizer(models.BPE(letters, [])).encode("axb").tokens == ["a", "b"]
    marks = Tokenizer(models.BPE(letters, [], unk_token="?"))
    assert marks.encode("axb").tokens == ["a", "?", "b"]


@pytest.mark.parametrize("text", SAMPLES)
def test_encoding_as_the_library_with_what_each_has_learned(text):
    learned = trained_by_the_library(corpus() + WORDS, 97)
    theirs = merges_of(learned)
    assert len(theirs) == 97
    tokens = [read(token) for token in learned.encode(text).tokens]
    assert pieces_of(text, theirs) == tokens
    merges = train_bpe(corpus() + WORDS, 97)
    with_ours = Tokenizer(library(merges))
    with_ours.pre_tokenizer = BYTE_LEVEL
    assert bpe_encode(text, merges) == with_ours.encode(text).ids


@given(text=texts, learned=small)
def test_encoding_as_the_library(text, learned):
    merges = train_bpe(learned + text[::2] + learned, 23)
    tokenizer = Tokenizer(library(merges))
    tokenizer.pre_tokenizer = BYTE_LEVEL
    assert bpe_encode(text, merges) == tokenizer.encode(text).ids


@settings(max_examples=50)
@given(data=st.data(), length=st.integers(0, 12))
def test_encoding_as_the_library_with_any_merges(data, length):
    """Also with merges that no text would teach, in any order."""
    merges, known = [], [b"a", b"b", b"c"]
    for _ in range(7):
        pair = tuple(data.draw(st.lists(st.sampled_from(known), min_size=2, max_size=2)))
        if pair[0] + pair[1] not in known:
            merges.append(pair)
            known.append(pair[0] + pair[1])
    tokenizer = library(merges)
    for letters in [
        *product("abc", repeat=4),
        "a" * length,
        "ab" * length,
        "abc" * length,
    ]:
        text = "".join(letters)
        assert bpe_encode(text, merges) == [x.id for x in tokenizer.tokenize(text)]


# Law


@given(text=st.text(st.characters(codec="utf-8")), learned=small)
def test_decoded_it_is_the_text_again(text, learned):
    merges = train_bpe(learned + text, 17)
    tokens = bpe_encode(text, merges)
    assert bpe_decode(tokens, merges) == text
    assert all(0 <= token < 256 + len(merges) for token in tokens)
    assert len(tokens) <= len(text.encode())


@given(text=small)
def test_each_merge_joins_the_most_frequent_pair(text):
    merges = train_bpe(text, 19)
    assert most_frequent_first(text, merges)


@given(text=small, other=small)
def test_encoding_makes_all_merges_in_their_order(text, other):
    merges = train_bpe(other, 19)
    expected = []
    for piece in pre_tokenize(text):
        word = [bytes([value]) for value in piece.encode()]
        for pair in merges:
            joined = []
            for token in word:
                if joined and (joined[-1], token) == pair:
                    joined[-1] += token
                    joined.append(b"")  # so that the new token is not joined again
                else:
                    joined.append(token)
            word = [token for token in joined if token]
        expected += word
    assert pieces_of(text, merges) == expected


@given(text=small, k=st.integers(0, 19))
def test_fewer_merges_are_the_beginning_of_more_and_cut_finer(text, k):
    merges = train_bpe(text, 19)
    assert train_bpe(text, k) == merges[:k]
    ends = [set(), set()]
    for some, found in zip((merges[:k], merges), ends, strict=True):
        end = 0
        for token in pieces_of(text, some):
            end += len(token)
            found.add(end)
    assert ends[1] <= ends[0]


@given(text=small, other=small)
def test_no_token_crosses_a_piece(text, other):
    merges = train_bpe(other, 19)
    apart = [bpe_encode(piece, merges) for piece in pre_tokenize(text)]
    assert bpe_encode(text, merges) == [*chain(*apart)]


@given(text=small)
def test_no_token_is_made_twice(text):
    made = [a + b for a, b in train_bpe(text, 40)]
    assert len({*made}) == len(made)


@given(text=small)
def test_with_all_merges_each_piece_is_one_token(text):
    merges = train_bpe(text, 200)
    assert len(bpe_encode(text, merges)) == len(pre_tokenize(text))


# Edge


def test_nothing():
    assert train_bpe("", 5) == []
    assert train_bpe("low", 0) == []
    assert bpe_encode("", OVERLAP) == []
    assert bpe_decode([], OVERLAP) == ""


def test_a_text_may_have_fewer_merges_than_are_asked_for():
    assert train_bpe("hug", 99) == [(b"h", b"u"), (b"hu", b"g")]
    assert train_bpe("a b", 99) == [(b" ", b"b")]


def test_what_overlaps_is_merged_from_left_to_right():
    twice = [(b"a", b"a")]
    assert bpe_encode("aaa", twice) == [256, 97]
    assert bpe_encode("aaaa", twice) == [256, 256]
    assert train_bpe("aaaa", 2) == [(b"a", b"a"), (b"aa", b"aa")]
    assert bpe_encode("aaaaa", train_bpe("aaaaa", 2)) == [256, 257]


def test_all_bytes_have_an_id():
    assert bpe_encode("\x00\x7f", []) == [0, 127]
    assert bpe_encode("ÿ", []) == [195, 191]
    assert bpe_decode([255], []) == "�"


def test_merges_may_be_a_tuple_and_stay_as_they_are():
    merges = [*OVERLAP]
    assert bpe_encode("abcd", tuple(merges)) == bpe_encode("abcd", merges)
    tokens = [97, 256]
    assert bpe_decode(tuple(tokens), merges) == bpe_decode(tokens, merges) == "abc"
    assert (merges, tokens) == (OVERLAP, [97, 256])


# Errors


def test_refuses_a_negative_number_of_merges():
    with pytest.raises(
        ValueError, match=r"^num_merges must be at least 0; got num_merges=-1$"
    ):
        train_bpe("low", -1)


@pytest.mark.parametrize("call", [lambda x: train_bpe(x, 1), lambda x: bpe_encode(x, [])])
def test_refuses_what_is_no_text(call, unchecked):
    with pytest.raises(
        TypeError, match=r"^text must be a string; got type\(text\)=bytes$"
    ):
        call(b"low")
    message = "text must hold no lone surrogate; got text=['\\ud800']"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        call("low\ud800")


@refused
@pytest.mark.parametrize(
    "call", [lambda x: bpe_encode("", x), lambda x: bpe_decode([], x)]
)
def test_refuses_a_merge_that_cannot_be(call, merge, what, unchecked):
    message = f"merges must {what}; got merges[1]={merge}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        call([(b"x", b"y"), merge])


@pytest.mark.parametrize("token", [-1, 257])
def test_refuses_a_token_outside_of_the_vocabulary(token):
    message = f"tokens must lie from 0 to 256; got tokens[1]={token}"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        bpe_decode([97, token], [(b"a", b"b")])
    assert bpe_decode([256], [(b"a", b"b")]) == "ab"
