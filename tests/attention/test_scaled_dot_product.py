import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.nn.attention.bias import causal_lower_right
from torch.utils._python_dispatch import TorchDispatchMode

BATCH = 2, 3
QUERIES, KEYS, D_K, D_V = 5, 7, 11, 13


@pytest.fixture(scope="session")
def attention(lang):
    return lang.subject("attention")


def random_qkv(rng, batch=BATCH, queries=QUERIES, keys=KEYS):
    shapes = (queries, D_K), (keys, D_K), (keys, D_V)
    return [rng.normal(size=(*batch, *shape)) for shape in shapes]


def alibi(queries, keys, slope=0.5):
    """What ALiBi adds to a score: it falls with the distance to the key."""
    return -slope * np.abs(np.arange(keys - queries, keys)[:, None] - np.arange(keys))


def library(*qkv, **options):
    return F.scaled_dot_product_attention(*map(torch.tensor, qkv), **options).numpy()


numbers = st.floats(-30, 30)


@st.composite
def masked_scores(draw):
    """Scores and a mask that may be smaller, down to an axis or two of size 1."""
    shape = draw(st.sampled_from([(7,), (5, 7), (3, 5, 7), (3, 5, 1), (5, 0)]))
    smaller = [draw(st.sampled_from([1, size])) for size in shape]
    dropped = draw(st.integers(0, len(shape) - 1))
    mask = draw(arrays(bool, tuple(smaller[dropped:])))
    return draw(arrays(float, shape, elements=numbers)), mask


@st.composite
def qkv_and_mask(draw):
    """Small queries, keys, values, and which pair may meet."""
    queries, keys = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    shapes = (2, queries, 3), (2, keys, 3), (2, keys, 1)
    qkv = [draw(arrays(float, shape, elements=st.floats(-3, 3))) for shape in shapes]
    return qkv, draw(arrays(bool, (2, queries, keys)))


# By hand


def test_weights_by_hand(attention):
    scores = np.log([[1.0, 3.0, 4.0], [1.0, 3.0, 4.0]])
    mask = np.array([[True, True, True], [True, True, False]])
    want = [[1 / 8, 3 / 8, 4 / 8], [1 / 4, 3 / 4, 0]]
    np.testing.assert_allclose(attention.masked_softmax(scores, mask), want, rtol=1e-12)
    np.testing.assert_allclose(attention.masked_softmax(scores[:1]), want[:1], rtol=1e-12)


def test_attention_by_hand(attention):
    query = np.array([[2.0, 0, 0, 0], [0, 2.0, 0, 0]])  # d_k = 4: the scores are halved
    key = np.array([[np.log(3), 0, 0, 0], [0, np.log(9), 0, 0]])
    value = np.array([[10.0, 0], [30.0, 100]])
    want = [[10 * 3 / 4 + 30 / 4, 25], [10 / 10 + 30 * 9 / 10, 90]]
    out = attention.scaled_dot_product_attention(query, key, value)
    np.testing.assert_allclose(out, want, rtol=1e-12)
    mask = np.array([[True, False], [True, True]])
    out = attention.scaled_dot_product_attention(query, key, value, mask)
    np.testing.assert_allclose(out, [[10, 0], want[1]], rtol=1e-12)


def test_a_bias_by_hand(attention):
    zeros, value = np.zeros((2, 1)), np.array([[10.0], [30.0]])
    bias = np.log([[3.0, 1.0], [1.0, 9.0]])  # so it multiplies weights that are equal
    out = attention.scaled_dot_product_attention(zeros, zeros, value, bias=bias)
    np.testing.assert_allclose(out, [[15], [28]], rtol=1e-12)
    causal = attention.causal_mask(2)
    out = attention.scaled_dot_product_attention(zeros, zeros, value, causal, bias=bias)
    np.testing.assert_allclose(out, [[10], [28]], rtol=1e-12)


def test_masking_after_the_softmax_leaves_rows_below_one(attention):
    scores, mask = np.zeros((2, 2)), attention.causal_mask(2)
    after = attention.masked_softmax(scores) * mask
    np.testing.assert_allclose(after.sum(axis=-1), [0.5, 1])
    np.testing.assert_allclose(attention.masked_softmax(scores, mask).sum(axis=-1), 1)


# Oracle


def test_equals_the_library(attention, rng):
    qkv = random_qkv(rng)
    out = attention.scaled_dot_product_attention(*qkv)
    np.testing.assert_allclose(out, library(*qkv), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "shape",
    [(2, 3, 5, 7), (3, 5, 7), (5, 7), (2, 1, 1, 7), (2, 1, 5, 7), (5, 1), (1, 1, 1, 1)],
)
def test_equals_the_library_with_a_mask(attention, rng, shape):
    qkv, mask = random_qkv(rng), rng.random(shape) < 0.5
    mask[..., 0, :] = False  # some queries may see nothing
    out = attention.scaled_dot_product_attention(*qkv, mask)
    want = library(*qkv, attn_mask=torch.tensor(mask))
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    "shape", [(2, 3, 5, 7), (3, 5, 7), (5, 7), (3, 1, 7), (2, 1, 5, 1), (1, 7), (1, 1)]
)
def test_equals_the_library_with_a_bias(attention, rng, shape):
    qkv, bias = random_qkv(rng), rng.normal(size=shape)
    out = attention.scaled_dot_product_attention(*qkv, bias=bias)
    wide = torch.tensor(np.broadcast_to(bias, (*BATCH, QUERIES, KEYS)))
    want = library(*qkv, attn_mask=wide)
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)

    mask = rng.random((QUERIES, KEYS)) < 0.5
    mask[0] = False
    out = attention.scaled_dot_product_attention(*qkv, mask, bias=bias)
    want = library(*qkv, attn_mask=wide.where(torch.tensor(mask), -torch.inf))
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)


def test_equals_the_library_with_a_causal_mask(attention, rng):
    query, key, value = random_qkv(rng)
    out = attention.scaled_dot_product_attention(
        query, key, value, attention.causal_mask(QUERIES, KEYS)
    )
    want = library(query, key, value, attn_mask=causal_lower_right(QUERIES, KEYS))
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)

    key, value = key[..., :QUERIES, :], value[..., :QUERIES, :]
    out = attention.scaled_dot_product_attention(
        query, key, value, attention.causal_mask(QUERIES)
    )
    want = library(query, key, value, is_causal=True)
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)


def test_the_library_aligns_is_causal_with_the_first_key(attention, rng):
    query, key, value = random_qkv(rng, queries=1)
    np.testing.assert_allclose(
        library(query, key, value, is_causal=True), value[..., :1, :]
    )
    out = attention.scaled_dot_product_attention(
        query, key, value, attention.causal_mask(1, KEYS)
    )
    np.testing.assert_allclose(out, library(query, key, value), rtol=1e-12, atol=1e-14)


def test_shared_heads_equal_the_library(attention, rng):
    kv_heads, group = 3, 2
    query, _, _ = random_qkv(rng, (2, kv_heads * group))
    _, key, value = random_qkv(rng, (2, kv_heads))
    out = attention.scaled_dot_product_attention(
        query.reshape(2, kv_heads, group, QUERIES, D_K),
        key[:, :, None],
        value[:, :, None],
        attention.causal_mask(QUERIES, KEYS),
    )
    causal = torch.ones(QUERIES, KEYS).tril(KEYS - QUERIES).bool()
    want = library(query, key, value, attn_mask=causal, enable_gqa=True)
    np.testing.assert_allclose(out.reshape(want.shape), want, rtol=1e-12, atol=1e-14)


# Law


@given(example=masked_scores())
def test_weights_sum_to_one_over_the_allowed_keys(attention, example):
    scores, mask = example
    weights = attention.masked_softmax(scores, mask)
    allowed = np.broadcast_to(mask, scores.shape)
    assert weights.shape == scores.shape
    assert (weights >= 0).all()
    assert (weights[~allowed] == 0).all()
    np.testing.assert_allclose(weights.sum(-1), allowed.any(-1), rtol=1e-12)


@given(example=masked_scores())
def test_a_masked_key_is_as_good_as_absent(attention, example):
    scores, mask = example
    weights = attention.masked_softmax(scores, mask)
    allowed = np.broadcast_to(mask, scores.shape)
    for i in np.ndindex(scores.shape[:-1]):
        present = attention.masked_softmax(scores[i][allowed[i]])
        np.testing.assert_allclose(weights[i][allowed[i]], present, rtol=1e-12)


@given(scores=arrays(float, (3, 5), elements=numbers), constant=numbers)
def test_a_constant_added_to_a_row_changes_nothing(attention, scores, constant):
    np.testing.assert_allclose(
        attention.masked_softmax(scores + constant),
        attention.masked_softmax(scores),
        rtol=1e-12,
    )


@given(scores=arrays(float, (3, 5), elements=numbers))
def test_allowing_everything_is_no_mask(attention, scores):
    np.testing.assert_array_equal(
        attention.masked_softmax(scores, np.ones((1, 1), bool)),
        attention.masked_softmax(scores),
    )


@given(example=qkv_and_mask(), data=st.data())
def test_the_order_of_the_keys_does_not_matter(attention, example, data):
    (query, key, value), mask = example
    order = data.draw(st.permutations(range(key.shape[-2])))
    shuffled = key[:, order], value[:, order], mask[..., order]
    np.testing.assert_allclose(
        attention.scaled_dot_product_attention(query, *shuffled),
        attention.scaled_dot_product_attention(query, key, value, mask),
        rtol=1e-10,
        atol=1e-12,
    )


@given(example=qkv_and_mask())
def test_the_average_lies_between_the_values(attention, example):
    (query, key, value), mask = example
    out = attention.scaled_dot_product_attention(query, key, value, mask)
    pairs = np.broadcast_to(value[..., None, :, 0], mask.shape)
    highest = np.where(mask, pairs, -np.inf).max(axis=-1)
    lowest = np.where(mask, pairs, np.inf).min(axis=-1)
    seeing = mask.any(axis=-1)
    assert (out[..., 0] <= highest + 1e-12)[seeing].all()
    assert (out[..., 0] >= lowest - 1e-12)[seeing].all()
    assert (out[~seeing] == 0).all()


@given(example=qkv_and_mask(), data=st.data())
def test_a_masked_key_has_no_influence(attention, example, data):
    (query, key, value), mask = example
    j = data.draw(st.integers(0, key.shape[-2] - 1))
    mask[..., j] = False
    before = attention.scaled_dot_product_attention(query, key, value, mask)
    key[:, j], value[:, j] = data.draw(numbers), data.draw(numbers)
    after = attention.scaled_dot_product_attention(query, key, value, mask)
    np.testing.assert_array_equal(after, before)


@given(example=qkv_and_mask(), data=st.data())
def test_a_bias_that_all_keys_share_changes_nothing(attention, example, data):
    (*qkv, value), mask = example
    bias = data.draw(arrays(float, (*mask.shape[:-1], 1), elements=numbers))
    np.testing.assert_allclose(
        attention.scaled_dot_product_attention(*qkv, value, mask, bias=bias),
        attention.scaled_dot_product_attention(*qkv, value, mask),
        rtol=1e-10,
        atol=1e-12,
    )


@given(example=qkv_and_mask(), data=st.data())
def test_a_bias_of_one_more_entry_is_a_key_of_one_more(attention, example, data):
    (query, key, value), mask = example
    added = data.draw(arrays(float, (2, 1, key.shape[-2]), elements=st.floats(-3, 3)))
    root = math.sqrt(4)  # of the width with one more entry, which asks 1 and offers it
    wider = np.concatenate(
        [query * root / math.sqrt(3), np.ones_like(query[..., :1])], -1
    )
    longer = np.concatenate([key, root * added.mT], -1)
    np.testing.assert_allclose(
        attention.scaled_dot_product_attention(query, key, value, mask, bias=added),
        attention.scaled_dot_product_attention(wider, longer, value, mask),
        rtol=1e-10,
        atol=1e-12,
    )


def test_alibi_depends_on_distance_alone(attention, rng):
    query, key, value = random_qkv(rng, ())
    for keys in KEYS, KEYS - 2:
        out = attention.scaled_dot_product_attention(
            query[-3:], key[-keys:], value[-keys:], bias=alibi(3, keys)
        )
        moved = np.subtract.outer(np.arange(94, 97), np.arange(97 - keys, 97))
        want = attention.scaled_dot_product_attention(
            query[-3:], key[-keys:], value[-keys:], bias=-0.5 * abs(moved)
        )
        np.testing.assert_array_equal(out, want)


@pytest.mark.parametrize("j", range(KEYS))
def test_no_token_leaks_to_those_before_it(attention, rng, j):
    query, key, value = random_qkv(rng, queries=KEYS)
    mask = attention.causal_mask(KEYS)
    before = attention.scaled_dot_product_attention(query, key, value, mask)
    for array in query, key, value:
        array[..., j, :] += 1
    after = attention.scaled_dot_product_attention(query, key, value, mask)
    np.testing.assert_array_equal(after[..., :j, :], before[..., :j, :])
    assert (after[..., j:, :] != before[..., j:, :]).any(axis=-1).all()


def test_documents_in_one_sequence_are_as_if_alone(attention, rng):
    qkv = random_qkv(rng, queries=KEYS)
    mask = attention.document_mask(np.array([0, 0, 0, 1, 1, 1, 1]))
    packed = attention.scaled_dot_product_attention(
        *qkv, mask & attention.causal_mask(KEYS)
    )
    for part in slice(0, 3), slice(3, 7):
        alone = [x[..., part, :] for x in qkv]
        n = alone[0].shape[-2]
        out = attention.scaled_dot_product_attention(*alone, attention.causal_mask(n))
        np.testing.assert_allclose(packed[..., part, :], out, rtol=1e-12, atol=1e-14)


def test_padding_of_either_side_changes_nothing(attention, rng):
    query, key, value = random_qkv(rng, (2,))
    for side, true in ("right", slice(0, 4)), ("left", slice(KEYS - 4, KEYS)):
        mask = attention.padding_mask(np.array([4, 4]), KEYS, side=side)
        np.testing.assert_allclose(
            attention.scaled_dot_product_attention(query, key, value, mask),
            attention.scaled_dot_product_attention(query, key[:, true], value[:, true]),
            rtol=1e-12,
            atol=1e-14,
        )


def test_a_graph_is_a_mask(attention, rng):
    adjacent = np.eye(5, dtype=bool)
    adjacent[[0, 1, 1, 2], [1, 0, 2, 1]] = True  # the path 0 – 1 – 2, and 3, 4 apart
    query, key, value = random_qkv(rng, (), keys=5)
    out = attention.scaled_dot_product_attention(query, key, value, adjacent)
    np.testing.assert_allclose(out[3:], value[3:])
    alone = attention.scaled_dot_product_attention(query[:1], key[:2], value[:2])
    np.testing.assert_allclose(out[:1], alone, rtol=1e-12)


def test_dividing_by_the_root_keeps_the_variance_at_one(attention):
    rng = np.random.default_rng(1)
    d_k, tokens = 97, 2003
    query, key = rng.normal(size=(2, tokens, d_k))
    assert (query * key).sum(axis=-1).var() == pytest.approx(d_k, rel=0.1)
    # The weights tell the scores: their logarithms differ by as much as the scores do.
    key = np.stack([key, np.zeros_like(key)], axis=-2)
    value = np.broadcast_to(np.eye(2), (tokens, 2, 2))
    weights = attention.scaled_dot_product_attention(query[:, None], key, value)[:, 0]
    scores = np.log(weights[:, 0]) - np.log(weights[:, 1])
    assert scores.var() == pytest.approx(1, rel=0.1)


# Edge


def test_a_query_that_may_see_nothing_returns_zeros(attention, rng):
    qkv, mask = random_qkv(rng), np.ones((QUERIES, KEYS), bool)
    mask[2] = False
    out = attention.scaled_dot_product_attention(*qkv, mask)
    assert (out[..., 2, :] == 0).all()
    assert (out[..., [0, 1, 3, 4], :] != 0).all()


def test_more_queries_than_keys_leave_the_first_ones_empty(attention, rng):
    qkv = random_qkv(rng, queries=5, keys=3)
    out = attention.scaled_dot_product_attention(*qkv, attention.causal_mask(5, 3))
    assert (out[..., :2, :] == 0).all()
    np.testing.assert_allclose(out[..., 2, :], qkv[2][..., 0, :])


def test_no_keys_at_all_give_zeros(attention, rng):
    qkv = random_qkv(rng, keys=0)
    for mask in (), (attention.causal_mask(QUERIES, 0),):
        out = attention.scaled_dot_product_attention(*qkv, *mask)
        np.testing.assert_array_equal(out, np.zeros((*BATCH, QUERIES, D_V)))


def test_one_key_is_returned(attention, rng):
    query, key, value = random_qkv(rng, keys=1)
    out = attention.scaled_dot_product_attention(query, key, value)
    np.testing.assert_array_equal(out, np.broadcast_to(value, out.shape))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("masked", [True, False])
def test_huge_scores_stay_finite(attention, dtype, masked):
    scores = np.array([[1e4, -1e4, 1e4], [-1e4, -1e4, -1e4]], dtype)
    mask = (np.array([[True, True, False], [True, True, True]]),) if masked else ()
    want = [[1, 0, 0] if masked else [1 / 2, 0, 1 / 2], [1 / 3] * 3]
    np.testing.assert_allclose(attention.masked_softmax(scores, *mask), want, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_lowest_of_scores_still_beats_a_masked_one(attention, dtype):
    scores = np.array([np.finfo(dtype).min, 0], dtype)
    weights = attention.masked_softmax(scores, np.array([True, False]))
    np.testing.assert_array_equal(weights, [1, 0])


@pytest.mark.parametrize("junk", [np.nan, np.inf, -np.inf])
def test_a_masked_score_may_be_anything(attention, junk):
    scores = np.array([[0.0, 0.0, junk], [junk, junk, junk]])
    mask = np.array([[True, True, False], [False, False, False]])
    weights = attention.masked_softmax(scores, mask)
    np.testing.assert_array_equal(weights, [[0.5, 0.5, 0], [0, 0, 0]])


def test_a_masked_key_may_be_nan_and_a_masked_value_may_not(attention, rng):
    query, key, value = random_qkv(rng)
    mask = attention.padding_mask(np.array(4), KEYS)
    before = attention.scaled_dot_product_attention(query, key, value, mask)

    key[..., 4:, :] = np.nan
    after = attention.scaled_dot_product_attention(query, key, value, mask)
    np.testing.assert_array_equal(after, before)

    value[..., 4:, 0] = np.nan
    after = attention.scaled_dot_product_attention(query, key, value, mask)
    assert np.isnan(after[..., 0]).all()
    np.testing.assert_array_equal(after[..., 1:], before[..., 1:])
    assert np.isnan(
        library(query, key, value, attn_mask=torch.tensor(mask))[..., 0]
    ).all()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_output_has_the_dtype_of_the_inputs(attention, rng, dtype):
    qkv = [x.astype(dtype) for x in random_qkv(rng)]
    for mask in (), (attention.causal_mask(QUERIES, KEYS),):
        assert attention.scaled_dot_product_attention(*qkv, *mask).dtype == dtype
        assert attention.masked_softmax(qkv[0], *(m[:, :1] for m in mask)).dtype == dtype


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("bias_dtype", ["float16", "float32", "float64"])
def test_a_bias_of_any_length_leaves_the_dtype(attention, rng, dtype, bias_dtype):
    qkv = random_qkv(rng)
    bias = rng.normal(size=(QUERIES, KEYS)).astype(bias_dtype)
    out = attention.scaled_dot_product_attention(
        *(x.astype(dtype) for x in qkv), bias=bias
    )
    assert out.dtype == dtype
    want = attention.scaled_dot_product_attention(*qkv, bias=bias.astype(float))
    rtol, atol = (1e-2, 1e-3) if dtype == "float16" else (1e-5, 1e-6)
    np.testing.assert_allclose(out, want, rtol=rtol, atol=atol)


def test_a_bias_at_any_distance_is_no_mask(attention):
    keys = 131_072
    query, key, value = np.zeros((1, 1)), np.zeros((keys, 1)), np.zeros((keys, 1))
    value[-1] = 1.0
    bias = alibi(1, keys, slope=0.999)
    out = attention.scaled_dot_product_attention(query, key, value, bias=bias)
    np.testing.assert_allclose(out, [[1 - np.exp(-0.999)]], rtol=1e-12)


@pytest.mark.parametrize("size", [1e4, 65_504, 9_999_999])
def test_a_huge_bias_stays_finite(attention, size):
    zeros, value = np.zeros((2, 1), "float32"), np.array([[10.0], [30.0]], "float32")
    bias = np.array([[-size, size], [-size, -size]], "float32")
    out = attention.scaled_dot_product_attention(zeros, zeros, value, bias=bias)
    np.testing.assert_array_equal(out, [[30], [20]])


def test_a_bias_opens_no_row_that_sees_nothing(attention, rng):
    qkv, bias = random_qkv(rng), np.full((QUERIES, KEYS), 1e4)
    mask = np.zeros((QUERIES, KEYS), bool)
    out = attention.scaled_dot_product_attention(*qkv, mask, bias=bias)
    np.testing.assert_array_equal(out, np.zeros_like(out))


def test_no_keys_need_no_bias(attention, rng):
    qkv = random_qkv(rng, keys=0)
    out = attention.scaled_dot_product_attention(*qkv, bias=np.zeros((QUERIES, 0)))
    np.testing.assert_array_equal(out, np.zeros((*BATCH, QUERIES, D_V)))


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_number_of_batch_axes(attention, rng, batch):
    qkv, mask = random_qkv(rng, batch), rng.random((*batch, QUERIES, KEYS)) < 0.5
    out = attention.scaled_dot_product_attention(*qkv, mask)
    assert isinstance(out, np.ndarray)
    for i in np.ndindex(batch):
        alone = attention.scaled_dot_product_attention(*(x[i] for x in qkv), mask[i])
        np.testing.assert_allclose(out[i], alone, rtol=1e-12, atol=1e-14)


def test_the_same_queries_for_every_example(attention, rng):
    query, key, value = random_qkv(rng)
    out = attention.scaled_dot_product_attention(query[0, 0], key, value)
    query = np.broadcast_to(query[0, 0], query.shape)
    want = attention.scaled_dot_product_attention(query, key, value)
    np.testing.assert_allclose(out, want, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_on_torch(rng, dtype):
    from dlref.torch.attention import causal_mask, scaled_dot_product_attention

    qkv, mask = [torch.tensor(x) for x in random_qkv(rng)], causal_mask(QUERIES, KEYS)
    half = [x.to(dtype).requires_grad_() for x in qkv]
    out = scaled_dot_product_attention(*half, mask)
    out.sum().backward()
    assert {x.grad.dtype for x in half} == {out.dtype} == {dtype}
    want = scaled_dot_product_attention(*qkv, mask)
    torch.testing.assert_close(out.double(), want, rtol=0.1, atol=0.05)


def test_torch_reads_shared_keys_and_values_where_they_lie(rng):
    from dlref.torch.attention import scaled_dot_product_attention

    class Products(TorchDispatchMode):
        """Notes what each batched matrix product reads, as (address, size)."""

        def __init__(self):
            super().__init__()
            self.read = []

        def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
            if operator is torch.ops.aten.bmm.default:
                self.read += [(x.data_ptr(), x.numel()) for x in args]
            return operator(*args, **(kwargs or {}))

    query = torch.tensor(rng.normal(size=(2, 3, 5, QUERIES, D_K)))
    key = torch.tensor(rng.normal(size=(2, 3, 1, KEYS, D_K)))
    value = torch.tensor(rng.normal(size=(2, 3, 1, KEYS, D_V)))
    with Products() as products:
        scaled_dot_product_attention(query, key, value)
    for shared in key, value:
        assert (shared.data_ptr(), shared.numel()) in products.read
    assert len(products.read) == 4

    with Products() as products:
        query @ key.mT  # what it is compared with: one copy per query head
    assert [size for _, size in products.read] == [query.numel(), 5 * key.numel()]


def test_inputs_are_left_alone(lang, rng):
    module = lang.module("attention")
    bias = rng.normal(size=(QUERIES, KEYS))
    originals = *random_qkv(rng), bias, rng.random((QUERIES, KEYS)) < 0.5
    inputs = [lang.array(x) for x in originals]
    if lang.name == "numpy":
        for array in inputs:
            array.setflags(write=False)
    module.scaled_dot_product_attention(*inputs[:3], inputs[-1], bias=inputs[3])
    module.masked_softmax(inputs[0][..., :1], inputs[-1][:, :1])
    for array, before in zip(inputs, originals, strict=True):
        np.testing.assert_array_equal(array, before)


# Gradient


def torch_qkv(rng, **options):
    return [torch.tensor(x, requires_grad=True) for x in random_qkv(rng, (), **options)]


@pytest.mark.parametrize("masked", [True, False])
def test_gradcheck(rng, masked):
    from dlref.torch.attention import scaled_dot_product_attention

    mask = torch.tensor([[True, False, True], [False] * 3]) if masked else None
    assert torch.autograd.gradcheck(
        lambda *qkv: scaled_dot_product_attention(*qkv, mask),
        torch_qkv(rng, queries=2, keys=3),
    )


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("shape", [(2, 3), (1, 3), (2, 1)])
def test_gradcheck_of_a_bias(rng, masked, shape):
    from dlref.torch.attention import scaled_dot_product_attention

    mask = torch.tensor([[True, False, True], [False] * 3]) if masked else None
    bias = torch.tensor(rng.normal(size=shape), requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda bias, *qkv: scaled_dot_product_attention(*qkv, mask, bias=bias),
        (bias, *torch_qkv(rng, queries=2, keys=3)),
    )


def test_the_gradient_of_a_bias_is_that_of_the_scores_and_finite(rng):
    from dlref.torch.attention import masked_softmax, scaled_dot_product_attention

    zeros = torch.zeros(1, 1, dtype=torch.float64)
    value = torch.tensor([[1.0], [2.0], [7.0]], dtype=torch.float64)
    mask = torch.tensor([[True, True, False]])
    for size in 1.0, 1e4, 9e6:
        bias = torch.tensor([[size, -size, size]], dtype=torch.float64)
        scores = bias.clone().requires_grad_()
        (masked_softmax(scores, mask) @ value).sum().backward()
        bias.requires_grad_()
        out = scaled_dot_product_attention(
            zeros, zeros.expand(3, 1), value, mask, bias=bias
        )
        out.sum().backward()
        assert bias.grad.isfinite().all()
        assert bias.grad[0, 2] == 0
        torch.testing.assert_close(bias.grad, scores.grad, rtol=1e-12, atol=0)


def test_the_gradient_through_an_empty_row_is_zero_at_every_step(rng):
    from dlref.torch.attention import scaled_dot_product_attention

    query, key, value = torch_qkv(rng)
    mask = torch.ones(QUERIES, KEYS, dtype=torch.bool)
    mask[2], mask[:, 3] = False, False
    with (
        pytest.warns(UserWarning, match=r"^Anomaly Detection has been enabled"),
        torch.autograd.detect_anomaly(check_nan=True),  # raises at the first NaN
    ):
        scaled_dot_product_attention(query, key, value, mask).sum().backward()
    assert (query.grad[2] == 0).all()
    assert (key.grad[3] == 0).all()
    assert (value.grad[3] == 0).all()
    for x in query, key, value:
        assert x.grad.isfinite().all()
        assert x.grad.any()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_gradient_at_huge_scores_is_finite(dtype):
    from dlref.torch.attention import masked_softmax

    scores = torch.tensor([[1e4, -1e4, 1e4], [-1e4, 0, 1e4]], dtype=dtype)
    for mask in None, torch.tensor([[True, True, False], [False, False, False]]):
        scores = scores.detach().requires_grad_()
        (masked_softmax(scores, mask) ** 2).sum().backward()
        assert scores.grad.isfinite().all()


def test_the_jacobian_of_causal_attention_is_lower_triangular(rng):
    from dlref.torch.attention import causal_mask, scaled_dot_product_attention

    x = torch.tensor(rng.normal(size=(KEYS, D_K)))
    jacobian = torch.autograd.functional.jacobian(
        lambda x: scaled_dot_product_attention(x, x, x, causal_mask(KEYS)), x
    )
    depends = jacobian.abs().amax(dim=(1, 3)) > 0
    torch.testing.assert_close(depends, causal_mask(KEYS))


def test_the_gradient_needs_masked_keys_to_be_numbers(rng):
    from dlref.torch.attention import padding_mask, scaled_dot_product_attention

    query, key, value = torch_qkv(rng)
    with torch.no_grad():
        key[4:] = math.nan
    out = scaled_dot_product_attention(
        query, key, value, padding_mask(torch.tensor(4), KEYS)
    )
    out.sum().backward()
    assert out.isfinite().all()
    assert query.grad.isnan().all()


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"mask": np.where(np.tri(5, 7, dtype=bool), 0, -np.inf)},
            TypeError,
            "mask must be boolean, True = may attend: what is added to scores is a bias; "
            "got mask.dtype=float64",
        ),
        (
            {"mask": np.tri(5, 7, dtype=int)},
            TypeError,
            "mask must be boolean, True = may attend: what is added to scores is a bias; "
            "got mask.dtype=int64",
        ),
        (
            {"bias": np.ones((5, 7), bool)},
            TypeError,
            "bias must be floating point: what hides keys is a mask; got bias.dtype=bool",
        ),
        (
            {"bias": np.ones((5, 7), int)},
            TypeError,
            "bias must be floating point: what hides keys is a mask; "
            "got bias.dtype=int64",
        ),
        (
            {"bias": np.zeros((5, 6))},
            ValueError,
            "bias must broadcast to (3, 5, 7); got bias.shape=(5, 6)",
        ),
        (
            {"bias": np.zeros((2, 1, 1, 7))},
            ValueError,
            "bias must broadcast to (3, 5, 7); got bias.shape=(2, 1, 1, 7)",
        ),
        *(
            (
                {"bias": np.array([0, 0, 0, number, 0, 0, 0], dtype)},
                ValueError,
                f"bias must lie strictly between -{limit} and {limit}: "
                f"what hides keys is a mask; got bias={number}",
            )
            for number, dtype, limit in [
                (-np.inf, "float64", 10_000_000),
                (np.inf, "float64", 10_000_000),
                (np.nan, "float64", 10_000_000),
                (-1e9, "float32", 10_000_000),
                (-1e7, "float32", 10_000_000),
                (float(np.finfo("float32").min), "float32", 10_000_000),
                (float(np.finfo("float64").min), "float64", 10_000_000),
                (1e7, "float32", 10_000_000),
                (-65504.0, "float16", 65504),
                (65504.0, "float16", 65504),
                (-np.inf, "float16", 65504),
            ]
        ),
        (
            {"mask": np.ones((5, 6), bool)},
            ValueError,
            "mask must broadcast to (3, 5, 7); got mask.shape=(5, 6)",
        ),
        (
            {"mask": np.ones((2, 1, 1, 7), bool)},  # one batch axis too many
            ValueError,
            "mask must broadcast to (3, 5, 7); got mask.shape=(2, 1, 1, 7)",
        ),
        (
            {"query": np.zeros((3, 5, 2))},
            ValueError,
            "key must have the width of query; "
            "got key.shape=(3, 7, 11), query.shape=(3, 5, 2)",
        ),
        (
            {"value": np.zeros((3, 1, 13))},
            ValueError,
            "value must have one row per key; "
            "got value.shape=(3, 1, 13), key.shape=(3, 7, 11)",
        ),
        (
            {"query": np.zeros((3, 5, 0)), "key": np.zeros((3, 7, 0))},
            ValueError,
            "query must have a width of at least 1; got query.shape=(3, 5, 0)",
        ),
        (
            {"query": np.zeros((2, 5, 11))},
            ValueError,
            "query, key and value must have batch axes that broadcast; "
            "got query.shape=(2, 5, 11), key.shape=(3, 7, 11), value.shape=(3, 7, 13)",
        ),
        (
            {"value": np.zeros((2, 7, 13))},
            ValueError,
            "query, key and value must have batch axes that broadcast; "
            "got query.shape=(3, 5, 11), key.shape=(3, 7, 11), value.shape=(2, 7, 13)",
        ),
        (
            {"value": np.zeros((2, 1, 7, 13)), "key": np.zeros((5, 3, 7, 11))},
            ValueError,
            "query, key and value must have batch axes that broadcast; got "
            "query.shape=(3, 5, 11), key.shape=(5, 3, 7, 11), value.shape=(2, 1, 7, 13)",
        ),
        (
            {"key": np.zeros((3, 7, 11), "float32")},
            TypeError,
            "key must have the dtype of query, float64; got key.dtype=float32",
        ),
        (
            {"value": np.zeros((3, 7, 13), "float16")},
            TypeError,
            "value must have the dtype of query, float64; got value.dtype=float16",
        ),
        (
            {"query": np.zeros((3, 5, 11), "float32")},
            TypeError,
            "key must have the dtype of query, float32; got key.dtype=float64",
        ),
        (
            {"query": np.zeros(11)},
            ValueError,
            "query must have an axis of positions and one of widths; "
            "got query.shape=(11,)",
        ),
        (
            {"key": np.zeros((3, 7, 11), int)},
            TypeError,
            "key must be floating point; got key.dtype=int64",
        ),
    ],
)
def test_refuses(attention, change, error, message):
    options = {
        "query": np.zeros((3, 5, 11)),
        "key": np.zeros((3, 7, 11)),
        "value": np.zeros((3, 7, 13)),
    }
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        attention.scaled_dot_product_attention(**(options | change))


def test_bfloat16_has_no_lowest_number_as_a_bias():
    from dlref.torch.attention import scaled_dot_product_attention

    x = torch.zeros(2, 3, dtype=torch.bfloat16)
    bias = torch.tensor([[0, torch.finfo(torch.bfloat16).min]], dtype=torch.bfloat16)
    message = (
        "bias must lie strictly between -10000000 and 10000000: "
        f"what hides keys is a mask; got bias={bias[0, 1].item()}"
    )
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        scaled_dot_product_attention(x, x, x, bias=bias)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("scores", "mask", "error", "message"),
    [
        (
            np.zeros((5, 7)),
            np.zeros((5, 7)),
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=float64",
        ),
        (
            np.zeros((5, 7)),
            np.ones(5, bool),
            ValueError,
            "mask must broadcast to (5, 7); got mask.shape=(5,)",
        ),
        (
            np.zeros((5, 7), int),
            np.ones((5, 7), bool),
            TypeError,
            "scores must be floating point; got scores.dtype=int64",
        ),
    ],
)
def test_masked_softmax_refuses(attention, scores, mask, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        attention.masked_softmax(scores, mask)
