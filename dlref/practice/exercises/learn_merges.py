"""The training of byte pair encoding, on pieces that are given."""

from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.tokenizers import train_bpe


def reference(words, num_merges):
    text = "1".join(bytes(word).decode() for word in words)  # a digit is a piece apart
    ids, learned = {bytes([value]): value for value in range(256)}, []
    for a, b in train_bpe(text, num_merges):
        learned.append((ids[a], ids[b]))
        ids[a + b] = len(ids)
    return tuple(learned)


def drawn_words():
    return st.lists(st.lists(st.integers(97, 100), min_size=1, max_size=6), max_size=6)


@st.composite
def inputs(choose):
    return {"words": choose(drawn_words()), "num_merges": choose(st.integers(0, 8))}


def begins_alike(answer, words, num_merges):
    longer = answer(words=words, num_merges=num_merges + 3)
    return tuple(longer)[:num_merges], tuple(answer(words=words, num_merges=num_merges))


def twice_the_text_teaches_the_same(answer, words, num_merges):
    doubled = answer(words=words + words, num_merges=num_merges)
    return doubled, answer(words=words, num_merges=num_merges)


def case(text, num_merges, *right):
    words = [[*word.encode()] for word in text.split()]
    return Case({"words": words, "num_merges": num_merges}, right)


A, B, C, D = b"abcd"

EXERCISE = Exercise(
    asks="Learn the merges of byte pair encoding.",
    question="DL0070",
    page="tokenizers/byte-pair-encoding",
    level="whiteboard",
    minutes=10,
    numpy='''
from collections import Counter


def learn_merges(words, num_merges):
    """Return the merges in their order, as pairs of ids.

    words: for each piece of the text a list of its bytes, 0 to 255
    num_merges: merges to learn; the first makes the id 256, the next 257

    Of pairs that are as frequent, the smallest goes first. Where no pair is
    left, the list is shorter.
    """
    merges = []
    for new in range(256, 256 + num_merges):
        counts = Counter()
        for word in words:
            counts.update(zip(word, word[1:]))
        if not counts:
            break
        pair = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append(pair)
        shorter = []
        for word in words:
            merged = []
            for token in word:
                if merged and (merged[-1], token) == pair:
                    merged[-1] = new
                else:
                    merged.append(token)
            shorter.append(merged)
        words = shorter
    return merges
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case("ab cd cd", 1, (C, D)),
        case("abc abc ab", 2, (A, B), (256, C)),
        case("ba ab", 2, (A, B), (B, A)),
    ),
    extremes=(
        case("", 3),
        case("a b", 3),
        case("aaaa", 3, (A, A), (256, 256)),
        case("aaa", 2, (A, A), (256, A)),
        case("ab ab ab cd cd", 1, (A, B)),
    ),
    laws=(
        Law("fewer merges are the beginning of more", begins_alike),
        Law("the text twice teaches the same", twice_the_text_teaches_the_same),
    ),
    bugs=(
        Bug(
            "for word in words:\n            counts.update(zip(word, word[1:]))",
            "for word in {*map(tuple, words)}:\n"
            "            counts.update(zip(word, word[1:]))",
            "A pair counts as often as its word comes. Here each kind of word counts "
            "once, and a frequent word has no more say than a rare one.",
        ),
        Bug(
            "for word in words:\n            counts.update(zip(word, word[1:]))",
            "text = [token for word in words for token in word]\n"
            "        counts.update(zip(text, text[1:]))",
            "Pairs stand within a word. Here the end of one and the start of the next "
            "count too, and tokens would cross words.",
        ),
        Bug(
            "min(counts, key=lambda pair: (-counts[pair], pair))",
            "max(counts, key=lambda pair: (counts[pair], pair))",
            "Of pairs as frequent the smallest is asked for, and this takes the "
            "largest. With any other rule the merges are others, and so are the ids.",
        ),
        Bug(
            "min(counts, key=lambda pair: (-counts[pair], pair))",
            "min(counts, key=lambda pair: (counts[pair], pair))",
            "The most frequent pair is merged; this is the rarest.",
        ),
        Bug(
            "        words = shorter\n",
            "",
            "The words keep their old tokens, so that the same pair is found again. "
            "Count what the merge has left.",
        ),
        Bug(
            "        if not counts:\n            break\n",
            "        if len(counts) < 2:\n            break\n",
            "A single pair is a pair. Stop when none is left.",
        ),
        Bug(
            "merged[-1] = new",
            "merged[-1] = new - 1",
            "The first merge makes the id 256: 0 to 255 are the bytes.",
        ),
    ),
    prints=(
        """
pairs = [*zip("banana", "banana"[1:])]
print(max(map(pairs.count, pairs)))
""",
        """
merges, special = 50_000, 1  # GPT-2
print(256 + merges + special)
""",
    ),
)
