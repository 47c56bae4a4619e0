r"""The most frequent pair of neighbors becomes a token, again and again.

A text is cut into pieces, and these into bytes, ids 0 to 255. Training counts the pairs
of neighbors inside the pieces, makes a token of the most frequent pair, puts it wherever
the pair stands, from left to right, and counts again. Merge k, from 0, makes the id
256 + k. The text gets shorter by as many tokens as the new one stands in it:

<!-- formula
text = "".join(rng.choice([*"abc "], 60))
k = integer(0, 9)
merges = dlref.tokenizers.train_bpe(text, 17)
N_k, N_next = (len(dlref.tokenizers.bpe_encode(text, merges[:x])) for x in (k, k + 1))
pieces = dlref.tokenizers.pre_tokenize(text)
kinds = sorted({*pieces})
W = len(kinds)
c = np.array([pieces.count(piece) for piece in kinds])
ids = [dlref.tokenizers.bpe_encode(piece, merges[: k + 1]) for piece in kinds]
n = np.array([tokens.count(256 + k) for tokens in ids])
-->

$$
N_k - N_{\text{next}} = \sum_{w=1}^{W} c_w \, n_w
$$

where N_k are the tokens of the text after k merges and N_next those after one more, c_w
is how often piece w of W stands in the text, and n_w how often the new token stands in
the piece.

To encode, nothing is counted: while some pair of neighbors is among the merges, the one
that was learned first is merged. A merge joins what earlier ones made, so this is the
same as all merges in their order. It gives neither the fewest tokens nor the longest.

Two pairs may be as frequent. Here that of the smaller ids goes first, which is a choice:
libraries differ in it. Other merges are learned then, and used in the same way.

Source: Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with
Subword Units", abstract, https://arxiv.org/abs/1508.07909, and their code, `learn_bpe`.
https://github.com/rsennrich/subword-nmt/blob/master/subword_nmt/learn_bpe.py
On bytes, and encoding by rank: GPT-2, `src/encoder.py`, `Encoder.bpe`.
https://github.com/openai/gpt-2/blob/master/src/encoder.py

Question: [DL0070][dl0070]
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from dlref._arguments import public
from dlref._checks.numbers import check_sizes
from dlref._checks.tokenizers import check_merges, check_text, check_tokens
from dlref.tokenizers.pre_tokenization import pre_tokenize

__all__ = ["bpe_decode", "bpe_encode", "train_bpe"]

_Pair = tuple[int, int]


@public
def train_bpe(text: str, num_merges: int) -> list[tuple[bytes, bytes]]:
    """Learn merges: each joins the most frequent pair of what the earlier ones left.

    With fewer merges to learn, the list is the beginning of the longer one. It counts
    each kind of piece once, but counts all of them anew for each merge: libraries count
    only what a merge has changed.

    Args:
        text: Text to learn from.
        num_merges: Merges to learn, at least 0.

    Returns:
        The merges in order, each as the bytes of its two parts; fewer than asked for, if
        each piece is one token before.

    Raises:
        TypeError: If text is no string, or num_merges no integer.
        ValueError: If text holds a lone surrogate, or num_merges is negative.

    Example:
        ```python
        from dlref.tokenizers import train_bpe

        print(train_bpe("hug hug pug", 3))
        ```

        ```text {.output}
        [(b'u', b'g'), (b'h', b'ug'), (b' ', b'p')]
        ```
    """
    check_text(text)
    check_sizes(at_least=0, num_merges=num_merges)

    words = Counter(tuple(piece.encode()) for piece in pre_tokenize(text))
    vocab = [bytes([value]) for value in range(256)]
    merges: list[tuple[bytes, bytes]] = []
    while len(merges) < num_merges:
        counts: Counter[_Pair] = Counter()
        for word, count in words.items():
            for pair in pairwise(word):
                counts[pair] += count
        if not counts:
            break
        first, second = min(counts, key=lambda pair: (-counts[pair], pair))
        merges.append((vocab[first], vocab[second]))
        new = len(vocab)
        vocab.append(vocab[first] + vocab[second])
        words = Counter(
            {_merged(word, (first, second), new): words[word] for word in words}
        )
    return merges


@public
def bpe_encode(text: str, merges: Sequence[tuple[bytes, bytes]]) -> list[int]:
    """Write a text in tokens: in each piece, the merge that was learned first goes first.

    Args:
        text: Any text: what was never seen falls into smaller tokens, at worst bytes.
        merges: Merges in the order in which they were learned.

    Returns:
        The tokens: 0 to 255 are bytes, 256 + k is what merge k makes.

    Raises:
        TypeError: If text is no string, or merges no list.
        ValueError: If text holds a lone surrogate, or a merge is no pair of bytes, joins
            what no earlier one made, or makes a token that is there already.

    Example:
        ```python
        from dlref.tokenizers import bpe_encode

        print(bpe_encode("abcd", [(b"b", b"c"), (b"a", b"b"), (b"c", b"d")]))
        ```

        ```text {.output}
        [97, 256, 100]
        ```
    """
    check_text(text)
    check_merges(merges)

    ids = {token: i for i, token in enumerate(_vocabulary(merges))}
    ranks = {(ids[a], ids[b]): ids[a + b] for a, b in merges}
    known: dict[str, list[int]] = {}
    tokens: list[int] = []
    for piece in pre_tokenize(text):
        if piece not in known:
            known[piece] = _encoded(piece, ranks)
        tokens += known[piece]
    return tokens


@public
def bpe_decode(tokens: Sequence[int], merges: Sequence[tuple[bytes, bytes]]) -> str:
    """Write tokens as text: the bytes of all, read as UTF-8 together.

    Args:
        tokens: Ids as `bpe_encode` gives them.
        merges: Merges with which they were made.

    Returns:
        The text. Bytes that are no UTF-8, such as half of a character, become U+FFFD.

    Raises:
        TypeError: If tokens or merges is no list, or a token no integer.
        ValueError: If a token is not in the vocabulary, or a merge is no pair of bytes,
            joins what no earlier one made, or makes a token that is there already.

    Example:
        ```python
        from dlref.tokenizers import bpe_decode

        print(bpe_decode([104, 256, 33], [(b"e", b"y")]))
        print(bpe_decode([195], []), bpe_decode([195, 169], []))
        ```

        ```text {.output}
        hey!
        � é
        ```
    """
    check_tokens(tokens, merges)

    vocab = _vocabulary(merges)
    return b"".join(vocab[token] for token in tokens).decode(errors="replace")


def _vocabulary(merges: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
    """The bytes of each token, by its id."""
    return [bytes([value]) for value in range(256)] + [a + b for a, b in merges]


def _encoded(piece: str, ranks: dict[_Pair, int]) -> list[int]:
    word = tuple(piece.encode())
    while found := [pair for pair in pairwise(word) if pair in ranks]:
        first = min(found, key=ranks.__getitem__)
        word = _merged(word, first, ranks[first])
    return [*word]


def _merged(word: tuple[int, ...], pair: _Pair, new: int) -> tuple[int, ...]:
    """Put one id wherever the pair stands, from left to right."""
    merged: list[int] = []
    for token in word:
        if merged and (merged[-1], token) == pair:
            merged[-1] = new
        else:
            merged.append(token)
    return tuple(merged)
