"""From text to tokens, which are whole numbers, and back."""

from dlref.tokenizers.byte_pair_encoding import bpe_decode, bpe_encode, train_bpe
from dlref.tokenizers.pre_tokenization import pre_tokenize

__all__ = ["bpe_decode", "bpe_encode", "pre_tokenize", "train_bpe"]
