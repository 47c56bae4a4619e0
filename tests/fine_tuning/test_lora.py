"""Low-rank adapters: what both languages must do, judged once; the layer in PyTorch."""

import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.numpy.fine_tuning import low_rank_update as numpy_update
from dlref.torch.fine_tuning import (
    LoRALinear,
    dora_weight,
    lora_linear,
    low_rank_update,
    merge_lora,
)

D_IN, D_OUT, RANK = 7, 5, 3
EYE, A, B = np.eye(2), np.array([[1.0, 2.0]]), np.array([[0.5], [0.0]])
DELTA = np.array([[1.0, 2.0], [0.0, 0.0]])  # 2 B A / 1


@pytest.fixture
def lora(lang):
    return lang.subject("fine_tuning")


def matrices(rng, batch=()):
    x = rng.normal(size=(*batch, D_IN))
    shapes = (D_OUT, D_IN), (RANK, D_IN), (D_OUT, RANK)
    return x, *(rng.normal(size=shape) for shape in shapes)


def adapted(rank=RANK, alpha=4.0, *, trained=True, bias=True, dtype=torch.float64):
    torch.manual_seed(0)
    layer = LoRALinear(nn.Linear(D_IN, D_OUT, bias, dtype=dtype), rank, alpha=alpha)
    if trained:
        nn.init.normal_(layer.b)
    return layer


# By hand: the numbers of the page


def test_the_update_by_hand(lora):
    np.testing.assert_array_equal(lora.low_rank_update(A, B, alpha=2.0), DELTA)
    np.testing.assert_array_equal(lora.merge_lora(EYE, A, B, alpha=2.0), EYE + DELTA)
    x = np.array([[1.0, 1.0], [3.0, -1.0]])
    want = [[4.0, 1.0], [4.0, -1.0]]
    np.testing.assert_array_equal(lora.lora_linear(x, EYE, A, B, alpha=2.0), want)


def test_the_scale_by_hand(lora):
    a, b = np.ones((4, 1)), np.ones((1, 4))  # BA is 4
    given = {"a": a, "b": b, "alpha": 8.0}
    assert lora.low_rank_update(**given) == 8.0
    assert lora.low_rank_update(**given, rank_stabilized=True) == 16.0
    zero, one = np.zeros((1, 1)), np.ones((1, 1))
    assert lora.merge_lora(zero, **given) == 8.0
    assert lora.merge_lora(zero, **given, rank_stabilized=True) == 16.0
    assert lora.lora_linear(one, zero, **given) == 8.0
    assert lora.lora_linear(one, zero, **given, rank_stabilized=True) == 16.0


def test_the_rows_of_dora_by_hand(lora):
    weight, zero = np.array([[3.0, 4.0], [0.0, 2.0]]), np.zeros((2, 1))
    got = lora.dora_weight(weight, A, zero, np.array([10.0, -1.0]), alpha=2.0)
    np.testing.assert_allclose(got, [[6.0, 8.0], [0.0, -1.0]], rtol=1e-15)
    b = np.array([[0.0], [1.0]])  # the second row becomes (2, 6)
    got = lora.dora_weight(weight, A, b, np.array([5.0, np.sqrt(10)]), alpha=2.0)
    np.testing.assert_allclose(got, [[3.0, 4.0], [1.0, 3.0]], rtol=1e-15)


# Oracle: sums entry by entry, autograd, the library's layers


@pytest.mark.parametrize("rank_stabilized", [False, True])
def test_is_the_sum_over_all_indices(lora, rng, rank_stabilized):
    _, _, a, b = matrices(rng)
    scale = 4.0 / (RANK**0.5 if rank_stabilized else RANK)
    want = np.zeros((D_OUT, D_IN))
    for o in range(D_OUT):
        for i in range(D_IN):
            want[o, i] = sum(scale * b[o, k] * a[k, i] for k in range(RANK))
    options = {"alpha": 4.0, "rank_stabilized": rank_stabilized}
    np.testing.assert_allclose(lora.low_rank_update(a, b, **options), want, rtol=1e-12)


@pytest.mark.parametrize("batch", [(), (2,), (2, 11)])
def test_the_layer_is_three_of_the_library(rng, batch):
    layer = adapted()
    x = torch.from_numpy(rng.normal(size=(*batch, D_IN)))
    down, up = nn.Linear(D_IN, RANK, bias=False), nn.Linear(RANK, D_OUT, bias=False)
    down.weight, up.weight = layer.a, layer.b
    want = layer.linear(x) + 4 / RANK * up(down(x))
    torch.testing.assert_close(layer(x), want, rtol=1e-13, atol=1e-13)


def test_dora_is_weight_norm_of_the_merged_weight(rng):
    _, weight, a, b = map(torch.from_numpy, matrices(rng))
    magnitude = torch.from_numpy(rng.normal(size=D_OUT))
    merged = merge_lora(weight, a, b, alpha=4.0)
    want = torch._weight_norm(merged, magnitude[:, None], 0)
    got = dora_weight(weight, a, b, magnitude, alpha=4.0)
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def test_starts_as_the_linear_layers_of_the_library_do():
    layer = adapted(RANK, trained=False)
    torch.manual_seed(0)
    nn.Linear(D_IN, D_OUT, dtype=torch.float64)
    library = nn.Linear(D_IN, RANK, bias=False, dtype=torch.float64)
    torch.testing.assert_close(layer.a, library.weight, rtol=1e-12, atol=0)
    assert not layer.b.any()


# Law: what must hold for all inputs


@pytest.mark.parametrize("rank_stabilized", [False, True])
@pytest.mark.parametrize("batch", [(), (2,), (2, 11)])
def test_merged_or_not_is_the_same(lora, rng, batch, rank_stabilized):
    x, weight, a, b = matrices(rng, batch)
    options = {"alpha": 4.0, "rank_stabilized": rank_stabilized}
    merged = lora.merge_lora(weight, a, b, **options)
    got = lora.lora_linear(x, weight, a, b, **options)
    np.testing.assert_allclose(got, x @ merged.T, rtol=1e-12, atol=1e-12)
    update = lora.low_rank_update(a, b, **options)
    np.testing.assert_allclose(merged - weight, update, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_zero_factor_changes_no_bit(lora, rng, dtype):
    x, weight, a, b = (m.astype(dtype) for m in matrices(rng, (2,)))
    np.testing.assert_array_equal(lora.merge_lora(weight, a, 0 * b, alpha=4.0), weight)
    want = lora.lora_linear(x, weight, a, b, alpha=0.0)
    for factors in (a, 0 * b), (0 * a, b):
        got = lora.lora_linear(x, weight, *factors, alpha=4.0)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_the_layer_starts_as_the_base_to_the_bit(dtype):
    layer = adapted(trained=False, dtype=dtype)
    x = torch.randn(11, D_IN).to(dtype)
    assert torch.equal(layer(x), layer.linear(x))


@given(st.integers(1, 6), st.booleans(), st.integers(0, 99))
def test_the_rank_is_at_most_r(rank, rank_stabilized, seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(rank, D_IN)), rng.normal(size=(D_OUT, rank))
    options = {"alpha": 2.0, "rank_stabilized": rank_stabilized}
    got = numpy_update(a, b, **options)
    assert np.linalg.matrix_rank(got) == min(rank, D_OUT)


@given(st.floats(0.1, 10), st.integers(0, 99))
def test_alpha_and_b_are_one_scale(factor, seed):
    rng = np.random.default_rng(seed)
    _, _, a, b = matrices(rng)
    want = numpy_update(a, b, alpha=3.0)
    got = numpy_update(a, b / factor, alpha=3.0 * factor)
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


def test_two_adapters_are_one_of_both_ranks(lora, rng):
    _, _, a, b = matrices(rng)
    _, _, a2, b2 = matrices(rng)
    both = lora.low_rank_update(a, b, alpha=RANK) + lora.low_rank_update(
        a2, b2, alpha=RANK
    )
    stacked = np.concatenate([a, a2]), np.concatenate([b, b2], axis=1)
    got = lora.low_rank_update(*stacked, alpha=2 * RANK)
    np.testing.assert_allclose(got, both, rtol=1e-12, atol=1e-12)


def test_dora_has_the_lengths_and_the_directions(lora, rng):
    _, weight, a, b = matrices(rng)
    magnitude = rng.normal(size=D_OUT)
    got = lora.dora_weight(weight, a, b, magnitude, alpha=4.0)
    lengths = np.linalg.norm(got, axis=1)
    np.testing.assert_allclose(lengths, abs(magnitude), rtol=1e-12)
    merged = lora.merge_lora(weight, a, b, alpha=4.0)
    cosines = (got * merged).sum(axis=1) / lengths / np.linalg.norm(merged, axis=1)
    np.testing.assert_allclose(cosines, np.sign(magnitude), rtol=1e-12)


def test_dora_starts_as_the_weight(lora, rng):
    _, weight, a, b = matrices(rng)
    magnitude = np.linalg.norm(weight, axis=1)
    got = lora.dora_weight(weight, a, 0 * b, magnitude, alpha=4.0)
    np.testing.assert_allclose(got, weight, rtol=1e-14)


@pytest.mark.parametrize("bias", [False, True])
def test_the_merged_layer_does_the_work_of_both(bias):
    layer = adapted(bias=bias)
    x = torch.randn(11, D_IN, dtype=torch.float64)
    before = layer.linear.weight.clone()
    merged = layer.merged()
    assert type(merged) is nn.Linear
    assert (merged.bias is None) is not bias
    torch.testing.assert_close(merged(x), layer(x), rtol=1e-12, atol=1e-12)
    assert torch.equal(layer.linear.weight, before)
    assert not torch.equal(merged.weight, before)
    assert not any(p.requires_grad for p in merged.parameters())


def test_only_the_factors_are_trained():
    layer = adapted()
    trained = {name for name, p in layer.named_parameters() if p.requires_grad}
    assert trained == {"a", "b"}
    assert layer.a.shape == (RANK, D_IN)
    assert layer.b.shape == (D_OUT, RANK)


def test_training_reaches_a_change_of_that_rank(rng):
    layer = adapted(rank=1, trained=False)
    change = torch.from_numpy(np.outer(rng.normal(size=D_OUT), rng.normal(size=D_IN)))
    target = layer.linear.weight + change
    optimizer = torch.optim.LBFGS([layer.a, layer.b], max_iter=100, tolerance_change=0)

    def distance():
        optimizer.zero_grad()
        given = layer.linear.weight, layer.a, layer.b
        loss = (merge_lora(*given, alpha=4.0) - target).square().sum()
        loss.backward()
        return loss

    optimizer.step(distance)
    torch.testing.assert_close(layer.merged().weight, target, rtol=1e-5, atol=1e-5)


# Edge: the type kept, 16 bits rounded once, extremes, inputs unchanged


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_keeps_the_dtype(lora, rng, dtype):
    x, weight, a, b = (m.astype(dtype) for m in matrices(rng, (2,)))
    assert lora.low_rank_update(a, b, alpha=3.0).dtype == dtype
    assert lora.lora_linear(x, weight, a, b, alpha=3.0).dtype == dtype
    assert lora.merge_lora(weight, a, b, alpha=3.0).dtype == dtype
    magnitude = np.ones(D_OUT, dtype)
    assert lora.dora_weight(weight, a, b, magnitude, alpha=3.0).dtype == dtype


def test_rounds_once_in_16_bits(lora, rng):
    _, weight, a, b = (m.astype("float16") for m in matrices(rng))
    wide = [m.astype(float) for m in (weight, a, b)]
    want = lora.merge_lora(*wide, alpha=3.0).astype("float16")
    np.testing.assert_array_equal(lora.merge_lora(weight, a, b, alpha=3.0), want)
    want = lora.low_rank_update(*wide[1:], alpha=3.0).astype("float16")
    np.testing.assert_array_equal(lora.low_rank_update(a, b, alpha=3.0), want)
    magnitude = np.ones(D_OUT)
    want = lora.dora_weight(*wide, magnitude, alpha=3.0).astype("float16")
    got = lora.dora_weight(weight, a, b, magnitude.astype("float16"), alpha=3.0)
    np.testing.assert_array_equal(got, want)


def test_a_small_update_is_lost_in_bfloat16():
    one, a = torch.ones(1, 1).bfloat16(), torch.ones(1, 1).bfloat16()
    for share, moved in (1 / 512, False), (1 / 128, True):
        b = torch.full((1, 1), share).bfloat16()
        assert (merge_lora(one, a, b, alpha=1.0) != one).item() is moved


def test_long_sums_do_not_overflow_16_bits(lora):
    a, b = np.full((1, 2), 200.0, "float16"), np.full((2, 1), 400.0, "float16")
    got = lora.low_rank_update(a, b, alpha=0.5)  # 80,000 in between
    np.testing.assert_array_equal(got, np.full((2, 2), 40_000.0))
    weight, magnitude = np.full((1, 2), 300.0, "float16"), np.ones(1, "float16")
    got = lora.dora_weight(weight, a, 0 * b[:1], magnitude, alpha=1.0)
    np.testing.assert_allclose(got, np.full((1, 2), 0.5**0.5), rtol=1e-3)


@pytest.mark.parametrize("size", [1e-4, 1e4])
def test_the_size_of_the_weights_is_free(lora, rng, size):
    _, weight, a, b = matrices(rng)
    magnitude = np.ones(D_OUT)
    want = lora.dora_weight(weight, a, b, magnitude, alpha=4.0)
    got = lora.dora_weight(size * weight, a, size * b, magnitude, alpha=4.0)
    np.testing.assert_allclose(got, want, rtol=1e-12)


def test_leaves_its_inputs_as_they_are(lang, rng):
    module = lang.module("fine_tuning")
    given = [lang.array(m) for m in matrices(rng, (2,))]
    copies = [lang.numpy(m).copy() for m in given]
    module.lora_linear(*given, alpha=2.0)
    module.merge_lora(*given[1:], alpha=2.0)
    module.dora_weight(*given[1:], lang.array(np.ones(D_OUT)), alpha=2.0)
    for array, copy in zip(given, copies, strict=True):
        np.testing.assert_array_equal(lang.numpy(array), copy)


def test_no_examples_give_no_outputs(lora, rng):
    x, weight, a, b = matrices(rng, (0,))
    assert lora.lora_linear(x, weight, a, b, alpha=1.0).shape == (0, D_OUT)


def test_the_layer_keeps_to_the_dtype_and_the_device_of_its_base():
    layer = LoRALinear(nn.Linear(D_IN, D_OUT, device="meta").half(), RANK, alpha=1)
    for p in layer.parameters():
        assert (p.dtype, p.device.type) == (torch.float16, "meta")
    assert layer.merged().weight.dtype == torch.float16


# Gradient


@pytest.mark.parametrize("rank_stabilized", [False, True])
def test_gradients(rng, rank_stabilized):
    given = [torch.tensor(m, requires_grad=True) for m in matrices(rng, (2,))]
    options = {"alpha": 4.0, "rank_stabilized": rank_stabilized}
    assert torch.autograd.gradcheck(lambda *z: lora_linear(*z, **options), given)
    _, *rest = given
    assert torch.autograd.gradcheck(lambda *z: merge_lora(*z, **options), rest)
    factors = rest[1:]
    assert torch.autograd.gradcheck(lambda *z: low_rank_update(*z, **options), factors)
    rest.append(torch.tensor(rng.normal(size=D_OUT), requires_grad=True))
    assert torch.autograd.gradcheck(lambda *z: dora_weight(*z, alpha=4.0), rest)


@pytest.mark.parametrize(
    ("a_is_zero", "b_is_zero", "moves"),
    [(False, True, "b"), (True, False, "a"), (True, True, ""), (False, False, "ab")],
)
def test_the_gradients_at_the_start(rng, a_is_zero, b_is_zero, moves):
    layer = adapted()
    if a_is_zero:
        nn.init.zeros_(layer.a)
    if b_is_zero:
        nn.init.zeros_(layer.b)
    x = torch.from_numpy(rng.normal(size=(11, D_IN)))
    grad = torch.from_numpy(rng.normal(size=(11, D_OUT)))
    layer(x).backward(grad)
    scale, of_weight = 4 / RANK, grad.T @ x
    torch.testing.assert_close(layer.b.grad, scale * of_weight @ layer.a.T)
    torch.testing.assert_close(layer.a.grad, scale * layer.b.T @ of_weight)
    assert ("a" in moves) is bool(layer.a.grad.any())
    assert ("b" in moves) is bool(layer.b.grad.any())
    assert layer.linear.weight.grad is None


# Errors: the whole message


ROWS = np.zeros((2, 3))
FITS = {"x": ROWS, "weight": np.zeros((5, 3)), "a": ROWS, "b": np.zeros((5, 2))}
TAKES = {
    "low_rank_update": ("a", "b"),
    "lora_linear": ("x", "weight", "a", "b"),
    "merge_lora": ("weight", "a", "b"),
    "dora_weight": ("weight", "a", "b", "magnitude"),
}
FITS["magnitude"] = np.ones(5)


def refuses(lora, name, changes, error, message, alpha=1.0):
    given = [(FITS | changes)[argument] for argument in TAKES[name]]
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(lora, name)(*given, alpha=alpha)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize("alpha", [-1.0, np.inf, np.nan])
def test_alpha_is_a_scale(lora, name, alpha):
    message = f"alpha must be at least 0 and finite; got alpha={alpha}"
    refuses(lora, name, {}, ValueError, message, alpha)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", TAKES)
def test_the_rank_is_at_least_1(lora, name):
    message = "a must have at least 1 row, the rank; got a.shape=(0, 3)"
    changes = {"a": np.zeros((0, 3)), "b": np.zeros((5, 0))}
    refuses(lora, name, changes, ValueError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        (
            "low_rank_update",
            {"b": np.zeros((5, 3))},
            "b must have shape (d_out, rank=2); got b.shape=(5, 3)",
        ),
        (
            "lora_linear",
            {"weight": np.zeros((3, 5))},
            "weight must have shape (d_out, d_in=3); got weight.shape=(3, 5)",
        ),
        (
            "lora_linear",
            {"b": np.zeros((1, 2))},
            "b must have shape (d_out=5, rank=2); got b.shape=(1, 2)",
        ),
        (
            "merge_lora",
            {"a": np.zeros((2, 1))},
            "a must have shape (rank, d_in=3); got a.shape=(2, 1)",
        ),
        (
            "merge_lora",
            {"b": np.zeros(5)},
            "b must have shape (d_out=5, rank=2); got b.shape=(5,)",
        ),
        (
            "dora_weight",
            {"magnitude": np.ones((1, 3))},
            "magnitude must have shape (d_out=5,); got magnitude.shape=(1, 3)",
        ),
        (
            "dora_weight",
            {"magnitude": np.ones(1)},
            "magnitude must have shape (d_out=5,); got magnitude.shape=(1,)",
        ),
        (
            "dora_weight",
            {},
            "weight plus its update must have rows of a length above 0 and finite; "
            "got length=0.0",
        ),
        (
            "dora_weight",
            {"weight": np.full((5, 3), np.inf)},
            "weight plus its update must have rows of a length above 0 and finite; "
            "got length=inf",
        ),
    ],
)
def test_shapes_and_directions_must_fit(lora, name, changes, message):
    refuses(lora, name, changes, ValueError, message)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", TAKES)
def test_dtypes_must_fit(lora, name):
    message = "b must have the dtype of {}, float64; got b.dtype=float32"
    changes = {"b": np.zeros((5, 2), "float32")}
    refuses(lora, name, changes, TypeError, message.format(TAKES[name][0]))
    message = "a must be floating point; got a.dtype=int64"
    refuses(lora, name, {"a": np.zeros((2, 3), int)}, TypeError, message)


NOT_LINEAR = "linear must be a torch.nn.Linear; got type(linear)="


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("linear", "rank", "alpha", "error", "message"),
    [
        (nn.ReLU(), 2, 1, TypeError, NOT_LINEAR + "ReLU"),
        (nn.Conv1d(3, 5, 1), 2, 1, TypeError, NOT_LINEAR + "Conv1d"),
        (None, 0, 1, ValueError, "rank must be at least 1; got rank=0"),
        (None, 2, -1, ValueError, "alpha must be at least 0 and finite; got alpha=-1"),
    ],
)
def test_the_layer_refuses(linear, rank, alpha, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        LoRALinear(linear or nn.Linear(3, 5), rank, alpha=alpha)


@pytest.mark.usefixtures("unchecked")
def test_the_layer_refuses_what_does_not_fit():
    layer = adapted()
    message = "weight must have shape (d_out, d_in=5); got weight.shape=(5, 7)"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(torch.ones(2, 5, dtype=torch.float64))
