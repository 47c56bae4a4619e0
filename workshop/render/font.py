"""The math font: the part of STIX Two Math that formulas need, as a web font.

    python -m workshop.render.font docs/assets/fonts/stix-two-math.woff2

MathML without a math font is unreadable: radicals and fences do not grow. The subset is
the same for every page, so that serving needs no look at the pages; `site` checks that
each character of each formula is in it.
"""

import sys
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase

from fontTools import subset
from fontTools.ttLib import TTFont

# No character: it asks for the chancery form of the script letter before it.
SELECTOR = 0xFE00

# The one wheel that carries the font; importing it is not needed.
SOURCE = Path(
    str(distribution("ziamath").locate_file("ziamath/fonts/STIXTwoMath-Regular.ttf"))
)

_GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡϴΣΤΥΦΧΨΩ∇αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"
_ITALIC_LATIN, _ITALIC_GREEK = range(0x1D434, 0x1D468), range(0x1D6E2, 0x1D71C)
_ITALIC = {
    **dict(zip(ascii_uppercase + ascii_lowercase, map(chr, _ITALIC_LATIN), strict=True)),
    **dict(zip(_GREEK, map(chr, _ITALIC_GREEK), strict=True)),
    "h": "ℎ",
}


def characters() -> set[int]:
    """Name the code points: all that a formula of a deep-learning text is likely to need.

    A browser draws `<mi>x</mi>` from the italic alphabet, and a root from U+221A, which
    no page holds as text: both must be listed. Bold letters, script letters but these,
    italic Greek capitals are left out until a page needs one.
    """
    ascii_printable = range(0x20, 0x7F)
    greek = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
    return {
        *ascii_printable, *map(ord, greek), *_ITALIC_LATIN, *_ITALIC_GREEK[-33:],
        *map(ord, "ℎ𝒩𝒰𝒟ℒ𝒪ℝ𝔼ℕℤ𝟙∂∇∞ℓϵϑϕ"),
        *map(ord, "√∑∏∫±×÷·⋅∗∘⊕⊗⊙−∓≈≠≤≥≪≫∝∼≃≅≡≔∈∉⊂⊆∪∩∅∀∃¬∧∨⊤⊥"),
        *map(ord, "→←↔⇒⇐⇔↦⟶⟵∣∥‖⌊⌋⌈⌉⟨⟩…⋯⋮⋱′″†"),
        *map(ord, "⏜⏝⏞⏟‾¯^~ˆ˜˙\u0302\u0303\u0304\u0307\u20d7\u00a0\u2009\u200a\u2003"),
        *map(ord, "\u2061\u2062\u2063\u2064"),  # invisible: function application, times
        SELECTOR,
    }  # fmt: skip


def italic(letter: str) -> str:
    """Return what a browser draws for a single letter in an `<mi>`."""
    return _ITALIC.get(letter, letter)


@cache
def available() -> frozenset[int]:
    """The code points that the subset really holds."""
    with TTFont(SOURCE, lazy=True) as font:
        return frozenset(characters() & font.getBestCmap().keys())


def build(target: Path) -> None:
    """Write the subset. Its licence travels in the name table."""
    # Without `ssty`, forms for small scripts: half of the font, unused by Chromium.
    options = subset.Options(
        flavor="woff2",
        hinting=False,
        layout_features=["flac", "dtls"],
        name_IDs=["*"],
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters())
    target.parent.mkdir(parents=True, exist_ok=True)
    with subset.load_font(SOURCE, options) as font:
        cutter.subset(font)
        subset.save_font(font, target, options)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
