"""Cards: the picture that other sites show of a page to which someone links there.

On the left the question, on the right its key figure, drawn once more in the size of the
card. They are there only where the site's address is known: without it, no page can say
where its card is. A card is kept under the digest of all that it is made of, as figures
are.
"""

import hashlib
import io
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.image import imread
from matplotlib.patches import FancyBboxPatch, Rectangle

from workshop import CACHE
from workshop.pages.questions import Question
from workshop.pages.snippets import snippets
from workshop.render import font
from workshop.verify import figures
from workshop.verify.manifest import source_digest, versions

STORE = CACHE / "cards"
FOLDER = "cards/"
OTHERS = f"{FOLDER}dlref.png"  # of the pages that are no question's
WIDTH, HEIGHT, DPI = 1200, 630, 100
_BAND, _EDGE, _PANEL = (
    500,
    52,
    36,
)  # the question's part; around its text; around a figure
_DENSITY = 135  # of a figure: more makes its text larger
_BLUE, _PALE, _WHITE = "#0b5394", "#cfe0f1", "#ffffff"
_TITLES, _TEXTS = range(66, 35, -2), range(32, 19, -1)  # sizes, the best first
_SERIF = FontProperties(fname=str(font.SOURCE))
_SANS = FontProperties(family="DejaVu Sans")
_MOTTO = "answered with code that has been run"


@dataclass(frozen=True)
class Card:
    """What a card says and shows."""

    title: str
    text: str
    code: str = ""
    """Of the figure; without one, the question has all of the card."""

    @property
    def place(self) -> Path:
        """Where it is kept."""
        own = [Path(file).read_bytes() for file in (__file__, figures.__file__)]
        parts = *astuple(self), source_digest(), dict(versions()), own
        return STORE / f"{hashlib.sha256(repr(parts).encode()).hexdigest()}.png"


def write(site: Path, summary: str, questions: list[Question]) -> list[str]:
    """Write a card for each question, by the path of its page, and one for the rest."""
    titles = " · ".join(question.title for question in questions)
    cards = {FOLDER + question.file(".png"): card(question) for question in questions}
    cards |= {OTHERS: Card(summary.rstrip("."), titles)}
    missing = [x for x in cards.values() if not x.place.exists()]
    if missing:
        STORE.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor() as pool:
            for made, image in zip(missing, pool.map(draw, missing), strict=True):
                made.place.write_bytes(image)
    for name, made in cards.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(made.place.read_bytes())
    return [*cards]


def card(question: Question) -> Card:
    """Return a question's card, with the first figure of its page."""
    drawn = (x for x in snippets(question.body) if "figure" in x.fence.flags)
    code = next((snippet.code for snippet in drawn), "")
    return Card(question.title, question.question, code)


def draw(made: Card) -> bytes:
    """Return a card as a PNG, the same bytes each time."""
    figure = Figure((WIDTH / DPI, HEIGHT / DPI), DPI)
    band = _BAND if made.code else WIDTH
    canvas = FigureCanvasAgg(figure)
    figure.add_artist(Rectangle((0, 0), band / WIDTH, 1, color=_BLUE, zorder=-1))
    _mark(figure)
    sheet = _Sheet(figure, canvas, band - 2 * _EDGE)
    sheet.line("dlref", _SERIF, 40, _EDGE + 62, _EDGE + 37, _WHITE)
    y = sheet.write(made.title, _SERIF, _TITLES, _EDGE, 140, 230, _WHITE)
    sheet.write(made.text, _SANS, _TEXTS, _EDGE, y + 26, 470 - y, _PALE)
    if made.code:
        sheet.line(_MOTTO, _SANS, 17, _EDGE, HEIGHT - _EDGE, _PALE)
        _show(figure, made.code)
    image = io.BytesIO()
    figure.savefig(image, metadata={"Software": None}, pil_kwargs={"optimize": True})
    return image.getvalue()


@dataclass(frozen=True)
class _Sheet:
    """Writes words at a place, counted in pixels from the upper left."""

    figure: Figure
    canvas: FigureCanvasAgg
    width: int

    def write(self, text: str, face: FontProperties, sizes: range, *place: Any) -> int:
        """Write in the largest size in which all lines fit; return where they end."""
        x, y, room, color = place
        for size in sizes:
            leading = round(1.25 * size)
            lines = self._wrapped(text, face, size)
            fits = all(self._width(line, face, size) <= self.width for line in lines)
            if fits and leading * len(lines) <= room:
                break
        most = room // leading
        if len(lines) > most:
            lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
        for number, line in enumerate(lines, start=1):
            shown = self._cut(line, face, size)
            self.line(shown, face, size, x, y + leading * number, color)
        return int(y + leading * len(lines))

    def line(
        self, text: str, face: FontProperties, size: int, x: int, y: int, color: str
    ) -> None:
        """Write one line, on a base line."""
        self.figure.text(
            x / WIDTH,
            1 - y / HEIGHT,
            text,
            color=color,
            fontproperties=face,
            fontsize=_points(size),
            parse_math=False,
        )

    def _wrapped(self, text: str, face: FontProperties, size: int) -> list[str]:
        """Break at blanks, each line as full as it can be."""
        lines = [""]
        for word in text.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self._width(longer, face, size) > self.width:
                lines.append(word)
            else:
                lines[-1] = longer
        return lines

    def _cut(self, line: str, face: FontProperties, size: int) -> str:
        """Leave out the end of a line that is too long in every size."""
        while self._width(line, face, size) > self.width:
            line = f"{line.rstrip('…')[:-1].rstrip()}…"
        return line

    def _width(self, text: str, face: FontProperties, size: int) -> float:
        sized = face.copy()
        sized.set_size(_points(size))
        renderer = self.canvas.get_renderer()  # type: ignore[no-untyped-call]
        return float(renderer.get_text_width_height_descent(text, sized, False)[0])


def _points(pixels: float) -> float:
    return pixels * 72 / DPI


def _mark(figure: Figure) -> None:
    """Draw the mark of docs/assets/favicon.svg in the colors of the band."""
    axes = figure.add_axes(
        (_EDGE / WIDTH, 1 - (_EDGE + 48) / HEIGHT, 48 / WIDTH, 48 / HEIGHT)
    )
    axes.set(xlim=(0, 32), ylim=(32, 0))
    axes.axis("off")
    corner = "round,pad=0,rounding_size=7"
    axes.add_patch(FancyBboxPatch((0, 0), 32, 32, corner, color=_WHITE, linewidth=0))
    [check] = axes.plot((9, 14, 23.5), (16.5, 21.5, 10.5), color=_BLUE, linewidth=3.6)
    check.set(solid_capstyle="round", solid_joinstyle="round")


def _show(figure: Figure, code: str) -> None:
    """Draw the figure of a snippet beside the band."""
    width, height = WIDTH - _BAND - 2 * _PANEL, HEIGHT - 2 * _PANEL
    image = figures.pixels(code, width / _DENSITY, height / _DENSITY, _DENSITY)
    shown = imread(io.BytesIO(image))
    figure.figimage(shown, _BAND + _PANEL, _PANEL)
