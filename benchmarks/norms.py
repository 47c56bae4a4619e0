"""Norms against PyTorch's own, which are one kernel each."""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F

from benchmarks.ratios import Case
from dlref.torch.layers import layer_norm, rms_norm


def cases(tokens: int = 2048, width: int = 1024) -> Iterator[Case]:
    """Norm tokens, with a gain.

    Ours writes what is centered, its square and each result: a kernel writes the last.
    """
    x, scale, shift = torch.randn(tokens, width), *torch.randn(2, width)
    shape = (width,)
    yield Case(
        f"`layer_norm` ({tokens}, {width}): against the library",
        partial(layer_norm, x, scale, shift),
        partial(F.layer_norm, x, shape, scale, shift),
    )
    yield Case(
        f"`rms_norm` ({tokens}, {width}): against the library",
        partial(rms_norm, x, scale),
        partial(F.rms_norm, x, shape, scale, 1e-6),
    )
