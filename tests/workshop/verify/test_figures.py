"""A figure fence draws one labelled figure, always the same, in the page's colours."""

import gzip
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from workshop import ROOT
from workshop.verify import figures, svg
from workshop.verify.execution import SnippetError

LINE = """\
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0.01, 1, 200)
for gamma in (0, 1, 2, 5):
    plt.plot(x, -((1 - x) ** gamma) * np.log(x), label=f"γ = {gamma}")
plt.axvline(0.3, color="gray", linestyle=":")
plt.xlabel("$p_t$, probability of the true class")
plt.ylabel("loss (nats)")
plt.legend()
plt.show()
"""


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "STORE", tmp_path / "figures")


def test_a_line_plot_is_small_and_lives_in_a_page():
    drawing = figures.draw(LINE)
    assert len(gzip.compress(drawing.encode(), 9, mtime=0)) < 3_200
    assert drawing.startswith('<svg class="plot" role="img" aria-labelledby="figure-')
    assert "<style" not in drawing
    assert " style=" not in drawing  # the site's policy would block it
    assert "<metadata" not in drawing
    assert "xmlns" not in drawing
    assert "font-family" not in drawing
    assert "currentColor" in drawing
    assert "var(--plot-1)" in drawing
    assert "#" not in drawing.replace("#figure-", "")  # no colour but the page's own
    ids = [part.partition('"')[0] for part in drawing.split(' id="')[1:]]
    assert all(name.startswith("figure-") for name in ids)
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("M 10 20.04 L 9.51 20 L 9.5 119.96", "m10 20l-0.5 0 0 100"),
        ("M 1 1 L 2 1 L 2 2 z M 5 5 L 6 6", "m1 1l1 0 0 1zm4 4l1 1"),
        ("M 1 1 M 2 2 L 3 3", "m1 1m1 1l1 1"),
        ("M 1 1 Q 2 3 4 5 C 5 5 6 6 7 8", "m1 1q1 2 3 4c1 0 2 1 3 3"),
    ],
)
def test_a_path_goes_in_steps(path, steps):
    assert svg._relative(path, 1) == steps


def test_no_error_adds_up_along_a_path():
    points = [(0.26 * i, 0.34 * i) for i in range(1000)]
    path = "M" + "L".join(f" {x:.4f} {y:.4f} " for x, y in points)
    steps = re.findall(r"-?[\d.]+", svg._relative(path, 1))
    assert sum(map(float, steps[::2])) == pytest.approx(points[-1][0], abs=0.06)
    assert sum(map(float, steps[1::2])) == pytest.approx(points[-1][1], abs=0.06)


@pytest.mark.parametrize("path", ["M 1 1 H 2 2", "M 1 1 L 2 2 3 3"])
def test_an_unknown_path_is_not_guessed_at(path):
    with pytest.raises(
        ValueError, match=r"^a path must be made of M, L, Q, C and z; got"
    ):
        svg._relative(path, 1)


def test_mathtext_flows_in_the_pages_font():
    drawing = figures.draw(LINE)
    assert ">p</tspan><tspan" in drawing
    assert ", probability of the true class</tspan>" in drawing


def test_exponents_and_indices_can_be_read_on_a_phone():
    drawing = figures.draw(LINE)
    assert '<svg class="plot"' in drawing.partition(' font-size="10px"')[0]
    sizes = re.findall(r'<tspan[^>]* font-size="([\d.]+)px"', drawing)
    assert set(sizes) == {"8"}  # the others have that of the drawing


def test_an_axis_is_one_path_for_its_grid_and_one_for_its_ticks():
    root = ET.fromstring(figures.draw(LINE))
    paths = [path.attrib for path in root.iter("path")]
    for kind, count in (("var(--plot-grid)", 2), ("currentColor", 4)):  # and two spines
        assert len([path for path in paths if path.get("stroke") == kind]) == count
    grid, *_ = paths
    ticks = paths[1]
    places = [re.findall(r"m[^l]*", path["d"]) for path in (grid, ticks)]
    assert len(places[0]) == len(places[1]) > 3  # a line and a tick at each number
    assert not list(root.iter("use"))
    assert "<g></g>" not in figures.draw(LINE)
    assert "<g><" not in figures.draw(LINE)


def test_a_tick_stands_where_it_is_used():
    use = ET.Element("use", x="54.36", y="167.6")
    moved = svg._moved("M 0 0 L 0 3.5", use)
    assert svg._relative(moved, 1) == "m54.4 167.6l0 3.5"


def test_a_marker_of_the_data_is_drawn_once_and_used():
    marked = LINE.replace("plt.legend()", 'plt.plot(x[::50], x[::50], "s")')
    root = ET.fromstring(figures.draw(marked))
    names = [path.get("id") for path in root.iter("path") if "id" in path.attrib]
    assert len(names) == 1
    assert [use.get("href") for use in root.iter("use")] == [f"#{names[0]}"] * 4


def test_what_is_straight_to_the_eye_has_no_points_in_between():
    curve = LINE.replace("200", "100").replace("(0, 1, 2, 5)", "(1,)")
    root = ET.fromstring(figures.draw(curve))
    [path] = [x for x in root.iter("path") if x.get("stroke") == "var(--plot-1)"][:1]
    points = len(re.findall(r"-?[\d.]+", path.get("d"))) / 2
    assert 10 < points < 60


def test_mathtext_keeps_its_order():
    # Matplotlib writes the letters of one style together, wherever they stand.
    title = r'plt.title("$n^2/S$ of $h_{kv}$, and $|x_i|$")'
    drawing = figures.draw(LINE.replace("plt.show()", f"{title}\nplt.show()"))
    texts = [part.partition("</text>")[0] for part in drawing.split("<text")]
    [words] = [
        re.sub("<[^>]*>", "", f"<{text}") for text in texts if ">n</tspan>" in text
    ]
    assert words == "n2/S of hkv, and |xi|"


def test_two_processes_draw_the_same_bytes():
    here = figures.draw(LINE)
    code = (
        "import sys; from pathlib import Path; from workshop.verify import figures\n"
        f"figures.STORE = Path({str(figures.STORE)!r})\n"
        "print(figures.draw(sys.stdin.read()), end='')"
    )
    there = subprocess.run(
        [sys.executable, "-c", code], input=LINE, text=True, encoding="utf-8",
        capture_output=True, cwd=ROOT, check=True,
    )  # fmt: skip
    assert there.stdout == here


def test_another_figure_has_other_ids():
    other = LINE.replace("200", "100")
    assert figures.draw(LINE).split('"')[5] != figures.draw(other).split('"')[5]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = 1", "a figure fence must draw one figure; got 0"),
        (LINE + "plt.figure()", "a figure fence must draw one figure; got 2"),
        (
            "import matplotlib.pyplot as plt\nplt.subplots()",
            "a figure must not be empty, nor any of its axes",
        ),
        (
            "import matplotlib.pyplot as plt\nplt.figure()",
            "a figure must not be empty, nor any of its axes",
        ),
        (
            LINE.replace('plt.xlabel("$p_t$, probability of the true class")', ""),
            "an axis with tick labels must have a label; "
            "the x axis of 'the figure' has none",
        ),
        (
            LINE.replace('plt.ylabel("loss (nats)")', "plt.title('T')"),
            "an axis with tick labels must have a label; the y axis of 'T' has none",
        ),
        (
            LINE.replace("plt.legend()", "plt.legend(fontsize=9)"),
            "a text of a figure must have 10 points or more; got 'γ = 0' with 9",
        ),
        (
            f"{LINE}plt.gcf().set_figwidth(10)",
            "a text of a figure must have 20 points or more; "
            "got '$p_t$, probability of the true class' with 10",
        ),
        (
            "import matplotlib.pyplot as plt\n_, panels = plt.subplots(1, 2)\n"
            "for axes in panels:\n    axes.plot([1, 2])\n    axes.axis('off')",
            "two panels must stand one above the other; got them in a row",
        ),
        (
            "import matplotlib.pyplot as plt\nplt.imshow([[1, 2]])\n"
            "plt.xlabel('x'), plt.ylabel('y')",
            "a figure must be drawn in lines: use pcolormesh, not imshow, "
            "and nothing with rasterized=True",
        ),
    ],
)
def test_a_figure_that_shows_nothing_or_tells_nothing_fails(code, message):
    with pytest.raises(SnippetError) as raised:
        figures.draw(code)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "code",
    [
        # What a reader sees without a label of its own: shared, or no axis at all.
        "figure, axes = plt.subplots(2, sharex=True)\n"
        "for a in axes:\n    a.plot([1, 2]); a.set_ylabel('y')\n"
        "axes[1].set_xlabel('x')",
        "figure, axes = plt.subplots(2)\n"
        "for a in axes:\n    a.plot([1, 2])\n"
        "figure.supxlabel('x'); figure.supylabel('y')",
        "plt.plot([1, 2]); plt.axis('off')",
        "plt.plot([1, 2]); plt.xlabel('x'); plt.yticks([])",
    ],
)
def test_an_axis_without_numbers_needs_no_label(code):
    assert figures.draw(f"import matplotlib.pyplot as plt\n{code}")


@pytest.mark.parametrize(
    "drawing",
    [
        "plt.pcolormesh([[1, 2], [3, 4]])",
        "plt.scatter([1, 2], [1, 2], c=[1, 2])",
        "plt.contourf([[1, 2], [3, 4]])",
    ],
)
def test_a_color_bar_is_drawn_in_lines(drawing):
    code = f"import matplotlib.pyplot as plt\n{drawing}\nplt.colorbar(label='z')\n"
    image = figures.draw(f"{code}plt.xlabel('x'), plt.ylabel('y')")
    assert "<image" not in image
    assert len(gzip.compress(image.encode(), 9, mtime=0)) < 6_000


def test_a_drawing_is_taken_from_the_store_as_long_as_nothing_changed(monkeypatch):
    figures.draw(LINE)
    monkeypatch.setattr(subprocess, "run", None)  # drawing again would need a process
    assert figures.image(LINE).startswith("<svg")
    with pytest.raises(TypeError):
        figures.image(LINE + "\n# edited")


@pytest.mark.parametrize(
    ("name", "new"), [("source_digest", "other"), ("versions", {"NumPy": "0"})]
)
def test_a_drawing_goes_stale_with_the_package_and_the_versions(monkeypatch, name, new):
    figures.draw(LINE)
    monkeypatch.setattr(subprocess, "run", None)
    monkeypatch.setattr(figures, name, lambda: new)
    with pytest.raises(TypeError):
        figures.image(LINE)


def test_what_is_missing_is_drawn_in_a_fresh_interpreter(monkeypatch):
    monkeypatch.undo()
    code = "import sys\nassert 'pytest' not in sys.modules\n" + LINE
    try:
        assert figures.image(code).startswith("<svg")
    finally:
        figures._place(code).unlink()


def test_what_does_not_draw_says_why(monkeypatch):
    monkeypatch.undo()
    with pytest.raises(SnippetError, match=r"(?s)^a figure does not draw:\n.*got 0$"):
        figures.image("x = 1")


def test_the_command_draws_what_is_missing_on_the_pages(tmp_path):
    page = tmp_path / "docs/page.md"
    page.parent.mkdir()
    page.write_text(
        f"```python {{.figure}}\n{LINE}```\n\n```python\n1 / 0\n```\n", encoding="utf-8"
    )
    figures.main(str(page.parent))
    (drawing,) = figures.STORE.iterdir()
    drawn = drawing.stat().st_mtime_ns
    figures.main(str(page.parent))
    assert drawing.stat().st_mtime_ns == drawn


DOTS = """\
import matplotlib.pyplot as plt
import numpy as np
import torch

plt.plot({numbers})
plt.xlabel("x"), plt.ylabel("y")
"""


def verified(numbers):
    return figures.verified(DOTS.format(numbers=numbers), "p.md", 1)


@pytest.mark.parametrize(
    "numbers",
    [
        "np.random.rand(5)",
        "np.random.default_rng().random(5)",
        "(lambda seed: np.random.default_rng(seed))(None).random(5)",
        "np.random.Generator(np.random.PCG64()).random(5)",
        "torch.rand(5)",
        "torch.nn.Linear(2, 2).bias.detach()",
        "[__import__('random').random(), 1]",
        "[1, __import__('time').perf_counter_ns() % 997]",
    ],
)
def test_a_figure_of_numbers_without_a_seed_fails(numbers):
    with pytest.raises(SnippetError) as raised:
        verified(numbers)
    assert str(raised.value) == (
        "a figure must be the same each time; got another one when drawn again: "
        "seed its generators"
    )
    assert not figures.STORE.exists()


@pytest.mark.parametrize(
    "numbers",
    [
        "np.random.default_rng(0).random(5)",
        "np.random.RandomState(0).rand(5)",
        "torch.rand(5, generator=torch.Generator().manual_seed(0))",
        "torch.manual_seed(0) and torch.rand(5)",
    ],
)
def test_a_figure_of_numbers_with_a_seed_passes(numbers):
    assert verified(numbers) == ""


@pytest.mark.parametrize(
    "numbers",
    ["[1, 2]", "np.random.default_rng(0).random(5)", "[1, plt.gca().set() and 2 or 3]"],
)
def test_a_figure_without_chance_is_drawn_once(monkeypatch, numbers):
    drawn, count = figures._drawing, []
    monkeypatch.setattr(figures, "_drawing", lambda x: count.append(1) or drawn(x))
    verified(numbers)
    assert count == [1]
