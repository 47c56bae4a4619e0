"""Live figures: what they show is what dlref computes."""

import gzip
import itertools
import math
import re

import numpy as np
import pytest

from dlref.cost import attention_flops, kv_cache_bytes
from dlref.numpy.initializers import backward_second_moments, forward_second_moments
from dlref.numpy.losses import binary_focal_loss
from dlref.optimizers import AdamState, SGDState, adam_step, sgd_step
from tests.browser.conftest import NARROW, SCHEMES, pages, unfold

TOLERANCE = 1e-6
FIGURES = {
    "focal": "losses/focal/",
    "adam": "optimizers/adam/",
    "moments": "initializers/xavier-and-he/",
    "attention": "attention/cost/",
    "cache": "attention/kv-cache/",
}
each = pytest.mark.parametrize(("figure", "path"), FIGURES.items(), ids=FIGURES)


# What each model of live.js should return, by dlref.


def focal(p, gamma, alpha):
    logit, true = np.array(math.log(p / (1 - p))), np.array(True)
    return binary_focal_loss(logit, true, gamma=gamma, alpha=alpha)


def descent(step, state, steps, degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])
    path = [turn @ [1.5, -2.0]]
    for _ in range(steps):
        grad = turn @ np.diag([1.0, 25.0]) @ turn.T @ path[-1]
        point, state = step(path[-1], grad, state)
        path.append(point)
    return np.array(path)


def sgd(steps, degrees, rate):
    def step(*now):
        return sgd_step(*now, learning_rate=rate)

    return descent(step, SGDState(), steps, degrees)


def adam(steps, degrees, rate, beta1, beta2):
    def step(*now):
        return adam_step(*now, learning_rate=rate, beta1=beta1, beta2=beta2)

    return descent(step, AdamState(), steps, degrees)


def moments(activation, depth, scale):
    f, slope = {
        "ReLU": (lambda z: np.maximum(z, 0), lambda z: z > 0),
        "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    }[activation]
    return (
        forward_second_moments(depth, f, scale=scale),
        backward_second_moments(depth, f, slope, scale=scale),
    )


def attention(n, d, h):
    flops = attention_flops(n, d, h)
    return flops.projections, flops.quadratic, flops.softmax


def cache(layers, heads, width, tokens, batch, size):
    return kv_cache_bytes(
        layers, heads, width, tokens, batch_size=batch, bytes_per_element=size
    )


def legend(figure, settings):
    """What the figure's legend should show at these positions of its sliders."""
    match figure, settings:
        case "focal", (gamma, alpha, p):
            return [focal(p, gamma, alpha), focal(p, gamma, 1 - alpha), focal(p, 0, 1)]
        case "adam", (rate, beta1, beta2, degrees):
            ends = adam(100, degrees, rate, beta1, beta2)[-1], sgd(100, degrees, rate)[-1]
            return [np.linalg.norm(end) for end in ends]
        case "moments", (depth, scale):
            both = moments("ReLU", int(depth), scale), moments("tanh", int(depth), scale)
            return [x for forth, back in both for x in (forth[-1], back[0])]
        case "attention", (n, d, h):
            return attention(int(n), int(d), int(h))
        case "cache", (tokens, heads, batch):
            shared = int(heads), 32, 1
            return [cache(32, h, 128, int(tokens), int(batch), 2) / 1e9 for h in shared]


# What a reader does and sees.


def number(text):
    """Read a number as the figure writes it: 4,096 or 8.88 × 10⁻¹⁶."""
    plain = text.replace(",", "").replace("−", "-")
    head, _, power = (
        plain.rpartition("10") if re.search("[⁰-⁹⁻¹²³]", plain) else ("", "", "")
    )
    if not power:
        return float(plain)
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    return float(head.replace(" × ", "") or 1) * 10 ** int(exponent)


def is_rounded(shown, exact):
    """Tell whether `shown` is `exact` to three digits; to six from 1e3 to 1e6."""
    digits = 6 if 1e3 <= exact < 1e6 else 3
    unit = 10 ** (math.floor(math.log10(exact)) - digits + 1)
    return abs(shown - exact) <= unit * (0.5 + 1e-6)


class Live:
    """A live figure of a page that is open."""

    def __init__(self, page):
        self.figure = page.locator("figure.live")
        self.figure.scroll_into_view_if_needed()  # then it is drawn
        self.figure.locator("svg svg").wait_for()
        self.sliders = self.figure.locator("input").all()

    def set(self, positions):
        for slider, position in zip(self.sliders, positions, strict=True):
            slider.fill(position)

    def texts(self, selector):
        return self.figure.locator(selector).all_text_contents()

    @property
    def settings(self):
        return [number(text) for text in self.texts("label span")]

    @property
    def numbers(self):
        return [number(text) for text in self.texts("output b")]

    @property
    def title(self):
        return self.figure.locator("svg[role=img]").get_attribute("aria-label")

    @property
    def drawn(self):
        """The points of each curve and its dot, in the order of the legend."""
        inside = self.figure.locator("svg svg")
        paths = [e.get_attribute("d") for e in inside.locator("path[class]").all()]
        dots = [e.get_attribute("transform") for e in inside.locator("circle").all()]
        found = [
            [
                np.array(re.findall(r"-?[\d.]+(?:e-?\d+)?", x), float).reshape(-1, 2)
                for x in pair
            ]
            for pair in zip(paths, dots, strict=True)
        ]
        return found[::-1]

    def axis(self, name):
        """Map the axis of a name to 0 … 1, as its ticks say."""
        label, ticks = self.figure.get_attribute(f"data-{name}").split(": ")
        f = math.log if label.endswith("(log)") else float
        low, high = (f(float(ticks.split(" ")[i])) for i in (0, -1))
        return lambda value: (f(value) - low) / (high - low)

    @property
    def state(self):
        """All that should move: curves, dots, numbers, and what is read aloud."""
        return self.figure.evaluate(
            """figure => [
                ...[...figure.querySelectorAll("path, circle, svg, input")].map((e) =>
                    ["d", "transform", "aria-label", "aria-valuetext"]
                        .map((name) => e.getAttribute(name))),
                figure.querySelector("output").textContent,
            ].flat().filter((x) => x !== null)"""
        )


def positions(slider, count):
    """Positions of a slider: both ends and, evenly, what lies between."""
    low, high, step = (float(slider.get_attribute(x)) for x in ("min", "max", "step"))
    steps = np.unique(np.linspace(0, round((high - low) / step), count).round())
    return [f"{low + step * k:.6g}" for k in steps]


def settings(slider, count):
    base = slider.get_attribute("data-base")
    values = [float(position) for position in positions(slider, count)]
    return [int(base) ** int(x) for x in values] if base else values


# What a model is called with: the sliders' own ranges, in the order of its arguments.


def grids(figure, sliders):
    match figure:
        case "focal":
            gammas, alphas, ps = (settings(slider, 11) for slider in sliders)
            yield "focal", itertools.product(ps, gammas, alphas)
        case "adam":
            # β₁ begins at 0.7: far below it a path is chaotic, and rounding decides.
            rates, *betas, degrees = (settings(slider, 4) for slider in sliders)
            yield "adam", itertools.product([100], degrees, rates, *betas)
            yield "sgd", itertools.product([100], degrees, rates)
        case "moments":
            depths, scales = (settings(slider, 7) for slider in sliders)
            whole = [int(depth) for depth in depths]
            yield "moments", itertools.product(["ReLU", "tanh"], whole, scales)
        case "attention":
            ranges = (settings(slider, 9) for slider in sliders)
            yield "attention", itertools.product(*ranges)
        case "cache":
            tokens, heads, batch = (settings(slider, 9) for slider in sliders)
            layers, widths, sizes = [1, 32, 61], [64, 128, 577], [1, 2, 4]
            yield "cache", itertools.product(layers, heads, widths, tokens, batch, sizes)


def error(got, expected):
    """The largest relative error; that of a point, relative to its distance."""
    if isinstance(expected, tuple):
        return max(map(error, got, expected))
    got, expected = np.array(got, float), np.array(expected)
    if expected.ndim == 2:
        size = np.linalg.norm(expected, axis=1)
        return float(np.max(np.linalg.norm(got - expected, axis=1) / size))
    return float(np.max(abs(got - expected) / abs(expected)))


@each
def test_its_models_are_dlref(visit, figure, path, capsys):
    page = visit(path)
    for model, grid in grids(figure, Live(page).sliders):
        calls = [list(arguments) for arguments in grid]
        got = page.evaluate(
            "([model, calls]) => calls.map((x) => dlref.models[model](...x))",
            [model, calls],
        )
        expected = [globals()[model](*arguments) for arguments in calls]
        worst = max(map(error, got, expected))
        with capsys.disabled():
            print(f"\n{model}: {len(calls):,} calls, relative error {worst:.1e}", end=" ")
        assert worst <= TOLERANCE
        if model in ("attention", "cache"):
            assert worst == 0


@each
def test_what_it_shows_is_what_dlref_computes(visit, figure, path):
    live = Live(visit(path))
    rng = np.random.default_rng(0)
    choices = [positions(slider, 10_000) for slider in live.sliders]
    for setting in [None, *range(12)]:
        if setting is not None:
            live.set([str(rng.choice(choice)) for choice in choices])
        expected = legend(figure, live.settings)
        assert len(live.numbers) == len(expected)
        for shown, exact in zip(live.numbers, expected, strict=True):
            assert is_rounded(shown, exact), (live.settings, shown, exact)


def distance(points, dot):
    """How far a dot is from a curve of straight pieces."""
    start, piece = points[:-1], np.diff(points, axis=0)
    length = np.maximum((piece**2).sum(axis=1), 1e-12)
    part = np.clip(((dot - start) * piece).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(start + part[:, None] * piece - dot, axis=1).min()


@each
def test_each_dot_lies_on_its_curve_at_its_number(visit, figure, path):
    live = Live(visit(path))
    width, height = 300, 150
    for step in range(3):
        if step:  # from the first settings, one and two steps up or down
            for slider in live.sliders:
                at_end = slider.input_value() == slider.get_attribute("max")
                slider.press("ArrowLeft" if at_end else "ArrowRight")
        for (points, [dot]), exact in zip(
            live.drawn, legend(figure, live.settings), strict=True
        ):
            assert distance(points, dot) < 1
            assert 0 <= dot[0] <= width
            assert 0 <= dot[1] <= height
            if figure == "adam":
                place = dot * [8 / width, -4 / height] + [-4, 2]
                assert np.linalg.norm(place) == pytest.approx(exact)
            else:
                assert dot[1] == pytest.approx(height * (1 - live.axis("y")(exact)))


def test_every_live_figure_is_tested_and_names_its_reference(visit, site):
    found = {}
    for path in pages(site):
        html = (site / path / "index.html").read_text(encoding="utf-8")
        for figure in re.findall(r'<figure class="live" data-live="(\w+)"', html):
            found[figure] = path
            mark = re.search(r'<span class="checked">✓ (.*?)</span>', html, re.DOTALL)[1]
            assert set(re.findall(r"<code>(\w+)</code>", mark)) <= set(globals())
    assert found == FIGURES


@each
def test_a_key_moves_it_and_reset_brings_it_back(visit, figure, path):
    live = Live(visit(path))
    first = live.state
    for slider in live.sliders:
        before, title = (live.state, slider.get_attribute("aria-valuetext")), live.title
        slider.focus()
        slider.press("ArrowLeft" if slider.input_value() == "0.999" else "ArrowRight")
        assert slider.get_attribute("aria-valuetext") != before[1]
        assert live.title != title
        assert sum(a != b for a, b in zip(before[0], live.state, strict=True)) >= 4
    live.figure.get_by_role("button", name="Reset").press("Enter")
    assert live.state == first


@each
def test_a_mouse_moves_it(visit, figure, path):
    live = Live(visit(path))
    for slider in live.sliders:
        box = slider.bounding_box()
        low, high = (
            {"x": box["width"] * part, "y": box["height"] / 2} for part in (0.1, 0.9)
        )
        slider.click(position=low)
        before = live.state
        slider.click(position=high)
        assert live.state != before


@each
def test_every_slider_has_a_name(visit, figure, path):
    live = Live(visit(path))
    labels = [text.strip() for text in live.texts("label")]
    for slider, label in zip(live.sliders, labels, strict=True):
        name = label.removesuffix(slider.get_attribute("aria-valuetext")).strip()
        assert name
        assert live.figure.get_by_role("slider", name=name, exact=True).count() == 1
    assert live.figure.get_by_role("status").count() == 1
    assert live.title


def contrast(*colors):
    def light(color):
        parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
        r, g, b = (
            x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts
        )
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    low, high = sorted(map(light, colors))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@each
def test_it_can_be_seen(visit, figure, path, scheme):
    page = visit(path, width=NARROW, scheme=scheme)
    live = Live(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for selector, role, least in (
        ('path[class^="c"]', "stroke", 3),
        ("text", "fill", 4.5),
        ("output span", "color", 4.5),
        ("label", "color", 4.5),
        ("button", "color", 4.5),
        (".checked", "color", 4.5),
    ):
        found = live.figure.locator(selector).all()
        assert found
        for element in found:
            box = element.bounding_box()
            color = element.evaluate(f"e => getComputedStyle(e).{role}")
            assert contrast(color, paper) >= least, (selector, color)
            assert selector != "text" or min(box["width"], box["height"]) >= 5
            assert box["x"] >= 0 or role == "stroke"
    for box in (
        x.bounding_box() for x in page.locator(".live input, .live button").all()
    ):
        assert min(box["width"], box["height"]) >= 24


@each
def test_no_line_of_its_legend_breaks_on_a_phone(visit, figure, path):
    live = Live(visit(path, width=NARROW))
    rows = live.figure.locator("output span").all()
    height = live.figure.locator("output").bounding_box()["height"]
    right = live.figure.bounding_box()["x"] + live.figure.bounding_box()["width"]
    for end in "min", "max":
        live.set([slider.get_attribute(end) for slider in live.sliders])
        assert live.figure.locator("output").bounding_box()["height"] == height
        for row in rows:
            box = row.locator("b").bounding_box()
            assert box["x"] + box["width"] < right


# On the page, wherever it is scrolled to.
PLACE = """() => {
  const figure = document.querySelector("figure.live");
  const { x, y, width, height } = figure.getBoundingClientRect();
  return [x, y + scrollY, width, height];
}"""


@pytest.mark.parametrize("width", [1280, NARROW])
@each
def test_nothing_moves_when_the_script_fills_it(visit, figure, path, width):
    page = visit(path, width=width)
    unfold(page)
    Live(page)  # has it drawn
    filled = page.evaluate(PLACE)
    page.route("**/live.js", lambda route: route.fulfill(body=""))
    page.reload()
    unfold(page)
    assert page.locator("figure.live text").count() == 0
    assert page.evaluate(PLACE) == filled


def test_a_word_that_was_searched_for_stays_in_its_place(visit):
    path = FIGURES["cache"]
    plain, marked = Live(visit(path)), Live(visit(f"{path}?h=kv"))
    marked.figure.locator("label mark").wait_for()
    for was, row in zip(
        plain.figure.locator("label").all(),
        marked.figure.locator("label").all(),
        strict=True,
    ):
        assert row.bounding_box()["height"] == was.bounding_box()["height"]


@each
def test_without_javascript_the_page_is_whole(visit, figure, path):
    page = visit(path, java_script_enabled=False)
    assert page.locator("figure.live").is_hidden()
    assert page.locator("svg.plot").first.is_visible()


@each
def test_on_paper_stands_the_drawn_figure(visit, figure, path):
    page = visit(path)
    page.emulate_media(media="print")
    assert page.locator("figure.live").is_hidden()
    assert page.locator("svg.plot").first.is_visible()


def test_what_the_captions_say_can_be_seen(visit):
    at = {figure: Live(visit(path)) for figure, path in FIGURES.items()}

    def numbers(figure, *settings):
        at[figure].set(settings)
        return np.array(at[figure].numbers)

    easy = numbers("focal", "0", "0.25", "0.99") / numbers("focal", "4", "0.25", "0.99")
    hard = numbers("focal", "0", "0.25", "0.01") / numbers("focal", "4", "0.25", "0.01")
    assert easy[0] > 1e7
    assert hard[0] < 1.05

    (adam_0, sgd_0), (adam_45, sgd_45) = (
        numbers("adam", "0.05", "0.9", "0.999", degrees) for degrees in ("0", "45")
    )
    assert sgd_0 == sgd_45
    assert adam_45 > 2 * adam_0

    assert list(numbers("moments", "50", "2")[:2]) == [1, 1]
    *_, tanh_end, tanh_first = numbers("moments", "50", "2.8")
    assert tanh_end > 0.4
    assert tanh_first > 1e3

    for width in "10", "11", "12":
        projections, pairs, _ = numbers("attention", str(int(width) + 1), width, "3")
        assert projections == pairs
    plain, heads = (
        numbers("attention", "12", "12", "3"),
        numbers("attention", "12", "12", "4"),
    )
    assert list(plain == heads) == [True, True, False]

    assert numbers("cache", "13", "3", "0")[0] == numbers("cache", "14", "2", "0")[0]


def test_the_script_is_small(site):
    script = (site / "assets/javascripts/live.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 3300
