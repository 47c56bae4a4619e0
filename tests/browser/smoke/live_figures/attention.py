"""The FLOPs of attention against the length."""

import itertools

from dlref.cost import attention_flops
from tests.browser.smoke.live_figures import Reference, settings


def attention(n, d, h):
    flops = attention_flops(n, d, h)
    return flops.projections, flops.quadratic, flops.softmax


def legend(n, d, h):
    return attention(int(n), int(d), int(h))


def grid(sliders):
    yield attention, itertools.product(*(settings(slider, 9) for slider in sliders))


def caption(numbers):
    for width in "10", "11", "12":
        projections, pairs, _ = numbers(str(int(width) + 1), width, "3")
        assert projections == pairs
    plain, heads = numbers("12", "12", "3"), numbers("12", "12", "4")
    assert list(plain == heads) == [True, True, False]


REFERENCE = Reference(legend, grid, caption, (attention_flops,), tolerance=0)
