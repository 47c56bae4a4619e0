"""Tokens as text, of which a character may be cut into several."""

from hypothesis import strategies as st

from dlref.practice.exercise import Bug, Case, Exercise, Law
from dlref.practice.exercises.encode_word import as_bytes, learned
from dlref.tokenizers import bpe_decode


def reference(tokens, merges):
    return tuple(map(ord, bpe_decode(tokens, as_bytes(merges))))


@st.composite
def inputs(choose):
    merges, tokens = choose(learned([*choose(st.text("ab é€😀", max_size=9)).encode()]))
    cut = choose(st.integers(0, len(tokens)))  # a text may end within a character
    return {"tokens": tokens[:cut], "merges": merges}


def with_merges_written_out(answer, tokens, merges):
    plain = [*b"".join(_written(token, merges) for token in tokens)]
    return answer(tokens=plain, merges=[]), answer(tokens=tokens, merges=merges)


def _written(token, merges):
    if token < 256:
        return bytes([token])
    return b"".join(_written(part, merges) for part in merges[token - 256])


def case(tokens, merges, right):
    return Case({"tokens": [*tokens], "merges": merges}, tuple(map(ord, right)))


A, B, C = b"abc"
WHOLE = 'b"".join(vocab[token] for token in tokens).decode(errors="replace")'

EXERCISE = Exercise(
    asks="Decode tokens, and lose no character.",
    question="DL0070",
    page="tokenizers/byte-pair-encoding",
    level="whiteboard",
    minutes=5,
    numpy='''
def decode_tokens(tokens, merges):
    """Return the text of tokens, as a list of the numbers of its characters.

    tokens: ids; 0 to 255 are bytes, the first merge makes 256, the next 257
    merges: pairs of ids, in the order in which they were learned

    The text is UTF-8; what is none, such as half of a character, is U+FFFD.
    """
    vocab = [bytes([value]) for value in range(256)]
    for a, b in merges:
        vocab.append(vocab[a] + vocab[b])
    text = b"".join(vocab[token] for token in tokens).decode(errors="replace")
    return [ord(letter) for letter in text]
''',
    reference=reference,
    inputs=inputs(),
    by_hand=(
        case([256, C], [(A, B)], "abc"),
        case([257], [(A, B), (256, C)], "abc"),
        case("é".encode(), [], "é"),
    ),
    extremes=(
        case([], [], ""),
        case([A, 195], [], "a\N{REPLACEMENT CHARACTER}"),
        case([240, 256, 128], [(159, 152)], "😀"),
    ),
    laws=(Law("bytes say the same as what they merge to", with_merges_written_out),),
    bugs=(
        Bug(
            WHOLE,
            '"".join(vocab[token].decode(errors="replace") for token in tokens)',
            "A character may lie in several tokens, and none of them is UTF-8 alone: "
            "join the bytes first, and then decode.",
        ),
        Bug(
            'decode(errors="replace")',
            'decode(errors="ignore")',
            "What is no UTF-8 becomes U+FFFD. Here it vanishes, and nobody sees that "
            "something is missing.",
        ),
        Bug(
            'decode(errors="replace")',
            'decode("latin-1")',
            "A byte is no character: é has two in UTF-8, and would be read as Ã©.",
        ),
        Bug(
            "vocab[a] + vocab[b]",
            "vocab[b] + vocab[a]",
            "The first part of a pair comes first.",
        ),
    ),
    prints=(
        """
print(len("naïve 😀".encode()))
""",
    ),
)
