"""Figures: what a `{.figure}` fence draws, once, from the text that is tested.

A figure snippet is run by the tests like any other, and what it draws is kept under the
digest of its text, of `dlref`, of the versions and of this module. The site takes it from
there, and draws only what is missing:

    python -m workshop.verify.figures docs     draws what is missing on these pages
    python -m workshop.verify.figures -        draws the snippet on standard input
"""

import contextlib
import hashlib
import io
import re
import secrets
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axis import Axis
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.path import Path as Curve
from matplotlib.text import Text

from workshop import CACHE, ROOT
from workshop.pages.snippets import LIMIT, digest, snippets
from workshop.verify import svg
from workshop.verify.execution import SnippetError, run
from workshop.verify.manifest import source_digest, versions
from workshop.verify.state import generators, pristine

STORE = CACHE / "figures"
Drawing = tuple[str, str, int]  # code, page, line
# What gives another answer each time, beside generators.
_CHANCE = re.compile(
    r"\b(?:time|uuid|urandom|secrets)\b|Random\(|\.seed\(\)|(?<!\.)\b(?:hash|id|set)\("
)
WIDTH, SMALLEST = 5.0, 10  # inches, which are 360 units: a phone shows them unscaled
STYLE: dict[Any, Any] = {
    "figure.figsize": (WIDTH, 3.2),
    "figure.constrained_layout.use": True,
    "axes.prop_cycle": cycler(color=list(svg.PALETTE)),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "font.size": 10,
    "font.family": ["DejaVu Sans"],  # ships with Matplotlib: the same metrics everywhere
    "grid.color": svg.GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": SMALLEST,
    "lines.linewidth": 1.8,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "dlref",
    "xtick.labelsize": SMALLEST,
    "ytick.labelsize": SMALLEST,
}


@contextlib.contextmanager
def canvas() -> Iterator[None]:
    """Draw in the house's style and off screen; `plt.show()` may stand in a snippet.

    A color bar of more colors than `n_rasterize` would be drawn in pixels. Where a curve
    is straight to the eye, to a ninth of a unit, it needs no points in between; of 128
    and more, Matplotlib itself leaves them out.
    """
    with (
        mpl.rc_context(STYLE),
        mock.patch.object(plt, "show"),
        mock.patch.object(Colorbar, "n_rasterize", 1_000),
        mock.patch.object(
            Curve, "should_simplify", property(lambda it: it.codes is None)
        ),
    ):
        yield


def verified(code: str, path: str, line: int, limit: float = LIMIT) -> str:
    """Draw, twice where chance may have a part in it; return what was printed.

    Raises:
        SnippetError: If the second drawing is another one.
    """
    printed, drawing, by_chance = _drawn(code, path, line, limit)
    if by_chance and _drawn(code, path, line, limit)[1] != drawing:
        raise SnippetError(
            "a figure must be the same each time; got another one when drawn again: "
            "seed its generators"
        )
    _keep(code, drawing)
    return printed


def image(code: str) -> str:
    """Return the SVG of a figure snippet; draw it, in a fresh interpreter, if need be."""
    place = _place(code)
    if not place.exists():
        fresh = subprocess.run(
            # Windows does not speak UTF-8 by itself.
            [sys.executable, "-Xutf8", "-m", "workshop.verify.figures", "-"],
            input=code,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            capture_output=True,
        )
        if fresh.returncode:
            raise SnippetError(f"a figure does not draw:\n{fresh.stderr}")
    return place.read_text(encoding="utf-8")


def draw(code: str, path: str = "<figure>", line: int = 0) -> str:
    """Run a figure snippet here; keep its SVG for the site, and return it."""
    # It has kept its own limit in the tests; a machine that builds may be slow.
    _, drawing, _ = _drawn(code, path, line, limit=60 * LIMIT)
    _keep(code, drawing)
    return drawing


def pixels(code: str, width: float, height: float, dpi: int) -> bytes:
    """Run a figure snippet here; return its figure as a PNG of this size, in inches."""
    image = io.BytesIO()

    def save() -> None:
        plt.gcf().set_size_inches(width, height)
        plt.gcf().savefig(image, dpi=dpi, metadata={"Software": None})

    with pristine(), canvas():
        run(code, "<card>", 0, limit=60 * LIMIT, at_end=save)
    return image.getvalue()


def _drawn(code: str, path: str, line: int, limit: float) -> tuple[str, str, bool]:
    """Return what was printed and drawn, and whether chance may have a part in it."""
    drawings: list[str] = []
    with pristine(), canvas(), _entropy() as asked:
        start = generators()
        printed = run(
            code, path, line, limit=limit, at_end=lambda: drawings.append(_drawing(code))
        )
        moved = generators() != start  # those that all share, seeded or not
    return printed, drawings[0], moved or asked.called or bool(_CHANCE.search(code))


def _entropy() -> Any:
    """Notice when NumPy asks for a seed, as `default_rng()` does."""
    return mock.patch.object(np.random.bit_generator, "randbits", wraps=secrets.randbits)


def _drawing(code: str) -> str:
    """Turn the figure that is open into SVG.

    Raises:
        SnippetError: If there is not exactly one figure, if some of its axes are empty,
            if an axis has tick labels but no label, if a text is too small for a phone,
            or if two panels stand side by side.
    """
    if len(plt.get_fignums()) != 1:
        raise SnippetError(
            f"a figure fence must draw one figure; got {len(plt.get_fignums())}"
        )
    image = svg.inline(plt.gcf(), name=f"figure-{digest(code)[:8]}")
    _check(plt.gcf())  # after it is drawn: only now are the tick labels known
    _check_on_a_phone(plt.gcf())
    return image


def _keep(code: str, drawing: str) -> None:
    STORE.mkdir(parents=True, exist_ok=True)
    _place(code).write_text(drawing, encoding="utf-8")


def _place(code: str) -> Path:
    """Name the drawing by all that it depends on."""
    own = Path(__file__).read_bytes() + Path(svg.__file__).read_bytes()
    parts = (
        digest(code),
        source_digest(),
        repr(dict(versions())),
        hashlib.sha256(own).hexdigest(),
    )
    return STORE / f"{hashlib.sha256(' '.join(parts).encode()).hexdigest()}.svg"


def _check(figure: Figure) -> None:
    if not figure.axes or not all(axes.has_data() for axes in figure.axes):
        raise SnippetError("a figure must not be empty, nor any of its axes")
    for axes in figure.axes:
        for axis, shared in (
            (axes.xaxis, figure.get_supxlabel()),
            (axes.yaxis, figure.get_supylabel()),
        ):
            if axes.axison and _numbered(axis) and not (axis.get_label_text() or shared):
                where = axes.get_title() or "the figure"
                raise SnippetError(
                    "an axis with tick labels must have a label; "
                    f"the {axis.axis_name} axis of {where!r} has none"
                )


def _check_on_a_phone(figure: Figure) -> None:
    least = SMALLEST * figure.get_figwidth() / WIDTH
    texts = (x for x in figure.findobj(Text) if x.get_visible() and x.get_text())
    for words, size in ((x.get_text(), float(x.get_fontsize())) for x in texts):
        if size < least:
            raise SnippetError(
                f"a text of a figure must have {least:g} points or more; "
                f"got {words!r} with {size:g}"
            )
    grids = (x.get_gridspec() for axes in figure.axes if (x := axes.get_subplotspec()))
    if any((grid.nrows, grid.ncols) == (1, 2) for grid in grids):
        raise SnippetError("two panels must stand one above the other; got them in a row")


def _numbered(axis: Axis) -> bool:
    return bool(axis.get_visible()) and any(
        label.get_visible() and label.get_text() for label in axis.get_ticklabels()
    )


def missing(pages: Iterable[Path]) -> list[Drawing]:
    """List the figures of pages that are not drawn yet: code, page and line."""
    found = (
        (snippet.code, str(page), snippet.fence.line)
        for page in pages
        for snippet in snippets(page.read_text(encoding="utf-8"))
        if "figure" in snippet.fence.flags
    )
    return [drawing for drawing in found if not _place(drawing[0]).exists()]


def draw_all(drawings: list[Drawing]) -> None:
    """Draw on all cores, and say how far it has come."""
    with ProcessPoolExecutor() as pool:
        for done, _ in enumerate(pool.map(draw, *zip(*drawings, strict=True)), start=1):
            end = "\n" if done == len(drawings) else "\r"
            print(f"{done} of {len(drawings)} figures drawn", end=end, flush=True)


def main(*arguments: str) -> None:
    if arguments == ("-",):
        draw(sys.stdin.read())
        return
    for folder in arguments:
        if drawings := missing(sorted(Path(folder).rglob("*.md"))):
            draw_all(drawings)


if __name__ == "__main__":
    main(*sys.argv[1:])
