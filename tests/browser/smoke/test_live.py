"""Live figures: what each shows is what dlref computes; each can be seen and used."""

import gzip
import itertools
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from dlref.cost import attention_flops, kv_cache_bytes
from dlref.numpy.attention import flash_attention, online_softmax
from dlref.numpy.initializers import backward_second_moments, forward_second_moments
from dlref.numpy.losses import binary_focal_loss
from dlref.numpy.positions import rotary_embedding, rotary_frequencies
from dlref.optimizers import AdamState, SGDState, adam_step, sgd_step
from tests.browser.conftest import NARROW
from tests.browser.live_figure import (
    Live,
    can_be_seen,
    moves_by_key_and_resets,
    positions,
)
from tests.browser.smoke.conftest import live_figures

TOLERANCE = 1e-6


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


def online(scores, values, block):
    """After each block: the maximum, the sum, and the output of all keys so far."""
    scores, values = np.array(scores, float), np.array(values, float)[:, None]
    blocks = {"query_block": 1, "key_block": block}
    path = []
    for end in range(block, len(scores) + block, block):
        read = online_softmax(scores[:end], block)
        output, _ = flash_attention(
            np.ones((1, 1)), scores[:end, None], values[:end], **blocks
        )
        path.append([*map(float, read), output.item()])
    return np.array(path)


def rotary(t, pair, base):
    return math.degrees(t * rotary_frequencies(128, base=base)[pair])


def hands(t, distance, pair, base):
    """The pair of a query and of a key that are (1, 0) at position 0."""
    frequencies = rotary_frequencies(128, base=base)[pair : pair + 1]
    places = np.array([t + distance, t])
    return rotary_embedding(np.array([[1.0, 0.0]] * 2), places, frequencies)


# What the legend of each figure shows, at these positions of its sliders.


def focal_legend(gamma, alpha, p):
    return [focal(p, gamma, alpha), focal(p, gamma, 1 - alpha), focal(p, 0, 1)]


def adam_legend(rate, beta1, beta2, degrees):
    ends = adam(100, degrees, rate, beta1, beta2)[-1], sgd(100, degrees, rate)[-1]
    return [np.linalg.norm(end) for end in ends]


def moments_legend(depth, scale):
    both = moments("ReLU", int(depth), scale), moments("tanh", int(depth), scale)
    return [x for forth, back in both for x in (forth[-1], back[0])]


def attention_legend(n, d, h):
    return attention(int(n), int(d), int(h))


def cache_legend(tokens, heads, batch):
    shared = int(heads), 32, 1
    return [cache(32, h, 128, int(tokens), int(batch), 2) / 1e9 for h in shared]


SCORES = [1, 2.5, 0.5, 2, 3, 1.5, 2.5, 1, 2, 3.5, 5, 0.5, 3, 2, 1.5, 2.5]
VALUES = [2, 1, 3, 2, 1, 2, 3, 1, 2, 1, 5, 2, 1, 3, 2, 1]


def online_legend(block, read, score):
    scores = [*SCORES[:10], score, *SCORES[11:]]
    return online(scores, VALUES, int(block))[math.ceil(read / block) - 1]


def rotary_legend(t, distance, pair, base):
    query, key = hands(int(t), int(distance), int(pair), base)
    places = t + distance, t
    return [*(rotary(place, int(pair), base) for place in places), query @ key]


# What each model is called with: the sliders' own ranges, in the order of its arguments.


def settings(slider, count):
    base = slider.get_attribute("data-base")
    values = [float(position) for position in positions(slider, count)]
    return [int(base) ** int(x) for x in values] if base else values


def focal_grid(sliders):
    gammas, alphas, ps = (settings(slider, 11) for slider in sliders)
    yield focal, itertools.product(ps, gammas, alphas)


def adam_grid(sliders):
    # β₁ begins at 0.7: far below it a path is chaotic, and rounding decides.
    rates, *betas, degrees = (settings(slider, 3) for slider in sliders)
    yield adam, itertools.product([100], degrees, rates, *betas)
    yield sgd, itertools.product([100], degrees, rates)


def moments_grid(sliders):
    depths, scales = (settings(slider, 7) for slider in sliders)
    whole = [int(depth) for depth in depths]
    yield moments, itertools.product(["ReLU", "tanh"], whole, scales)


def attention_grid(sliders):
    yield attention, itertools.product(*(settings(slider, 9) for slider in sliders))


def cache_grid(sliders):
    tokens, heads, batch = (settings(slider, 9) for slider in sliders)
    layers, widths, sizes = [1, 32, 61], [64, 128, 577], [1, 2, 4]
    yield cache, itertools.product(layers, heads, widths, tokens, batch, sizes)


def online_grid(sliders):
    blocks, _, scores = (settings(slider, 7) for slider in sliders)
    rows = [[*SCORES[:10], score, *SCORES[11:]] for score in scores]
    yield online, ([row, VALUES, int(block)] for row in rows for block in blocks)


def rotary_grid(sliders):
    ts, distances, pairs, bases = (settings(slider, 9) for slider in sliders)
    places = {int(t + distance) for t in ts for distance in distances} - {0}
    yield rotary, itertools.product(places, map(int, pairs), bases)


@dataclass(frozen=True)
class Reference:
    """What judges a live figure.

    Attributes:
        legend: The numbers of its legend, from its sliders.
        grid: What its models are called with.
        functions: Those of dlref that its mark names.
        tolerance: Relative; 0 for what is counted.
    """

    legend: Callable[..., list[float]]
    grid: Callable[[list], Iterator]
    functions: tuple[Callable, ...]
    tolerance: float = TOLERANCE


REFERENCES = {
    "focal": Reference(focal_legend, focal_grid, (binary_focal_loss,)),
    "adam": Reference(adam_legend, adam_grid, (adam_step, sgd_step)),
    "moments": Reference(
        moments_legend, moments_grid, (forward_second_moments, backward_second_moments)
    ),
    "attention": Reference(attention_legend, attention_grid, (attention_flops,), 0),
    "cache": Reference(cache_legend, cache_grid, (kv_cache_bytes,), 0),
    "online": Reference(online_legend, online_grid, (online_softmax, flash_attention)),
    "rotary": Reference(
        rotary_legend, rotary_grid, (rotary_embedding, rotary_frequencies)
    ),
}


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


def distance(points, dot):
    """How far a dot is from a curve of straight pieces."""
    start, piece = points[:-1], np.diff(points, axis=0)
    length = np.maximum((piece**2).sum(axis=1), 1e-12)
    part = np.clip(((dot - start) * piece).sum(axis=1) / length, 0, 1)
    return np.linalg.norm(start + part[:, None] * piece - dot, axis=1).min()


def test_each_dot_lies_on_its_curve_at_its_number(visit, figure, path):
    live = Live(visit(path), figure)
    width, height = 300, 150
    for step in range(3):
        if step:  # from the first settings, one and two steps up or down
            for slider in live.sliders:
                at_end = slider.input_value() == slider.get_attribute("max")
                slider.press("ArrowLeft" if at_end else "ArrowRight")
        if figure == "rotary":
            query, key = hands(*map(int, live.settings))
            ends = iter([query, key, query @ key * key])
        for (points, [dot]), exact in zip(
            live.drawn, REFERENCES[figure].legend(*live.settings), strict=True
        ):
            assert distance(points, dot) < 1
            assert 0 <= dot[0] <= width
            assert 0 <= dot[1] <= height
            if figure == "adam":
                place = dot * [8 / width, -4 / height] + [-4, 2]
                assert np.linalg.norm(place) == pytest.approx(exact)
            elif figure == "rotary":
                place = dot * [4 / width, -2 / height] + [-2, 1]
                assert place == pytest.approx(next(ends), abs=1e-6)
            else:
                assert dot[1] == pytest.approx(height * (1 - live.axis("y")(exact)))


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


def test_what_the_captions_say_can_be_seen(visit, site):
    at = {name: Live(visit(path), name) for name, path in live_figures(site)}

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

    scores = [numbers("rotary", t, "7", "4", "4")[2] for t in ("0", "21", "64")]
    assert len({*scores}) == 1
    near, later, higher = (
        numbers("rotary", "9", "7", pair, base)[0]
        for pair, base in (("4", "4"), ("5", "4"), ("4", "5"))
    )
    assert near > max(later, higher)

    assert numbers("cache", "13", "3", "0")[0] == numbers("cache", "14", "2", "0")[0]

    ends = [list(numbers("online", block, "16", "5")) for block in "01234"]
    assert ends == ends[:1] * 5
    (m, before, _), (risen, after, _) = (
        numbers("online", "0", read, "5") for read in ("10", "11")
    )
    assert risen > m
    assert after < before


def test_the_script_is_small(site):
    script = (site / "assets/javascripts/live.js").read_bytes()
    assert len(gzip.compress(script, 9)) <= 3700
