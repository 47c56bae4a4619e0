"""Layers and activations against PyTorch's own, which are one kernel each."""

from collections.abc import Iterator
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from benchmarks.ratios import Case, and_back
from dlref.torch.activations import gelu, log_softmax, softmax
from dlref.torch.fine_tuning import lora_linear, merge_lora
from dlref.torch.generation import acceptance_rate
from dlref.torch.generative import standard_normal_kl
from dlref.torch.layers import (
    MixtureOfExperts,
    batch_norm,
    dropout,
    embedding,
    layer_norm,
    rms_norm,
    top_k_gates,
)
from dlref.torch.losses import skip_gram_loss


def cases(tokens: int = 2048, width: int = 1024) -> Iterator[Case]:
    """Norm, bend, share, drop a tenth, look up, route, draft, adapt, add up."""
    yield from norms(tokens, width)
    yield bent(10**6)
    yield from shared(64, 50_257)
    yield dropped(10**6)
    yield looked_up(tokens, width)
    yield neighbors(tokens)
    yield routed(tokens, width // 4)
    yield judged(5, 128_256)
    yield adapted(tokens, width, 16)
    yield bounded(tokens, width)


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


def bounded(tokens: int, width: int) -> Case:
    """Add up the divergence of Gaussians from a standard normal one."""
    mean, log_var = torch.randn(2, tokens, width)
    return Case(
        f"`standard_normal_kl` ({tokens}, {width}): against `torch.distributions`",
        partial(standard_normal_kl, mean, log_var),
        partial(divergence_of, mean, log_var),
    )


def divergence_of(mean: Tensor, log_var: Tensor) -> Tensor:
    """Build both distributions, as the library needs them."""
    q, prior = Normal(mean, (log_var / 2).exp()), Normal(0.0, 1.0)
    summed: Tensor = kl_divergence(q, prior).sum(dim=-1)
    return summed


def adapted(tokens: int, width: int, rank: int) -> Case:
    """Compute beside a weight what a merged one holds: two thin products more."""
    x, b = torch.randn(tokens, width), torch.randn(width, rank)
    weight, a = (torch.randn(n, width) / width**0.5 for n in (width, rank))
    merged = merge_lora(weight, a, b, alpha=1.0)
    return Case(
        f"`lora_linear` ({tokens}, {width}), rank {rank}: against the merged layer",
        partial(lora_linear, x, weight, a, b, alpha=1.0),
        partial(F.linear, x, merged),
    )


def bent(size: int) -> Case:
    """Keep the digits of a small tail, step by step."""
    x = torch.randn(size)
    name = f"`gelu`, {size} numbers: against `F.gelu`"
    return Case(name, partial(gelu, x), partial(F.gelu, x))


def shared(rows: int, classes: int) -> Iterator[Case]:
    """Look for what no softmax takes, in the largest of each row: one pass more."""
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


def looked_up(tokens: int, width: int) -> Case:
    """Look up a row for each token, and add the gradients of each in its row."""
    table = torch.randn(10 * tokens, width, requires_grad=True)
    words = torch.randint(10 * tokens, (tokens,))
    name = f"`embedding`, {tokens} tokens, and back: against `F.embedding`"
    return Case(
        name,
        lambda: and_back(embedding(table, words), table),
        lambda: and_back(F.embedding(words, table), table),
        gradient=True,
    )


def neighbors(pairs: int, negatives: int = 5, width: int = 300) -> Case:
    """Charge pairs of words with negatives, against logits and their truth."""
    v, u_o = torch.randn(2, pairs, width) / width**0.5
    u = torch.randn(pairs, negatives, width)
    truth = F.one_hot(torch.zeros(pairs, dtype=torch.long), negatives + 1).float()

    def theirs() -> Tensor:
        logits = (torch.cat([u_o[:, None], u], dim=1) @ v[..., None])[..., 0]
        loss = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
        return loss.sum(dim=1)

    name = f"`skip_gram_loss`, {pairs} pairs: against the binary loss of the library"
    return Case(name, partial(skip_gram_loss, v, u_o, u), theirs)


def routed(tokens: int, width: int, num_experts: int = 8, k: int = 2) -> Case:
    """Run the experts that tokens chose, against all of them: PyTorch has no mixture."""
    layer, x = MixtureOfExperts(width, width, num_experts, k), torch.randn(tokens, width)

    def all_of_them() -> Tensor:
        gates = torch.zeros(tokens, num_experts)
        weights, indices = top_k_gates(layer.router(x), k)
        gates = gates.scatter(1, indices, weights)
        outputs = torch.stack([expert(x) for expert in layer.experts], dim=1)
        return (gates[:, None] @ outputs)[:, 0]

    name = (
        f"`MixtureOfExperts`, {k} of {num_experts}, {tokens} tokens: against all experts"
    )
    return Case(name, partial(layer, x), all_of_them)


def judged(rows: int, classes: int) -> Case:
    """Make sure that both are distributions: several passes over what is read once."""
    p, q = torch.randn(2, rows, classes).softmax(-1)
    return Case(
        f"`acceptance_rate`, {rows} rows of {classes}: against `F.l1_loss`",
        partial(acceptance_rate, p, q),
        lambda: 1 - F.l1_loss(p, q, reduction="none").sum(-1) / 2,
    )
