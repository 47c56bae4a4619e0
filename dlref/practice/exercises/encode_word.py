"""Byte pair encoding of one word, with merges that are given."""

from itertools import pairwise

from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.tokenizers import bpe_encode


def as_bytes(merges):
    """Merges of ids as merges of bytes."""
    vocab, pairs = [bytes([value]) for value in range(256)], []
    for a, b in merges:
        pairs.append((vocab[a], vocab[b]))
        vocab.append(vocab[a] + vocab[b])
    return pairs


def merged(tokens, pair, new):
    """Put one id for a pair, wherever it stands."""
    found: list[int] = []
    for token in tokens:
        if found and (found[-1], token) == pair:
            found[-1] = new
        else:
            found.append(token)
    return found


@st.composite
def learned(choose, tokens):
    """Draw merges that some of these tokens teach, not the most frequent ones first."""
    merges = []
    for new in range(256, 256 + choose(st.integers(0, 8))):
        pairs = sorted({*pairwise(tokens)})
        if not pairs:
            break
        merges.append(choose(st.sampled_from(pairs)))
        tokens = merged(tokens, merges[-1], new)
    return merges, tokens


def reference(word, merges):
    return tuple(bpe_encode(bytes(word).decode(), as_bytes(merges)))


@st.composite
def inputs(choose):
    words = st.lists(st.integers(97, 100), max_size=9)
    word = choose(words)
    merges, _ = choose(learned(choose(words) + word + choose(words)))
    return {"word": word, "merges": merges}


def without_merges_it_stays(answer, word, merges):
    return answer(word=word, merges=[]), tuple(word)


def what_starts_no_merge_cuts(answer, word, merges):
    alone = tuple(answer(word=word, merges=merges))
    return answer(word=[*word, 33, *word], merges=merges), (*alone, 33, *alone)


def case(word, merges, *right):
    return Case({"word": [*word], "merges": merges}, right)


A, B, C, D = b"abcd"
EXERCISE = Exercise(
    asks="Encode a word with learned merges.",
    question="DL0070",
    page="tokenizers/byte-pair-encoding",
    level="whiteboard",
    minutes=7,
    numpy='''
def encode_word(word, merges):
    """Return the tokens of one piece of text, as a list of ids.

    word: its bytes, a list of integers from 0 to 255
    merges: pairs of ids, in the order in which they were learned; the first
        makes the id 256, the next 257
    """
    ranks = {pair: rank for rank, pair in enumerate(merges)}
    word = [*word]
    while pairs := [pair for pair in zip(word, word[1:]) if pair in ranks]:
        pair = min(pairs, key=ranks.get)
        merged = []
        for token in word:
            if merged and (merged[-1], token) == pair:
                merged[-1] = 256 + ranks[pair]
            else:
                merged.append(token)
        word = merged
    return word
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case(b"abab", [(A, B)], 256, 256),
        case(b"abc", [(A, B), (256, C)], 257),
        case(b"abcdbc", [(A, B), (B, C), (C, D)], 256, 258, 257),
        case(b"abcd", [(B, C), (A, B), (C, D)], A, 256, D),
    ),
    extremes=(
        case(b"", [(A, B)]),
        case(b"aaa", [(A, A)], 256, A),
        case(b"aaaaa", [(A, A), (256, 256)], 257, A),
        case(b"abcbc", [(A, B), (B, C)], 256, C, 257),
    ),
    laws=(
        Law("without merges it stays as it is", without_merges_it_stays),
        Law("a token that no merge has cuts the word", what_starts_no_merge_cuts),
    ),
    bugs=(
        Bug(
            "min(pairs, key=ranks.get)",
            "pairs[0]",
            "The pair furthest to the left goes first here. It must be the one that "
            "was learned first, wherever it stands.",
        ),
        Bug(
            "min(pairs, key=ranks.get)",
            "max(pairs, key=ranks.get)",
            "The merge learned last goes first here. Training made them the other way "
            "round.",
        ),
        Bug(
            "min(pairs, key=ranks.get)",
            "max(pairs, key=pairs.count)",
            "Encoding does not count: what is frequent in this word says nothing. The "
            "order of learning decides.",
        ),
        Bug(
            "merged[-1] = 256 + ranks[pair]",
            "merged[-1] = 257 + ranks[pair]",
            "The first merge makes the id 256: 0 to 255 are the bytes.",
        ),
        Bug(
            "        word = merged\n",
            "        word = merged\n        break\n",
            "One merge opens the way to others: go on until no pair has a rank.",
        ),
    ),
    prints=(
        """
from dlref.tokenizers import bpe_encode

merges = [(b"b", b"c"), (b"a", b"b"), (b"c", b"d")]
print(len(bpe_encode("abcd", merges)))
""",
    ),
)
