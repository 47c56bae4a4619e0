"""What training repeats: a loss with its gradient, a backward pass, a step."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from benchmarks.ratios import Case, and_back, on_one_thread
from dlref.numpy.gradients import mlp_gradients
from dlref.numpy.precision import round_to_bfloat16
from dlref.optimizers import (
    AdamState,
    MomentumState,
    adam_step,
    nesterov_step,
    soft_threshold,
)
from dlref.torch.gradients import clip_by_norm
from dlref.torch.losses import (
    binary_focal_loss,
    cross_entropy,
    kl_divergence,
    triplet_loss,
)
from dlref.torch.quantization import fake_quantize

GAMMA, ALPHA = 2.0, 0.25  # torchvision's defaults, and the paper's choice


def cases(size: int = 10**6) -> Iterator[Case]:
    """Compare steps of optimizers and ways through a gradient, on so many numbers."""
    yield adam(size)
    yield nesterov(size)
    yield threshold(size)
    yield clipping(size)
    yield focal_loss(size)
    yield classes(size // 1000, 1000)
    yield divergence(size)
    yield triplets(size // 128)
    yield two_layers(round(size**0.5) // 2)
    yield bfloat16(size)
    yield straight_through(size)


def adam(size: int) -> Case:
    """Step as Adam does."""
    name = f"`adam_step`, {size} parameters: against `torch.optim.Adam(foreach=False)`"
    return steps(name, size, adam_step, AdamState(), torch.optim.Adam)


def nesterov(size: int) -> Case:
    """Step with Nesterov's momentum."""
    name = f"`nesterov_step`, {size} parameters: against `torch.optim.SGD(foreach=False)`"
    ours = partial(nesterov_step, learning_rate=0.01)
    theirs = partial(torch.optim.SGD, lr=0.01, momentum=0.9, nesterov=True)
    return steps(name, size, ours, MomentumState(), theirs)


def steps(
    name: str,
    size: int,
    step: Callable[..., tuple[Tensor, Any]],
    state: Any,
    optimizer: Callable[..., torch.optim.Optimizer],
) -> Case:
    """Step on pure operators, which make new tensors where PyTorch reuses its own."""
    gradients = torch.randn(3, size)  # a constant one would make all steps alike
    param = torch.randn(size)
    theirs = torch.nn.Parameter(param.clone())
    stepper = optimizer([theirs], foreach=False)
    next_of_ours, next_of_theirs = cycle(gradients), cycle(gradients)

    def our_step() -> Tensor:
        nonlocal param, state
        param, state = step(param, next(next_of_ours), state)
        return param

    def their_step() -> Tensor:
        theirs.grad = next(next_of_theirs)
        stepper.step()
        return theirs.detach()

    return Case(name, our_step, their_step, rounds=51)  # read before it is fast


def clipping(size: int) -> Case:
    """Clip by the norm, which ours adds up in 64 bits, and PyTorch in the entries' own.

    PyTorch does so in place: so it gets copies, which ours makes.
    """
    given = list(torch.randn(4, size // 4))
    params = [torch.nn.Parameter(grad) for grad in given]

    def ours() -> tuple[Tensor, ...]:
        return tuple(clip_by_norm(given, 1.0)[0])

    def theirs() -> tuple[Tensor, ...]:
        for param, grad in zip(params, given, strict=True):
            param.grad = grad.clone()
        clip_grad_norm_(params, 1.0, foreach=False)
        return tuple(param.grad for param in params if param.grad is not None)

    name = f"`clip_by_norm`, {size} entries: against `clip_grad_norm_(foreach=False)`"
    return Case(name, ours, theirs)


def threshold(size: int) -> Case:
    """Move numbers toward zero, in two passes: the library needs one."""
    values = torch.randn(size)
    name = f"`soft_threshold`, {size} numbers: against the library"
    return Case(
        name,
        lambda: soft_threshold(values, 0.5),
        lambda: F.softshrink(values, 0.5),
        rounds=51,
    )


def focal_loss(size: int) -> Case:
    """Go forward and backward, with the paper's share of positives or so."""
    logits = torch.randn(size, requires_grad=True)
    targets = torch.rand(size) < 0.01
    as_float = targets.float()  # torchvision wants them so

    def ours() -> tuple[Tensor, Tensor]:
        loss = binary_focal_loss(logits, targets, gamma=GAMMA, alpha=ALPHA)
        return and_back(loss, logits)

    def theirs() -> tuple[Tensor, Tensor]:
        return and_back(torchvision_focal_loss(logits, as_float), logits)

    name = f"`binary_focal_loss`, {size} logits, and back: against torchvision's formula"
    return Case(name, ours, theirs, aim=1.0, gradient=True)


def classes(batch: int, count: int) -> Case:
    """Weigh the true class against the rest: more digits, and several passes for one."""
    logits = torch.randn(batch, count, requires_grad=True)
    targets = torch.randint(count, (batch,))

    def ours() -> tuple[Tensor, Tensor]:
        return and_back(cross_entropy(logits, targets), logits)

    def theirs() -> tuple[Tensor, Tensor]:
        return and_back(F.cross_entropy(logits, targets, reduction="none"), logits)

    name = f"`cross_entropy` ({batch}, {count}), and back: against the library"
    return Case(name, ours, theirs, gradient=True)


def divergence(size: int, classes: int = 100) -> Case:
    """Compare two models, and go back.

    The library adds up p log(p/q), whose terms cancel; ours, terms that do not.
    """
    p, q = torch.randn(2, max(size // classes, 1), classes)
    q.requires_grad_()

    def ours() -> tuple[Tensor, Tensor]:
        return and_back(kl_divergence(p, q), q)

    def theirs() -> tuple[Tensor, Tensor]:
        terms = F.kl_div(q.log_softmax(-1), p.softmax(-1), reduction="none")
        return and_back(terms.sum(-1), q)

    name = f"`kl_divergence` and back, {len(p)} rows of {classes}: against `F.kl_div`"
    return Case(name, ours, theirs, gradient=True)


def triplets(rows: int, width: int = 128) -> Case:
    """Compare each anchor with a positive and a negative, and go back."""
    anchor, positive, negative = torch.randn(3, rows, width)
    anchor.requires_grad_()

    def ours() -> tuple[Tensor, Tensor]:
        return and_back(triplet_loss(anchor, positive, negative), anchor)

    def theirs() -> tuple[Tensor, Tensor]:
        loss = F.triplet_margin_loss(
            anchor, positive, negative, eps=0.0, reduction="none"
        )
        return and_back(loss, anchor)

    name = f"`triplet_loss` ({rows}, {width}), and back: against the library"
    return Case(name, ours, theirs, gradient=True)


def two_layers(width: int, batch: int = 256) -> Case:
    """Go through two layers and back, by hand in NumPy, and by autograd."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, width)).astype("float32")
    targets = rng.integers(10, size=batch)
    weights = [rng.normal(size=(width, width)), rng.normal(size=(10, width))]
    weights = [(w / width**0.5).astype("float32") for w in weights]
    biases = [np.zeros(len(w), "float32") for w in weights]
    layers = [torch.tensor(z, requires_grad=True) for z in (*weights, *biases)]
    examples, classes = torch.tensor(x), torch.tensor(targets)

    def ours() -> tuple[Tensor, ...]:
        loss, in_weights, in_biases = mlp_gradients(x, targets, weights, biases)
        return tuple(map(torch.from_numpy, (loss, *in_weights, *in_biases)))

    def theirs() -> tuple[Tensor, ...]:
        w1, w2, b1, b2 = layers
        logits = F.linear(F.linear(examples, w1, b1).relu(), w2, b2)
        loss = F.cross_entropy(logits, classes)
        return loss.detach(), *torch.autograd.grad(loss, layers)

    name = f"`mlp_gradients` ({batch}, {width}, {width}, 10): against autograd"
    return Case(name, ours, theirs, gradient=True)


def bfloat16(size: int) -> Case:
    """Round to bfloat16 by integers in NumPy, and by PyTorch's cast, there and back.

    NumPy has one thread, and goes through the numbers six times; the cast, once or twice.
    """
    x = np.random.default_rng(0).normal(size=size).astype("float32")
    same = torch.from_numpy(x)

    def ours() -> Tensor:
        return torch.from_numpy(round_to_bfloat16(x))

    def theirs() -> Tensor:
        return on_one_thread(lambda: same.bfloat16().float())

    name = f"`round_to_bfloat16`, {size} numbers, one thread: against the cast"
    return Case(name, ours, theirs)


def straight_through(size: int) -> Case:
    """Round to 8 bits with a gradient, in several steps and in PyTorch's one kernel."""
    x = torch.randn(size, generator=torch.Generator().manual_seed(0)).requires_grad_()

    def ours() -> tuple[Tensor, ...]:
        y = fake_quantize(x, 2.0**-6)
        return y.detach(), *torch.autograd.grad(y.sum(), x)

    def theirs() -> tuple[Tensor, ...]:
        y = torch.fake_quantize_per_tensor_affine(x, 2.0**-6, 0, -127, 127)
        return y.detach(), *torch.autograd.grad(y.sum(), x)

    name = f"`fake_quantize`, {size} numbers: against `fake_quantize_per_tensor_affine`"
    return Case(name, ours, theirs, gradient=True)


def torchvision_focal_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Write out what `torchvision.ops.sigmoid_focal_loss` computes."""
    p = torch.sigmoid(logits)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    p_t = p * targets + (1 - p) * (1 - targets)
    alpha_t = ALPHA * targets + (1 - ALPHA) * (1 - targets)
    return alpha_t * (1 - p_t) ** GAMMA * cross_entropy
