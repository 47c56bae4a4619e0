"""Biases and buckets by distance: what both languages must do, judged once."""

import importlib
import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.flex_attention import flex_attention

HEADS = 5


sizes = st.integers(1, 43)


@st.composite
def bucketings(draw):
    """Options that fit."""
    bidirectional = draw(st.booleans())
    buckets = 2 * draw(st.integers(2, 20))
    exact = buckets // (4 if bidirectional else 2)
    largest = draw(st.integers(exact + 1, exact + 200))
    return {
        "num_buckets": buckets,
        "max_distance": largest,
        "bidirectional": bidirectional,
    }


def t5_bucket(offsets, num_buckets, max_distance, bidirectional, dtype):
    """As T5's code has it, line by line: a logarithm, cut off."""
    found = torch.zeros_like(offsets, dtype=torch.long)
    distances = -offsets
    if bidirectional:
        num_buckets //= 2
        found += (distances < 0).long() * num_buckets
        distances = distances.abs()
    else:
        distances = distances.clamp(min=0)
    exact = num_buckets // 2
    large = torch.log(distances.to(dtype) / exact) / math.log(max_distance / exact)
    large = exact + (large * (num_buckets - exact)).clamp(min=0).long()
    large = large.clamp(max=num_buckets - 1)
    return found + torch.where(distances < exact, distances.round().long(), large)


# By hand


def test_slopes_by_hand(positions):
    assert positions.alibi_slopes(8).tolist() == [2.0**-k for k in range(1, 9)]
    assert positions.alibi_slopes(1).tolist() == [2.0**-8]
    root = math.sqrt(0.5)
    want = [root**k for k in range(1, 17)]
    np.testing.assert_allclose(positions.alibi_slopes(16), want, rtol=1e-14)


def test_slopes_of_twelve_heads_by_hand(positions):
    want = [2.0**-k for k in range(1, 9)] + [2.0**-k for k in (0.5, 1.5, 2.5, 3.5)]
    np.testing.assert_allclose(positions.alibi_slopes(12), want, rtol=1e-14)


def test_a_bias_by_hand(positions):
    near, far = positions.alibi_bias(2, 2, 4)
    np.testing.assert_array_equal(16 * near, [[-2, -1, 0, -1], [-3, -2, -1, 0]])
    np.testing.assert_array_equal(256 * far, [[-2, -1, 0, -1], [-3, -2, -1, 0]])


def test_buckets_by_hand(positions):
    """The numbers of the page, from the code of T5."""
    distances = [0, 7, 8, 11, 12, 15, 16, 22, 23, 31, 32, 46, 64, 91, 128]
    wanted = [0, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 14, 15, 15]
    both = positions.relative_buckets(199)
    assert both[198, [198 - r for r in distances]].tolist() == wanted
    behind = [16 + x if x else 0 for x in wanted]
    assert both[0, distances].tolist() == behind

    one = positions.relative_buckets(199, bidirectional=False)
    assert (one[0] == 0).all()
    distances = [15, 16, 23, 31, 32, 46, 64, 91, 127]
    wanted = [15, 16, 18, 21, 21, 24, 26, 29, 31]
    assert one[198, [198 - r for r in distances]].tolist() == wanted


def test_buckets_of_ten_times_the_distance_by_hand(positions):
    """Whole numbers, which 6 · (10⁶)^(k/6) misses by the last bits."""
    options = {"num_buckets": 12, "max_distance": 6_000_000, "bidirectional": False}
    before = positions.relative_buckets(1, 700_000, **options)[0, ::-1]
    starts = np.flatnonzero(np.diff(before)) + 1
    assert starts.tolist() == [1, 2, 3, 4, 5, *(6 * 10**k for k in range(6))]


# Oracle


def their_slopes(heads):
    """As the authors of ALiBi have it, by recursion."""

    def of_a_power(n):
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]

    if math.log2(heads).is_integer():
        return of_a_power(heads)
    power = 2 ** math.floor(math.log2(heads))
    return of_a_power(power) + their_slopes(2 * power)[0::2][: heads - power]


@pytest.mark.parametrize("heads", [*range(1, 35), 71, 112])
def test_slopes_equal_those_of_the_authors(positions, heads):
    want = their_slopes(heads)
    np.testing.assert_allclose(positions.alibi_slopes(heads), want, rtol=1e-13)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_the_bias_equals_that_of_flex_attention(positions):
    slopes = torch.tensor(positions.alibi_slopes(HEADS))
    query, key, value = torch.randn(3, 1, HEADS, 7, 11, dtype=torch.float64)

    def linear(score, batch, head, i, j):
        return score - slopes[head] * (i - j).abs()

    bias = torch.tensor(positions.alibi_bias(HEADS, 7))
    ours = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    theirs = flex_attention(query, key, value, score_mod=linear)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_buckets_equal_those_of_t5(positions, bidirectional, dtype):
    offsets = torch.arange(503) - torch.arange(503)[:, None]
    want = t5_bucket(offsets, 32, 128, bidirectional, dtype)
    got = positions.relative_buckets(503, bidirectional=bidirectional)
    np.testing.assert_array_equal(got, want)


@given(options=bucketings())
def test_any_buckets_equal_those_of_t5_but_at_their_seams(positions, options):
    """Where a logarithm is a whole number, its rounding decides there."""
    offsets = torch.arange(-307, 308).double()
    low, high = (
        t5_bucket(offsets * (1 + x), dtype=torch.float64, **options)
        for x in (-1e-9, 1e-9)
    )
    got = positions.relative_buckets(308, 615, **options)[0]
    assert ((got == low.numpy()) | (got == high.numpy())).all()


# Law


@given(new=sizes, cached=sizes)
def test_new_queries_have_the_last_rows_of_the_whole_sequence(positions, new, cached):
    keys = new + cached
    whole = positions.alibi_bias(HEADS, keys)
    assert np.array_equal(positions.alibi_bias(HEADS, new, keys), whole[:, cached:])
    whole = positions.relative_buckets(keys)
    assert np.array_equal(positions.relative_buckets(new, keys), whole[cached:])


@given(heads=st.integers(1, 67))
def test_slopes_are_all_different_and_lie_between_the_ends(positions, heads):
    slopes = positions.alibi_slopes(heads)
    assert len(np.unique(slopes)) == len(slopes) == heads
    assert (slopes >= 2.0**-8).all()
    assert (slopes < 1).all()
    assert 2.0**-8 in slopes


@given(heads=st.integers(1, 9), queries=sizes, keys=sizes)
def test_a_bias_depends_on_the_distance_alone(positions, heads, queries, keys):
    bias = positions.alibi_bias(heads, queries, keys)
    assert bias.shape == (heads, queries, keys)
    assert np.array_equal(bias[:, 1:, 1:], bias[:, :-1, :-1])
    assert (bias <= 0).all()
    slopes = positions.alibi_slopes(heads)
    for h, i, j in np.ndindex(bias.shape):
        assert bias[h, i, j] == -slopes[h] * abs(i + keys - queries - j)


def test_to_favor_late_keys_is_to_penalize_early_ones(positions):
    """What all keys of a query share cancels in the softmax."""
    bias = torch.tensor(positions.alibi_bias(HEADS, 7))
    slopes = torch.tensor(positions.alibi_slopes(HEADS))
    query, key, value = torch.randn(3, 1, HEADS, 7, 11, dtype=torch.float64)
    hidden = torch.full((7, 7), -math.inf, dtype=torch.float64).triu(1)
    late = slopes[:, None, None] * torch.arange(7)
    one, other = (
        F.scaled_dot_product_attention(query, key, value, attn_mask=x + hidden)
        for x in (bias, late)
    )
    torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@given(options=bucketings(), keys=st.integers(1, 331))
def test_buckets_grow_with_the_distance_from_each_side(positions, options, keys):
    buckets = positions.relative_buckets(keys, **options)
    total, largest = options["num_buckets"], options["max_distance"]
    half = total // 2 if options["bidirectional"] else total
    before = buckets[-1, ::-1]  # of distance 0, 1, …
    assert before[0] == 0
    assert (np.diff(before) >= 0).all()
    assert (np.diff(before) <= max(1, half)).all()
    assert (before < half).all()
    assert (before[largest:] == half - 1).all()
    exact = half // 2
    assert before[:exact].tolist() == list(range(exact))[:keys]
    if keys > exact:
        assert before[exact] == exact
    behind = buckets[0, 1:]
    want = before[1:] + half if options["bidirectional"] else np.zeros(keys - 1)
    assert np.array_equal(behind, want)


@given(options=bucketings())
def test_buckets_depend_on_the_distance_alone(positions, options):
    buckets = positions.relative_buckets(43, **options)
    assert np.array_equal(buckets[1:, 1:], buckets[:-1, :-1])


def test_the_last_bucket_begins_before_the_largest_distance(positions):
    before = positions.relative_buckets(1, 300, bidirectional=False)[0, ::-1]
    assert before.tolist().index(31) == 113
    before = positions.relative_buckets(1, 300)[0, ::-1]
    assert before.tolist().index(15) == 91


# Edge


def test_one_query_and_one_key(positions):
    assert positions.alibi_bias(1, 1).tolist() == [[[0]]]
    assert positions.relative_buckets(1).tolist() == [[0]]


def test_no_distance_is_no_negative_zero(positions):
    assert not np.signbit(positions.alibi_bias(2, 3).diagonal(axis1=1, axis2=2)).any()


def test_a_bucket_between_the_two_ends_alone(positions):
    options = {"num_buckets": 4, "max_distance": 2}
    assert positions.relative_buckets(3, **options).tolist() == [
        [0, 3, 3],
        [1, 0, 3],
        [1, 1, 0],
    ]


def test_the_type_is_the_languages_own(lang):
    module = lang.module("positions")
    kind = {"numpy": "float64", "torch": "float32"}[lang.name]
    for made in module.alibi_slopes(3), module.alibi_bias(3, 2):
        assert str(made.dtype).removeprefix("torch.") == kind
    buckets = module.relative_buckets(3)
    assert str(buckets.dtype).removeprefix("torch.") == "int64"


@pytest.mark.parametrize("name", ["alibi_slopes", "alibi_bias", "relative_buckets"])
def test_the_result_is_made_where_it_is_used(name):
    make = getattr(importlib.import_module("dlref.torch.positions"), name)
    sizes = {"alibi_slopes": (3,), "alibi_bias": (3, 2), "relative_buckets": (3,)}[name]
    assert make(*sizes, device="meta").device.type == "meta"


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        (
            "alibi_slopes",
            {"num_heads": 0},
            ValueError,
            "num_heads must be at least 1; got num_heads=0",
        ),
        (
            "alibi_slopes",
            {"num_heads": 2.0},
            TypeError,
            "num_heads must be an integer; got type(num_heads)=float",
        ),
        (
            "alibi_bias",
            {"num_heads": 0, "queries": 3},
            ValueError,
            "num_heads must be at least 1; got num_heads=0",
        ),
        (
            "alibi_bias",
            {"num_heads": 2, "queries": 0},
            ValueError,
            "queries must be at least 1; got queries=0",
        ),
        (
            "alibi_bias",
            {"num_heads": 2, "queries": 3, "keys": 0},
            ValueError,
            "keys must be at least 1; got keys=0",
        ),
        (
            "alibi_bias",
            {"num_heads": 2, "queries": 3.0},
            TypeError,
            "queries must be an integer; got type(queries)=float",
        ),
        (
            "relative_buckets",
            {"queries": 0},
            ValueError,
            "queries must be at least 1; got queries=0",
        ),
        (
            "relative_buckets",
            {"queries": 3, "keys": 0},
            ValueError,
            "keys must be at least 1; got keys=0",
        ),
        (
            "relative_buckets",
            {"queries": 3, "num_buckets": 2},
            ValueError,
            "num_buckets must be at least 4; got num_buckets=2",
        ),
        (
            "relative_buckets",
            {"queries": 3, "num_buckets": 7},
            ValueError,
            "num_buckets must be even in both directions; got num_buckets=7",
        ),
        (
            "relative_buckets",
            {"queries": 3, "max_distance": 8},
            ValueError,
            "max_distance must be above 8, the distances with their own bucket; "
            "got max_distance=8",
        ),
        (
            "relative_buckets",
            {"queries": 3, "max_distance": 16, "bidirectional": False},
            ValueError,
            "max_distance must be above 16, the distances with their own bucket; "
            "got max_distance=16",
        ),
        (
            "relative_buckets",
            {"queries": 3, "num_buckets": 32.0},
            TypeError,
            "num_buckets must be an integer; got type(num_buckets)=float",
        ),
    ],
)
def test_refuses(lang, name, options, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(lang.module("positions"), name)(**options)


def test_an_odd_number_of_buckets_fits_one_direction(positions):
    options = {"num_buckets": 5, "max_distance": 9, "bidirectional": False}
    before = positions.relative_buckets(1, 12, **options)[0, ::-1]
    # 2 · 4.5^(1/3) = 3.3 and 2 · 4.5^(2/3) = 5.5 are where buckets 3 and 4 begin.
    assert before.tolist() == [0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4]
