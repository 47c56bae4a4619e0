"""The running maximum, sum and output of an online softmax."""

import math

import numpy as np

from dlref.numpy.attention import flash_attention, online_softmax
from tests.browser.smoke.live_figures import Reference, settings

SCORES = [1, 2.5, 0.5, 2, 3, 1.5, 2.5, 1, 2, 3.5, 5, 0.5, 3, 2, 1.5, 2.5]
VALUES = [2, 1, 3, 2, 1, 2, 3, 1, 2, 1, 5, 2, 1, 3, 2, 1]


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


def with_score(score):
    return [*SCORES[:10], score, *SCORES[11:]]


def legend(block, read, score):
    path = online(with_score(score), VALUES, int(block))
    return path[math.ceil(read / block) - 1]


def grid(sliders):
    blocks, _, scores = (settings(slider, 7) for slider in sliders)
    rows = [with_score(score) for score in scores]
    yield online, ([row, VALUES, int(block)] for row in rows for block in blocks)


def caption(numbers):
    ends = [list(numbers(block, "16", "5")) for block in "01234"]
    assert ends == ends[:1] * 5
    (m, before, _), (risen, after, _) = (numbers("0", read, "5") for read in ("10", "11"))
    assert risen > m
    assert after < before


REFERENCE = Reference(legend, grid, caption, (online_softmax, flash_attention))
