"""Live figures: what each shows is what dlref computes; each can be seen and used.

What dlref computes for a figure stands in `live_figures`.
"""

import gzip
import math
import re

import numpy as np
import pytest

from tests.browser.conftest import NARROW
from tests.browser.live_figure import (
    SIZE,
    Live,
    can_be_seen,
    moves_by_key_and_resets,
    positions,
)
from tests.browser.smoke.conftest import live_figures
from tests.browser.smoke.live_figures import references

REFERENCES = references()


def is_rounded(shown, exact):
    """Tell whether `shown` is `exact` to three digits; to six from 1e3 to 1e6."""
    if exact == 0:
        return shown == 0
    digits = 6 if 1e3 <= exact < 1e6 else 3
    unit = 10 ** (math.floor(math.log10(abs(exact))) - digits + 1)
    return abs(shown - exact) <= unit * (0.5 + 1e-6)


def error(got, expected):
    """The largest relative error; that of a point, relative to its distance."""
    if isinstance(expected, tuple):
        return max(map(error, got, expected))
    got, expected = np.array(got, float), np.array(expected)
    if expected.ndim == 2:
        size = np.linalg.norm(expected, axis=1)
        return float(np.max(np.linalg.norm(got - expected, axis=1) / size))
    return float(np.max(abs(got - expected) / abs(expected)))


def test_its_models_are_dlref(visit, figure, path, capsys):
    page = visit(path)
    reference = REFERENCES[figure]
    for model, grid in reference.grid(Live(page, figure).sliders):
        calls = [list(arguments) for arguments in grid]
        got = page.evaluate(
            "([model, calls]) => calls.map((x) => live.models[model](...x))",
            [model.__name__, calls],
        )
        worst = max(map(error, got, [model(*arguments) for arguments in calls]))
        with capsys.disabled():
            name = model.__name__
            print(f"\n{name}: {len(calls):,} calls, relative error {worst:.1e}", end=" ")
        assert worst <= reference.tolerance


def test_what_it_shows_is_what_dlref_computes(visit, figure, path):
    live = Live(visit(path), figure)
    rng = np.random.default_rng(0)
    choices = [positions(slider, 10_000) for slider in live.sliders]
    for setting in [None, *range(12)]:
        if setting is not None:
            live.set([str(rng.choice(choice)) for choice in choices])
        expected = REFERENCES[figure].legend(*live.settings)
        for shown, exact in zip(live.numbers, expected, strict=True):
            assert is_rounded(shown, exact), (live.settings, shown, exact)


def test_what_is_typed_is_drawn(visit, figure, path):
    live, reference = Live(visit(path), figure), REFERENCES[figure]
    field, said = live.figure.get_by_role("textbox"), live.figure.locator("samp")
    assert field.count() == said.count() == bool(reference.typed)
    for text in reference.typed:
        field.fill(text)
        for end in "min", "max":
            live.set([slider.get_attribute(end) for slider in live.sliders])
            assert live.numbers == reference.legend(*live.settings, text)
            assert said.text_content() == reference.says(*live.settings, text)
    if reference.typed:
        live.figure.get_by_role("button", name="Reset").press("Enter")
        assert said.text_content() == reference.says(*live.settings)


def distance(points, dot):
    """How far a dot is from a curve of straight pieces."""
    start, piece = points[:-1], np.diff(points, axis=0)
    length = np.maximum((piece**2).sum(axis=1), 1e-12)
    part = np.clip(((dot - start) * piece).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(start + part[:, None] * piece - dot, axis=1).min()


def test_each_dot_lies_on_its_curve_at_its_number(visit, figure, path):
    live = Live(visit(path), figure)
    reference = REFERENCES[figure]
    for step in range(3):
        if step:  # from the first settings, one and two steps up or down
            for slider in live.sliders:
                at_end = slider.input_value() == slider.get_attribute("max")
                slider.press("ArrowLeft" if at_end else "ArrowRight")
        curves, dots = zip(*live.drawn, strict=True)
        dots = np.concatenate(dots)
        for points, dot in zip(curves, dots, strict=True):
            assert distance(points, dot) < 1
        assert np.all((dots >= 0) & (dots <= SIZE))
        settings = live.settings
        reference.dots(live.places(dots), reference.legend(*settings), *settings)


def test_every_live_figure_is_judged_and_names_its_reference(site):
    found = live_figures(site)
    assert {name for name, _ in found} == {*REFERENCES}
    for name, path in found:
        html = (site / path / "index.html").read_text(encoding="utf-8")
        _, _, figure = html.partition(f'data-live="{name}"')
        mark = re.search(r'<span class="checked">✓ (.*?)</span>', figure, re.DOTALL)[1]
        named = {*re.findall(r"<code>(\w+)</code>", mark)}
        assert named == {x.__name__ for x in REFERENCES[name].functions}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_seen(visit, figure, path, scheme):
    can_be_seen(visit(path, width=NARROW, scheme=scheme), figure)


def test_each_slider_moves_it_and_reset_brings_it_back(visit, figure, path):
    moves_by_key_and_resets(Live(visit(path), figure))


def test_no_line_of_its_legend_breaks_on_a_phone(visit, figure, path):
    live = Live(visit(path, width=NARROW), figure)
    rows = live.figure.locator("output span").all()
    height = live.figure.locator("output").bounding_box()["height"]
    right = live.figure.bounding_box()["x"] + live.figure.bounding_box()["width"]
    for end in "min", "max":
        live.set([slider.get_attribute(end) for slider in live.sliders])
        assert live.figure.locator("output").bounding_box()["height"] == height
        for row in rows:
            box = row.locator("b").bounding_box()
            assert box["x"] + box["width"] < right


def test_what_the_caption_says_can_be_seen(visit, figure, path):
    live = Live(visit(path), figure)

    def numbers(*positions):
        live.set(positions)
        return np.array(live.numbers)

    REFERENCES[figure].caption(numbers)


@pytest.mark.parametrize(
    ("script", "limit"), [("live", 2000), *((f"live/{x}", 700) for x in REFERENCES)]
)
def test_the_scripts_are_small(site, script, limit):
    text = (site / f"assets/javascripts/{script}.js").read_bytes()
    assert len(gzip.compress(text, 9)) <= limit
