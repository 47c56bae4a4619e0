"""Parts of networks for sequences and images, and of generators, against PyTorch's."""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from benchmarks.ratios import Case
from dlref.torch.convolution import conv2d, max_pool2d
from dlref.torch.diffusion import flow_step, guided
from dlref.torch.generative import discriminator_loss
from dlref.torch.recurrent import GRU, LSTM
from dlref.torch.vision import patchify


def cases(tokens: int = 128, width: int = 128) -> Iterator[Case]:
    """Read in order, slide over an image, cut it up, judge it, make one from noise."""
    yield from read(4, tokens, width)
    yield from slid(56, 64)
    yield cut(16, 224)
    yield judged(100_000)
    yield from sampled(64, width)


def read(batch: int, tokens: int, width: int) -> Iterator[Case]:
    """Go token by token in Python, where the library has one call for all."""
    x = torch.randn(batch, tokens, width)
    for name, ours in ("LSTM", LSTM(width, width)), ("GRU", GRU(width, width)):
        library = getattr(torch.nn, name)(width, width, batch_first=True)
        ours.load_state_dict(library.state_dict())
        yield Case(
            f"`{name}` ({batch}, {tokens}, {width}): against `nn.{name}`",
            partial(outputs_of, ours, x),
            partial(outputs_of, library, x),
        )


def outputs_of(layer: torch.nn.Module, x: Tensor) -> Tensor:
    """Leave the last states out."""
    outputs: Tensor = layer(x)[0]
    return outputs


def slid(side: int, channels: int) -> Iterator[Case]:
    """Write out what each place reads: a kernel of the library reads it in place."""
    x = torch.randn(8, channels, side, side)
    w = torch.randn(channels, channels, 3, 3) / channels**0.5
    yield Case(
        f"`conv2d`, 3 by 3, (8, {channels}, {side}, {side}): against the library",
        partial(conv2d, x, w, padding=1),
        partial(F.conv2d, x, w, padding=1),
    )
    yield Case(
        f"`max_pool2d`, 2 by 2, (8, {channels}, {side}, {side}): against the library",
        partial(max_pool2d, x, 2),
        partial(F.max_pool2d, x, 2),
    )


def cut(images: int, side: int, patch: int = 16) -> Case:
    """Cut images into patches: a copy of both, where `unfold` has columns for rows."""
    x = torch.randn(images, 3, side, side)
    name = f"`patchify`, {images} images of {side}²: against `F.unfold`"
    return Case(
        name,
        partial(patchify, x, patch),
        lambda: F.unfold(x, patch, stride=patch).mT.contiguous(),
    )


def judged(examples: int) -> Case:
    """Take the loss of a discriminator: two of the library's, with labels."""
    real, fake = torch.randn(2, examples)
    ones, zeros = torch.ones(examples), torch.zeros(examples)
    cross_entropy = partial(F.binary_cross_entropy_with_logits, reduction="none")
    return Case(
        f"`discriminator_loss`, {examples:,} pairs: against cross-entropy with logits",
        partial(discriminator_loss, real, fake),
        lambda: cross_entropy(real, ones) + cross_entropy(fake, zeros),
    )


def sampled(images: int, side: int) -> Iterator[Case]:
    """Take what the library has in one call: a line between two, and a step along one."""
    x, y = torch.randn(2, images, 4, side, side)
    shape = f"({images}, 4, {side}, {side})"
    yield Case(
        f"`guided` {shape}: against `torch.lerp`",
        partial(guided, x, y, 7.5),
        partial(torch.lerp, x, y, 7.5),
    )
    yield Case(
        f"`flow_step` {shape}: against `torch.add`",
        partial(flow_step, x, y, 0.75, 0.5),
        partial(torch.add, x, y, alpha=-0.25),
    )
