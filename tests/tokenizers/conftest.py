"""What the tests of both files draw, and the library that judges them."""

import unicodedata

from hypothesis import strategies as st
from tokenizers import models, pre_tokenizers

BYTE_LEVEL = pre_tokenizers.ByteLevel(add_prefix_space=False)
PRINTED = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
LETTERS = {value: chr(value) for value in PRINTED}  # of the library, a letter to a byte
for byte in range(256):
    LETTERS.setdefault(byte, chr(0x100 + len(LETTERS) - len(PRINTED)))


def spelled(token):
    """Bytes as the library spells them."""
    return "".join(LETTERS[value] for value in token)


def read(letters):
    """The bytes that the library spells so."""
    bytes_of = {letter: value for value, letter in LETTERS.items()}
    return bytes(bytes_of[letter] for letter in letters)


def library(merges):
    """The encoder of the library, with our merges and our ids."""
    vocab = {spelled(bytes([value])): value for value in range(256)}
    vocab |= {spelled(a + b): 256 + k for k, (a, b) in enumerate(merges)}
    return models.BPE(vocab, [(spelled(a), spelled(b)) for a, b in merges])


def is_common(letter):
    """Tell whether `re` and the library class a letter alike: no ½, no new script."""
    control = "\x1c" <= letter <= "\x1f"
    return not control and unicodedata.category(letter) not in ("No", "Nl", "Cn")


COMMON = [
    chr(i) for i in (*range(0x2000), *range(0x3000, 0x3100), *range(0x4E00, 0x4F00))
]
COMMON = [*filter(is_common, COMMON), *"😀👩🏽‍🚀"]
texts = st.text(st.one_of(st.sampled_from(" \n'sabc1_.é"), st.sampled_from(COMMON)))
small = st.text("abc  ", max_size=40)  # so that pairs come again
