"""The math font: the part of STIX Two Math that formulas need, as a web font.

    python -m verify.font docs/assets/fonts/stix-two-math.woff2

MathML without a math font is unreadable: radicals and fences do not grow. The subset is
the same for every page, so that serving needs no look at the pages; `site` checks that
each character of each formula is in it.
"""

import sys
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# No character: it asks for the chancery form of the script letter before it.
SELECTOR = 0xFE00

# The one wheel that carries the font; importing it is not needed.
SOURCE = Path(
    str(distribution("ziamath").locate_file("ziamath/fonts/STIXTwoMath-Regular.ttf"))
)


def characters() -> set[int]:
    """Name the code points: all that a formula of a deep-learning text is likely to need.

    A browser draws `<mi>x</mi>` from the italic alphabet, and a root from U+221A, which
    no page holds as text: both must be listed.
    """
    ascii_printable = range(0x20, 0x7F)
    greek = range(0x391, 0x3CA)
    italic_latin, italic_greek = range(0x1D434, 0x1D468), range(0x1D6E2, 0x1D71C)
    bold_latin, bold_greek = range(0x1D400, 0x1D434), range(0x1D6A8, 0x1D6E2)
    return {
        *ascii_printable, *greek, *italic_latin, *italic_greek, *bold_latin, *bold_greek,
        *map(ord, "ℎ𝒩𝒰𝒟ℒ𝒪ℝ𝔼ℕℤ𝟙𝜕𝜖𝜗𝜙𝜚𝜛ϵϕ∂∇∞ℓ"),
        *map(ord, "√∑∏∫±×÷·⋅∗∘⊕⊗⊙−∓≈≠≤≥≪≫∝∼≃≅≡≔∈∉⊂⊆∪∩∅∀∃¬∧∨⊤⊥"),
        *map(ord, "→←↔⇒⇐⇔↦⟶⟵∣∥‖⌊⌋⌈⌉⟨⟩…⋯⋮⋱′″†"),
        *map(ord, "⏜⏝⏞⏟‾¯^~ˆ˜˙\u0302\u0303\u0304\u0307\u20d7\u00a0\u2009\u200a\u2003"),
        *map(ord, "\u2061\u2062\u2063\u2064"),  # invisible: function application, times
        SELECTOR,
    }  # fmt: skip


@cache
def available() -> frozenset[int]:
    """The code points that the subset really holds."""
    with TTFont(SOURCE, lazy=True) as font:
        return frozenset(characters() & font.getBestCmap().keys())


def build(target: Path) -> None:
    """Write the subset. Its licence travels in the name table."""
    options = subset.Options(
        flavor="woff2",
        hinting=False,
        layout_features=["ssty", "flac", "dtls"],
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
