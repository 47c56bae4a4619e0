"""Layers and activations against PyTorch's own, which are one kernel each."""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.ratios import Case, and_back
from dlref.torch.activations import gelu, log_softmax, softmax
from dlref.torch.layers import batch_norm, dropout, layer_norm, rms_norm


def cases(tokens: int = 2048, width: int = 1024) -> Iterator[Case]:
    """Norm tokens with a gain, bend each number, share by a softmax, drop a tenth."""
    yield from norms(tokens, width)
    yield bent(10**6)
    yield from shared(64, 50_257)
    yield dropped(10**6)


def norms(tokens: int, width: int) -> Iterator[Case]:
    """Write what is centered, its square and each result: a kernel writes the last."""
    x, scale, shift = torch.randn(tokens, width), *torch.randn(2, width)
    shape = (width,)
    yield Case(
        f"`layer_norm` ({tokens}, {width}): against the library",
        partial(layer_norm, x, scale, shift),
        partial(F.layer_norm, x, shape, scale, shift),
    )
    yield Case(
        f"`batch_norm` ({tokens}, {width}): against the library",
        partial(batch_norm, x, scale, shift),
        partial(F.batch_norm, x, None, None, scale, shift, training=True),
    )
    yield Case(
        f"`rms_norm` ({tokens}, {width}): against the library",
        partial(rms_norm, x, scale),
        partial(F.rms_norm, x, shape, scale, 1e-6),
    )


def bent(size: int) -> Case:
    """Keep the digits of a small tail, step by step."""
    x = torch.randn(size)
    name = f"`gelu`, {size} numbers: against `F.gelu`"
    return Case(name, partial(gelu, x), partial(F.gelu, x))


def shared(rows: int, classes: int) -> Iterator[Case]:
    """Look for what no softmax takes, and shift: each is a pass over the logits."""
    logits = torch.randn(rows, classes)
    for ours, theirs in (softmax, F.softmax), (log_softmax, F.log_softmax):
        yield Case(
            f"`{ours.__name__}`, {rows} rows of {classes}: against the library",
            partial(ours, logits),
            partial(theirs, logits, dim=-1),
        )


def dropped(size: int) -> Case:
    """Drop a tenth, forward and backward, from the same state of the generator."""
    x = torch.randn(size, requires_grad=True)

    def ours() -> tuple[Tensor, Tensor]:
        torch.manual_seed(0)
        return and_back(dropout(x, 0.1, rng=None), x)

    def theirs() -> tuple[Tensor, Tensor]:
        torch.manual_seed(0)
        return and_back(F.dropout(x, 0.1), x)

    name = f"`dropout`, {size} numbers, and back: against `F.dropout`"
    return Case(name, ours, theirs, gradient=True)
