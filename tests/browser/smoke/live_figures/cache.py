"""The bytes of a KV cache against its tokens."""

import itertools

from dlref.cost import kv_cache_bytes
from tests.browser.smoke.live_figures import Reference, settings


def cache(layers, heads, width, tokens, batch, size):
    return kv_cache_bytes(
        layers, heads, width, tokens, batch_size=batch, bytes_per_element=size
    )


def legend(tokens, heads, batch):
    shared = int(heads), 32, 1
    return [cache(32, h, 128, int(tokens), int(batch), 2) / 1e9 for h in shared]


def grid(sliders):
    tokens, heads, batch = (settings(slider, 9) for slider in sliders)
    layers, widths, sizes = [1, 32, 61], [64, 128, 577], [1, 2, 4]
    yield cache, itertools.product(layers, heads, widths, tokens, batch, sizes)


def caption(numbers):
    assert numbers("13", "3", "0")[0] == numbers("14", "2", "0")[0]


REFERENCE = Reference(legend, grid, caption, (kv_cache_bytes,), tolerance=0)
