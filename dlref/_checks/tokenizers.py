"""Texts, tokens and merges."""

from collections.abc import Sequence
from typing import Any

from dlref._checks.arrays import refuse, require


def check_text(text: Any) -> None:
    """Refuse what is no string, and a lone surrogate, which UTF-8 cannot write."""
    if not isinstance(text, str):
        refuse("text", "be a string", text)
    alone = [letter for letter in text if "\ud800" <= letter <= "\udfff"]
    require(not alone, "text must hold no lone surrogate", text=alone[:1])


def check_merges(merges: Sequence[Any]) -> None:
    """Refuse a merge of what is not there yet, and one of a token that is."""
    known = {bytes([value]) for value in range(256)}
    for i, merge in enumerate(merges):
        is_pair = isinstance(merge, tuple) and len(merge) == 2
        fits = is_pair and all(isinstance(part, bytes) for part in merge)
        require(fits, "merges must be pairs of bytes", **{f"merges[{i}]": merge})
        unknown = [part for part in merge if part not in known]
        what = "merges must join bytes, or what earlier merges made"
        require(not unknown, what, **{f"merges[{i}]": merge})
        token = merge[0] + merge[1]
        what = "merges must make each token once"
        require(token not in known, what, **{f"merges[{i}]": merge})
        known.add(token)


def check_tokens(tokens: Sequence[int], merges: Sequence[Any]) -> None:
    """Refuse merges that cannot be, and an id that their vocabulary does not have."""
    check_merges(merges)
    last = 255 + len(merges)
    for i, token in enumerate(tokens):
        what = f"tokens must lie from 0 to {last}"
        require(0 <= token <= last, what, **{f"tokens[{i}]": token})
