"""A text in pieces that no token crosses: a word with its space, a number, a mark.

The pieces are those of GPT-2's pattern, in order of preference: the end of a contraction;
letters, digits or other marks, each with at most one space before them; and space. Of
several spaces before a word the last one belongs to the word.

The pattern of GPT-2 needs the package `regex`; Python's own `re` has no class of all
numbers. So ², ½ and Ⅷ count as letters here, and in GPT-2 as digits; the four control
characters from U+001C to U+001F are space here, and not there. All else is equal, as far
as both know the same Unicode.

Source: GPT-2, `src/encoder.py`, `Encoder.pat`.
https://github.com/openai/gpt-2/blob/master/src/encoder.py

Question: [DL0070][dl0070]
"""

import re

from dlref._arguments import public
from dlref._checks.tokenizers import check_text

__all__ = ["pre_tokenize"]

_PIECE = re.compile(
    r"'(?:[stmd]|re|ve|ll)"
    r"| ?[^\W\d_]+"  # letters
    r"| ?\d+"
    r"| ?(?:[^\s\w]|_)+"  # neither letter, digit nor space
    r"|\s+(?!\S)"  # all but the last space before a word
    r"|\s+"
)


@public
def pre_tokenize(text: str) -> list[str]:
    """Cut a text into pieces that, joined, are the text again.

    Args:
        text: Any string that UTF-8 can write.

    Returns:
        The pieces, in order; none is empty.

    Raises:
        TypeError: If text is no string.
        ValueError: If text holds a lone surrogate.

    Example:
        ```python
        from dlref.tokenizers import pre_tokenize

        print(pre_tokenize("I don't pay  $12.50!"))
        ```

        ```text {.output}
        ['I', ' don', "'t", ' pay', ' ', ' $', '12', '.', '50', '!']
        ```
    """
    check_text(text)

    return _PIECE.findall(text)
