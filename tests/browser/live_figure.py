"""A live figure as a test meets it: its sliders, its numbers, and what it draws."""

import re

import numpy as np
from playwright.sync_api import Page

from tests.browser.looks import sideways

SIZE = 300, 150  # what is drawn, within its axes
# The color in this role, and the place, of each.
SEEN = """(all, role) => all.map((element) => {
  const { x, width, height } = element.getBoundingClientRect();
  return [getComputedStyle(element)[role], x, width, height];
})"""
# Move its sliders there, as a hand does, one after the other.
SET = """(figure, positions) => {
  const sliders = figure.querySelectorAll("[type=range]");
  if (sliders.length !== positions.length) throw new Error(`${sliders.length} sliders`);
  sliders.forEach((slider, i) => {
    slider.value = positions[i];
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
}"""
# What of it must stand out from the page, by which color, and by how much.
STANDS_OUT = (
    ('path[class^="c"]', "stroke", 3),
    ("text", "fill", 4.5),
    ("output span", "color", 4.5),
    ("label", "color", 4.5),
    ("button", "color", 4.5),
    (".checked", "color", 4.5),
)


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


class Live:
    """A live figure of a page that is open."""

    def __init__(self, page: Page, name: str) -> None:
        self.figure = page.locator(f"figure.live[data-live='{name}']")
        self.figure.scroll_into_view_if_needed()  # then it is drawn
        self.figure.locator("svg svg").wait_for()
        self.sliders = self.figure.locator("[type=range]").all()

    def set(self, positions):
        self.figure.evaluate(SET, list(positions))

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

    def places(self, dots):
        """Where dots lie, as the ticks of both axes say."""
        x, y = (dots / SIZE).T
        return np.stack([self._value("x", x), self._value("y", 1 - y)], axis=1)

    def _value(self, axis, part):
        label, ticks = self.figure.get_attribute(f"data-{axis}").split(": ")
        ends = [float(ticks.split(" ")[i]) for i in (0, -1)]
        if label.endswith("(log)"):
            return np.exp(np.interp(part, [0, 1], np.log(ends)))
        return np.interp(part, [0, 1], ends)

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


def moves_by_key_and_resets(live: Live) -> None:
    """A key on each slider moves all that should, and Reset brings it back."""
    first = live.state
    for slider in live.sliders:
        at_end = slider.input_value() == slider.get_attribute("max")
        before, title = (live.state, slider.get_attribute("aria-valuetext")), live.title
        slider.focus()
        slider.press("ArrowLeft" if at_end else "ArrowRight")
        assert slider.get_attribute("aria-valuetext") != before[1]
        assert live.title != title
        assert sum(a != b for a, b in zip(before[0], live.state, strict=True)) >= 4
    live.figure.get_by_role("button", name="Reset").press("Enter")
    assert live.state == first


def can_be_seen(page: Page, name: str) -> None:
    """Its lines, words and sliders stand out from the page, have names, and room."""
    live = Live(page, name)
    assert sideways(page) <= 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for selector, role, least in STANDS_OUT:
        found = live.figure.locator(selector).evaluate_all(SEEN, role)
        assert found
        for color, x, width, height in found:
            assert _contrast(color, paper) >= least, (selector, color)
            assert selector != "text" or min(width, height) >= 5
            assert x >= 0 or role == "stroke"
    for control in live.figure.locator("input, button").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    _has_names(live)


def _has_names(live: Live) -> None:
    labels = [text.strip() for text in live.texts("label:has([type=range])")]
    for slider, label in zip(live.sliders, labels, strict=True):
        name = label.removesuffix(slider.get_attribute("aria-valuetext")).strip()
        assert name
        assert live.figure.get_by_role("slider", name=name, exact=True).count() == 1
    assert live.figure.get_by_role("status").count() == 1
    assert live.title


def _contrast(*colors: str) -> float:
    low, high = sorted(map(_light, colors))
    return (high + 0.05) / (low + 0.05)


def _light(color: str) -> float:
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    r, g, b = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
