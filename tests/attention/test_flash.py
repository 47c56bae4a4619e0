import math
import re
import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.flex_attention import flex_attention
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from dlref.torch.attention import flash_attention, flash_attention_backward

BATCH = 2, 3
QUERIES, KEYS, D_K, D_V = 5, 7, 11, 13
BLOCKS = [(1, 1), (2, 3), (3, 2), (5, 7), (64, 64)]
SIDES = [(QUERIES, KEYS), (KEYS, QUERIES), (7, 7), (1, 7), (7, 1)]


@pytest.fixture(scope="session")
def attention(lang):
    return lang.subject("attention")


def blocks(query_block=2, key_block=3, **options):
    return {"query_block": query_block, "key_block": key_block, **options}


def random_qkv(rng, batch=BATCH, queries=QUERIES, keys=KEYS):
    shapes = (queries, D_K), (keys, D_K), (keys, D_V)
    return [rng.normal(size=(*batch, *shape)) for shape in shapes]


def assert_near(got, want, tolerance=1e-12):
    for one, other in zip(got, want, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)


def seen(scores):
    """Which pairs a causal mask allows, the last query aligned with the last key."""
    queries, keys = scores.shape[-2:]
    return torch.ones(queries, keys, dtype=bool).tril(keys - queries)


def naive(query, key, value, causal=False):
    """The output and the log-sum-exp, with all scores at once."""
    query, key, value = (torch.tensor(x) for x in (query, key, value))
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    if causal:
        allowed = seen(scores)
        scores = scores.masked_fill(~allowed, -math.inf)
    logsumexp = scores.logsumexp(dim=-1, keepdim=True)
    weights = (scores - logsumexp.nan_to_num(neginf=0)).exp()
    return (weights @ value).numpy(), logsumexp[..., 0].numpy()


def by_autograd(grad, *qkv, causal=False):
    """The gradients of attention that stores its weights."""
    query, key, value = (torch.tensor(x, requires_grad=True) for x in qkv)
    scores = query @ key.mT / math.sqrt(query.shape[-1])
    if causal:
        allowed = seen(scores)
        scores = scores.masked_fill(~allowed, -1e9)
        scores = scores.masked_fill(~allowed.any(dim=-1, keepdim=True), 0)
        output = scores.softmax(dim=-1) @ value * allowed.any(dim=-1, keepdim=True)
    else:
        output = scores.softmax(dim=-1) @ value
    output.backward(torch.tensor(grad))
    return [x.grad.numpy() for x in (query, key, value)]


numbers = st.floats(-30, 30)


# By hand


def test_running_sums_by_hand(attention):
    scores = np.array([1.0, 3.0, 2.0, 5.0])
    sums = [1.0, 1 + math.exp(-2), 1 + math.exp(-2) + math.exp(-1)]
    sums.append(1 + sums[2] * math.exp(-2))
    for count, most, want in zip((1, 2, 3, 4), (1, 3, 3, 5), sums, strict=True):
        assert_near(attention.online_softmax(scores[:count], 1), (most, want))
    maximum, total = attention.online_softmax(scores, 2)
    assert math.isclose(maximum + math.log(total), 5.185182, abs_tol=1e-6)


def test_attention_by_hand(attention):
    query, key = np.array([[2.0, 0, 0, 0]]), np.zeros((3, 4))  # d_k = 4: halved
    key[:, 0] = np.log([1.0, 3.0, 4.0])
    value = np.array([[10.0, 0], [30.0, 8], [5.0, 0]])
    for sizes in BLOCKS:
        found = attention.flash_attention(query, key, value, **blocks(*sizes))
        assert_near(found, ([[15, 3]], [math.log(8)]))


def test_causal_attention_by_hand(attention):
    query, value = np.zeros((2, 1)), np.array([[1.0], [3.0], [8.0]])
    found = attention.flash_attention(query, value, value, **blocks(causal=True))
    assert_near(found, ([[2], [4]], [math.log(2), math.log(3)]))


def test_merge_by_hand(attention):
    outputs, sums = np.array([[[25.0]], [[5.0]]]), np.log([[4.0], [12.0]])
    assert_near(attention.merge_attention(outputs, sums), ([[10]], [math.log(16)]))


def test_backward_by_hand(attention):
    query, key = np.array([[1.0]]), np.log([[1.0], [3.0], [4.0]])
    value, grad = np.array([[10.0], [30.0], [5.0]]), np.array([[2.0]])
    saved = attention.flash_attention(query, key, value, **blocks())
    found = attention.flash_attention_backward(
        grad, query, key, value, *saved, **blocks()
    )
    # By score: the weight times how far its value lies from the output, 15, times 2.
    by_score = 2 * np.array([[-5 / 8], [15 * 3 / 8], [-10 * 4 / 8]])
    assert_near(found, (by_score.T @ key, by_score, [[2 / 8], [6 / 8], [1]]))


# Oracle


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", BLOCKS)
def test_is_attention(attention, rng, sizes, causal):
    for sides in SIDES:
        qkv = random_qkv(rng, queries=sides[0], keys=sides[1])
        found = attention.flash_attention(*qkv, **blocks(*sizes, causal=causal))
        assert_near(found, naive(*qkv, causal))


def test_is_the_fused_kernel_of_the_library(attention, rng):
    qkv = [x[..., :D_K] for x in random_qkv(rng, queries=KEYS)]  # the kernel's d_v is d_k
    found = attention.flash_attention(*qkv, **blocks())
    query, key, value = map(torch.tensor, qkv)
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    assert_near(found, [x.numpy() for x in kernel(query, key, value)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is not compiled
        found_too = flex_attention(query, key, value, return_lse=True)
    assert_near(found, [x.numpy() for x in found_too])


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", BLOCKS)
def test_backward_is_autograd(attention, rng, sizes, causal):
    for sides in SIDES:
        qkv = random_qkv(rng, queries=sides[0], keys=sides[1])
        saved = attention.flash_attention(*qkv, **blocks(causal=causal))
        grad = rng.normal(size=saved[0].shape)
        found = attention.flash_attention_backward(
            grad, *qkv, *saved, **blocks(*sizes, causal=causal)
        )
        assert_near(found, by_autograd(grad, *qkv, causal=causal))


# Laws


def test_each_row_has_a_maximum_and_a_sum_of_its_own(attention, rng):
    scores = rng.normal(size=(*BATCH, KEYS))
    most = scores.max(axis=-1)
    total = np.exp(scores - most[..., None]).sum(axis=-1)
    assert_near(attention.online_softmax(scores, 3), (most, total))


@given(st.lists(numbers | st.just(-math.inf), max_size=11), st.integers(1, 12))
def test_online_softmax_is_the_maximum_and_the_sum(attention, scores, block_size):
    scores = np.array(scores, float)
    maximum, total = attention.online_softmax(scores, block_size)
    most = max(scores, default=-math.inf)
    assert maximum == most
    want = sum(math.exp(x - most) for x in scores) if most > -math.inf else 0
    assert math.isclose(total, want, rel_tol=1e-12)


@given(st.integers(1, 8), st.integers(1, 8), st.booleans())
def test_blocks_do_not_matter(attention, query_block, key_block, causal):
    qkv = random_qkv(np.random.default_rng(3), batch=())
    whole = attention.flash_attention(*qkv, **blocks(64, 64, causal=causal))
    sizes = blocks(query_block, key_block, causal=causal)
    assert_near(attention.flash_attention(*qkv, **sizes), whole)


@given(st.lists(st.integers(0, 5), min_size=2, max_size=2), st.permutations(range(3)))
def test_keys_may_be_split_and_merged_in_any_order(attention, cuts, order):
    query, key, value = random_qkv(np.random.default_rng(3), batch=())
    cuts = [0, *sorted(cuts), KEYS]
    parts = [
        attention.flash_attention(query, key[i:j], value[i:j], **blocks())
        for i, j in pairwise(cuts)
    ]
    whole = attention.flash_attention(query, key, value, **blocks())
    one, two, three = (parts[i] for i in order)

    def merged(*some):
        return attention.merge_attention(*map(np.stack, zip(*some, strict=True)))

    assert_near(merged(one, two, three), whole)
    assert_near(merged(merged(one, two), three), whole)
    assert_near(merged(one, merged(two, three)), whole)


def test_a_shift_of_all_scores_shifts_the_log_sum_exp_alone(attention, rng):
    query, key, value = random_qkv(rng)
    longer = np.concatenate([query, np.ones_like(query[..., :1])], axis=-1)
    # Width 12 in place of 11: the scale is made up for.
    scale = math.sqrt((D_K + 1) / D_K)
    shifted = np.concatenate([scale * key, np.full_like(key[..., :1], 7)], axis=-1)
    output, logsumexp = attention.flash_attention(query, key, value, **blocks())
    found = attention.flash_attention(longer, shifted, value, **blocks())
    assert_near(found, (output, logsumexp + 7 / math.sqrt(D_K + 1)))


def test_heads_may_share_keys_without_copies(attention, rng):
    query, key, value = random_qkv(rng, batch=(2, 1))
    query = rng.normal(size=(2, 3, QUERIES, D_K))
    found = attention.flash_attention(query, key, value, **blocks())
    copies = [np.repeat(x, 3, axis=1) for x in (key, value)]
    assert_near(found, attention.flash_attention(query, *copies, **blocks()))
    output, sums = attention.flash_attention(query[0, 0], key[0, 0], value, **blocks())
    want, same = naive(query[0, 0], key[0, 0], value)
    assert_near([output, sums], [want, np.broadcast_to(same, (2, 1, QUERIES))])


def test_the_products_it_takes():
    n, d = 12, 4
    q, k, v, grad = torch.randn(4, n, d)

    def flops(function):
        with FlopCounterMode(display=False) as counter:
            result = function()
        return counter.get_total_flops() / (n * n * d), result

    forward, saved = flops(lambda: flash_attention(q, k, v, **blocks(3, 4)))
    backward, _ = flops(
        lambda: flash_attention_backward(grad, q, k, v, *saved, **blocks(3, 4))
    )
    assert (forward, backward) == (4, 10)
    # Causal, the first query block of four sees the first key block alone, and so on.
    forward, _ = flops(lambda: flash_attention(q, k, v, **blocks(3, 3, causal=True)))
    assert forward == 4 * (1 + 2 + 3 + 4) / 16


def test_what_no_query_of_a_block_sees_is_not_read(attention, rng):
    """The first two queries see four keys: values behind these may be anything."""
    query, key, value = random_qkv(rng)
    grad = rng.normal(size=(*BATCH, QUERIES, D_V))
    sizes = blocks(2, 1, causal=True)
    saved = attention.flash_attention(query, key, value, **sizes)
    spoiled = value.copy()
    spoiled[..., 4:, :] = math.nan
    output, _ = attention.flash_attention(query, key, spoiled, **sizes)
    assert_near(output[..., :2, :], saved[0][..., :2, :])
    assert np.isnan(output[..., 2:, :]).all()
    d_query, _, _ = attention.flash_attention_backward(
        grad, query, key, spoiled, *saved, **sizes
    )
    want, _, _ = by_autograd(grad, query, key, value, causal=True)
    assert_near(d_query[..., :2, :], want[..., :2, :])


def test_later_keys_are_seen_unless_it_is_causal(attention, rng):
    qkv = random_qkv(rng)
    saved = attention.flash_attention(*qkv, **blocks())
    assert_near(saved, naive(*qkv, causal=False))
    grad = rng.normal(size=saved[0].shape)
    found = attention.flash_attention_backward(grad, *qkv, *saved, **blocks())
    assert_near(found, by_autograd(grad, *qkv, causal=False))


class Largest(TorchDispatchMode):
    """Note the largest tensor that an operation returns."""

    def __init__(self):
        super().__init__()
        self.size = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        for x in result if isinstance(result, tuple | list) else [result]:
            if isinstance(x, torch.Tensor):
                self.size = max(self.size, x.numel())
        return result


@pytest.mark.usefixtures("unchecked")
def test_never_holds_more_than_a_block_of_scores():
    q, k, v, grad = torch.randn(4, 64, 4)
    with Largest() as largest:
        saved = flash_attention(q, k, v, **blocks(16, 16))
        flash_attention_backward(grad, q, k, v, *saved, **blocks(16, 16))
    assert largest.size == max(16 * 16, 64 * 4)


# Edges


def test_a_query_that_sees_no_key(attention, rng):
    qkv = random_qkv(rng, queries=KEYS, keys=QUERIES)
    for sizes in BLOCKS:
        sizes = blocks(*sizes, causal=True)
        output, logsumexp = attention.flash_attention(*qkv, **sizes)
        assert (output[..., :2, :] == 0).all()
        assert (logsumexp[..., :2] == -math.inf).all()
        assert np.isfinite(logsumexp[..., 2:]).all()
        grad = np.ones_like(output)
        gradients = attention.flash_attention_backward(
            grad, *qkv, output, logsumexp, **sizes
        )
        assert all(np.isfinite(x).all() for x in gradients)
        assert (gradients[0][..., :2, :] == 0).all()


@pytest.mark.parametrize("batched", range(3))
def test_a_block_that_sees_no_key_has_the_batch_axes_of_all(attention, rng, batched):
    qkv = random_qkv(rng, (), queries=KEYS, keys=QUERIES)
    qkv[batched] = rng.normal(size=(*BATCH, *qkv[batched].shape))
    found = attention.flash_attention(*qkv, **blocks(causal=True))
    output, sums = naive(*qkv, causal=True)
    assert_near(found, (output, np.broadcast_to(sums, (*BATCH, KEYS))))
    query, key, value = qkv
    nothing = key[..., :0, :], value[..., :0, :]
    found = attention.flash_attention(query, *nothing, **blocks())
    none = np.full((*BATCH, KEYS), -math.inf)
    assert_near(found, (np.zeros((*BATCH, KEYS, D_V)), none))


@pytest.mark.parametrize("causal", [False, True])
def test_no_key_at_all_and_no_query(attention, causal):
    sizes = blocks(causal=causal)
    for queries, keys in (3, 0), (0, 5), (0, 0):
        query, key, value = np.ones((queries, 2)), np.ones((keys, 2)), np.ones((keys, 4))
        saved = attention.flash_attention(query, key, value, **sizes)
        assert_near(saved, (np.zeros((queries, 4)), np.full(queries, -math.inf)))
        gradients = attention.flash_attention_backward(
            np.ones((queries, 4)), query, key, value, *saved, **sizes
        )
        assert_near(gradients, map(np.zeros_like, (query, key, value)))
    maximum, total = attention.online_softmax(np.ones((3, 0)), 2)
    assert_near((maximum, total), (np.full(3, -math.inf), np.zeros(3)))


def test_a_part_without_keys_changes_nothing(attention, rng):
    outputs, sums = rng.normal(size=(1, 5, 3)), rng.normal(size=(1, 5))
    empty = np.zeros_like(outputs), np.full_like(sums, -math.inf)
    parts = [np.concatenate(x) for x in zip((outputs, sums), empty, strict=True)]
    assert_near(attention.merge_attention(*parts), (outputs[0], sums[0]))
    assert_near(attention.merge_attention(*empty), (empty[0][0], empty[1][0]))
    outputs[:, 2], sums[:, 2] = 0, -math.inf  # one query alone has no key in any part
    parts = np.stack([outputs[0]] * 2), np.stack([sums[0]] * 2)
    assert_near(attention.merge_attention(*parts), (outputs[0], sums[0] + math.log(2)))


def test_scores_of_thousands(attention):
    scores = np.array([1e4, -1e4, 1e4])
    assert_near(attention.online_softmax(scores, 1), (1e4, 2))
    query, key = np.array([[100.0]]), np.array([[100.0], [-100.0], [100.0]])
    value = np.array([[1.0], [7.0], [3.0]])
    saved = attention.flash_attention(query, key, value, **blocks(1, 1))
    assert_near(saved, ([[2]], [1e4 + math.log(2)]))
    gradients = attention.flash_attention_backward(
        np.ones((1, 1)), query, key, value, *saved, **blocks(1, 1)
    )
    assert_near(gradients, ([[0]], [[-50], [0], [50]], [[0.5], [0], [0.5]]), 1e-9)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_keeps_the_dtype_and_sums_in_32_bits(attention, rng, dtype):
    qkv = [x.astype(dtype) for x in random_qkv(rng)]
    saved = attention.flash_attention(*qkv, **blocks())
    wide = np.promote_types(dtype, "float32")
    assert [x.dtype for x in saved] == [dtype, wide]
    gradients = attention.flash_attention_backward(saved[0], *qkv, *saved, **blocks())
    assert {x.dtype for x in gradients} == {np.dtype(dtype)}
    merged = attention.merge_attention(saved[0][None], saved[1][None])
    assert [x.dtype for x in merged] == [dtype, wide]
    assert {x.dtype for x in attention.online_softmax(qkv[0], 2)} == {wide}
    exact = naive(*(x.astype(float) for x in qkv))
    assert_near(saved, exact, {"float16": 1e-2, "float32": 1e-5, "float64": 1e-12}[dtype])


def test_bfloat16_keeps_its_dtype_too(rng):
    qkv = [torch.tensor(x).bfloat16() for x in random_qkv(rng)]
    saved = flash_attention(*qkv, **blocks())
    assert [x.dtype for x in saved] == [torch.bfloat16, torch.float32]
    gradients = flash_attention_backward(saved[0], *qkv, *saved, **blocks())
    assert {x.dtype for x in gradients} == {torch.bfloat16}


def test_another_default_device_changes_nothing(rng):
    qkv, sizes = [torch.tensor(x) for x in random_qkv(rng)], blocks(causal=True)
    saved = flash_attention(*qkv, **sizes)
    gradients = flash_attention_backward(saved[0], *qkv, *saved, **sizes)
    with torch.device("meta"):
        again = flash_attention(*qkv, **sizes)
        back = flash_attention_backward(saved[0], *qkv, *saved, **sizes)
    assert all(map(torch.equal, (*again, *back), (*saved, *gradients)))


def test_many_float32_terms_add_up(attention):
    """A running sum of a million terms stays within a few units in the last place."""
    maximum, total = attention.online_softmax(np.zeros(2**20, "float32"), 2**10)
    assert (maximum, total) == (0, 2**20)


def test_inputs_are_unchanged(attention, rng):
    qkv = random_qkv(rng)
    copies = [x.copy() for x in qkv]
    saved = attention.flash_attention(*qkv, **blocks(causal=True))
    attention.flash_attention_backward(saved[0], *qkv, *saved, **blocks(causal=True))
    for one, other in zip(qkv, copies, strict=True):
        np.testing.assert_array_equal(one, other)


# Gradient


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("sides", SIDES)
def test_autograd_goes_through_the_blocks(rng, sides):
    qkv = [
        torch.tensor(x[..., :2], requires_grad=True) for x in random_qkv(rng, (), *sides)
    ]
    causal = sides[0] <= sides[1]  # or L is −∞ somewhere

    def both(*qkv):
        return flash_attention(*qkv, **blocks(causal=causal))

    assert torch.autograd.gradcheck(both, qkv)


@pytest.mark.usefixtures("unchecked")
def test_autograd_is_finite_for_a_query_that_sees_no_key(rng):
    qkv = [torch.tensor(x, requires_grad=True) for x in random_qkv(rng, (), 7, 5)]
    output, _ = flash_attention(*qkv, **blocks(causal=True))
    output.sum().backward()
    assert all(x.grad.isfinite().all() for x in qkv)


def test_a_merge_has_the_gradient_of_the_whole(lang, rng):
    from dlref.torch.attention import merge_attention, online_softmax

    scores = torch.tensor(rng.normal(size=7), requires_grad=True)
    maximum, total = online_softmax(scores, 3)
    (slope,) = torch.autograd.grad(maximum + total.log(), scores)
    assert_near([slope], [scores.detach().softmax(dim=0)])

    outputs = torch.tensor(rng.normal(size=(2, 3, 2)), requires_grad=True)
    sums = torch.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    assert torch.autograd.gradcheck(merge_attention, (outputs, sums))


# Errors


QKV = {"query": np.ones((5, 3)), "key": np.ones((7, 3)), "value": np.ones((7, 2))}
SAVED = {"grad": np.ones((5, 2)), "output": np.ones((5, 2)), "logsumexp": np.ones(5)}


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query_block": 0}, "query_block must be at least 1; got query_block=0"),
        ({"key_block": -1}, "key_block must be at least 1; got key_block=-1"),
        (
            {"key": np.ones((7, 2))},
            "key must have the width of query; got key.shape=(7, 2), query.shape=(5, 3)",
        ),
        (
            {"value": np.ones((5, 2))},
            "value must have one row per key; got value.shape=(5, 2), key.shape=(7, 3)",
        ),
        (
            {"query": np.ones((5, 0)), "key": np.ones((7, 0))},
            "query must have a width of at least 1; got query.shape=(5, 0)",
        ),
        (
            {"query": np.ones((2, 5, 3)), "key": np.ones((3, 7, 3))},
            "query, key and value must have batch axes that broadcast; got "
            "query.shape=(2, 5, 3), key.shape=(3, 7, 3), value.shape=(7, 2)",
        ),
    ],
)
def test_refuses_what_does_not_fit(attention, change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        attention.flash_attention(**QKV | blocks() | change)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query_block": -1}, "query_block must be at least 1; got query_block=-1"),
        ({"key_block": 0}, "key_block must be at least 1; got key_block=0"),
        (
            {"query": np.ones((4, 3))},
            "query must have shape (queries=5, d_k); got query.shape=(4, 3)",
        ),
        (
            {"key": np.ones((2, 7, 3))},
            "key must have shape (keys, d_k=3); got key.shape=(2, 7, 3)",
        ),
        (
            {"output": np.ones((5, 3))},
            "output must have shape (queries=5, d_v=2); got output.shape=(5, 3)",
        ),
        (
            {"logsumexp": np.ones((5, 1))},
            "logsumexp must have shape (5,); got logsumexp.shape=(5, 1)",
        ),
    ],
)
def test_refuses_what_does_not_fit_backward(attention, change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        attention.flash_attention_backward(**QKV | SAVED | blocks() | change)


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_log_sum_exp_of_16_bits(attention):
    half = {x: a.astype("float16") for x, a in (QKV | SAVED).items()}
    message = (
        "logsumexp must have 32 bits, where grad has 16; got logsumexp.dtype=float16"
    )
    with pytest.raises(TypeError, match=f"^{message}$"):
        attention.flash_attention_backward(**half | blocks())
    message = message.replace("logsumexp", "logsumexps").replace("grad", "outputs")
    with pytest.raises(TypeError, match=f"^{message}$"):
        attention.merge_attention(half["grad"][None], half["logsumexp"][None])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((5, 3), (5,)),
            "outputs must have shape (parts, ..., queries, d_v); "
            "got outputs.shape=(5, 3)",
        ),
        (
            ((2, 5, 3), (5,)),
            "logsumexps must have shape (2, 5); got logsumexps.shape=(5,)",
        ),
    ],
)
def test_refuses_to_merge(attention, shapes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        attention.merge_attention(*map(np.ones, shapes))


@pytest.mark.usefixtures("unchecked")
def test_refuses_to_read_nothing(attention):
    message = "block_size must be at least 1; got block_size=0"
    with pytest.raises(ValueError, match=f"^{message}$"):
        attention.online_softmax(np.ones(3), 0)
    message = r"scores must have an axis of keys; got scores\.shape=\(\)"
    with pytest.raises(ValueError, match=f"^{message}$"):
        attention.online_softmax(np.array(1.0), 1)
