"""What a text teaches, merge by merge, and what it is in tokens then."""

from collections import Counter
from itertools import pairwise

import numpy as np

from dlref.tokenizers import bpe_decode, bpe_encode, pre_tokenize, train_bpe
from tests.browser.smoke.live_figures import Reference, settings

TEXT = "low lower lowest slow"  # in the field, at first
TYPED = (
    "",
    "aaaa aaaaa",
    "na\u00efve \U0001f600\U0001f600",
    "it's 12,345  they'll",
    "ba ab ba",
)


def merges(text, k):
    """The tokens of a text, with so many merges that it teaches."""
    return bpe_encode(text, train_bpe(text, k))


def legend(k, text=TEXT):
    k = int(k)
    counts = Counter({None: 0})
    for piece in pre_tokenize(text):
        counts.update(pairwise(bpe_encode(piece, train_bpe(text, k))))
    return [len(merges(text, k)), max(counts.values())]


def says(k, text=TEXT):
    """The tokens as they are spelled, a bar between two."""
    learned = train_bpe(text, int(k))
    spelled = [bpe_decode([token], learned) for token in bpe_encode(text, learned)]
    return "|".join(spelled).replace(" ", "␣")


def dots(places, legend, k):
    np.testing.assert_allclose(places, [(k, number) for number in legend], atol=1e-6)


def grid(sliders):
    (steps,) = (settings(slider, 13) for slider in sliders)
    texts = TEXT, *filter(None, TYPED)
    yield merges, ((text, int(k)) for text in texts for k in steps)


def caption(numbers):
    assert list(numbers("0")) == [21, 4]
    assert list(numbers("2")) == [13, 2]
    assert says(2) == "low|␣|low|e|r|␣|low|e|s|t|␣|s|low"
    assert numbers("8")[1] > 0
    assert list(numbers("9")) == [len(pre_tokenize(TEXT)), 0]
    assert list(numbers("12")) == list(numbers("9"))


REFERENCE = Reference(
    legend,
    grid,
    caption,
    (bpe_encode, train_bpe),
    dots,
    tolerance=0,
    typed=TYPED,
    says=says,
)
