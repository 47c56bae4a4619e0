import importlib
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from torch.nn.attention.bias import causal_lower_right
from torch.nn.attention.flex_attention import create_mask

SIDES = "right", "left"


@pytest.fixture(scope="session")
def masks(lang):
    return lang.subject("attention")


sizes = st.integers(0, 11)


@st.composite
def padded(draw):
    """Lengths of sequences, and a number of keys that is enough for all."""
    keys = draw(sizes)
    shape = draw(st.just(()) | array_shapes(max_dims=2, max_side=3))
    dtype = draw(st.sampled_from(["int64", "int32", "uint8"]))
    return draw(arrays(dtype, shape, elements=st.integers(0, keys))), keys


# By hand


def test_causal_by_hand(masks):
    np.testing.assert_array_equal(masks.causal_mask(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    np.testing.assert_array_equal(
        masks.causal_mask(2, 5), [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]
    )
    np.testing.assert_array_equal(masks.causal_mask(3, 1), [[0], [0], [1]])


def test_padding_by_hand(masks):
    lengths = np.array([3, 0, 1])
    right, left = (masks.padding_mask(lengths, 3, side=side) for side in SIDES)
    np.testing.assert_array_equal(right, [[[1, 1, 1]], [[0, 0, 0]], [[1, 0, 0]]])
    np.testing.assert_array_equal(left, [[[1, 1, 1]], [[0, 0, 0]], [[0, 0, 1]]])


def test_sliding_window_by_hand(masks):
    want = [[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    np.testing.assert_array_equal(masks.sliding_window_mask(4, window=2), want)
    want = [[0, 1, 1, 1, 0], [0, 0, 1, 1, 1]]
    np.testing.assert_array_equal(masks.sliding_window_mask(2, 5, window=3), want)


def test_a_window_to_both_sides_by_hand(masks):
    near = masks.sliding_window_mask(4, window=2)
    want = [[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 1], [0, 0, 1, 1]]
    np.testing.assert_array_equal(near | near.mT, want)


def test_prefix_by_hand(masks):
    want = [[1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    np.testing.assert_array_equal(masks.prefix_mask(3, 4), want)


def test_documents_by_hand(masks):
    want = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    np.testing.assert_array_equal(masks.document_mask(np.array([7, -1, 7])), want)


@pytest.mark.parametrize(
    ("queries", "window", "pairs"),
    [
        (8, 8, 36),
        (4096, 4096, 8_390_656),
        (8, 3, 21),
        (128, 8, 996),
        (4096, 512, 1966336),
    ],
)
def test_pairs_that_the_pages_quote(masks, queries, window, pairs):
    assert masks.sliding_window_mask(queries, window=window).sum() == pairs


# Oracle


@pytest.mark.parametrize(("queries", "keys"), [(5, 5), (3, 8), (1, 7)])
def test_causal_equals_the_library(masks, queries, keys):
    want = causal_lower_right(queries, keys)._materialize()
    np.testing.assert_array_equal(masks.causal_mask(queries, keys), want)


def test_causal_is_where_the_library_adds_nothing(masks):
    added = torch.nn.Transformer.generate_square_subsequent_mask(7)
    np.testing.assert_array_equal(masks.causal_mask(7), added == 0)


def test_the_rest_equals_the_pairwise_rules_of_flex_attention(masks):
    documents = torch.tensor([[0, 0, 1, 1, 1, 2, 2], [5, 3, 3, 3, 5, 5, 5]])
    lengths = torch.tensor([3, 7])
    got_and_rule = [
        (
            masks.sliding_window_mask(7, window=3),
            lambda b, h, i, j: (j <= i) & (i - j < 3),
        ),
        (
            masks.sliding_window_mask(7, window=3)
            | masks.sliding_window_mask(7, window=3).mT,
            lambda b, h, i, j: (i - j).abs() < 3,
        ),
        (masks.prefix_mask(5, 7), lambda b, h, i, j: (j <= i) | (j < 5)),
        (
            masks.document_mask(documents.numpy()),
            lambda b, h, i, j: documents[b, i] == documents[b, j],
        ),
        (
            masks.padding_mask(lengths.numpy(), 7, side="right"),
            lambda b, h, i, j: j < lengths[b],
        ),
        (
            masks.padding_mask(lengths.numpy(), 7, side="left"),
            lambda b, h, i, j: 7 - j <= lengths[b],
        ),
    ]
    for got, rule in got_and_rule:
        want = create_mask(rule, 2, None, 7, 7, device="cpu")[:, 0]
        np.testing.assert_array_equal(np.broadcast_to(got, want.shape), want)


# Law


@given(queries=sizes, keys=sizes)
def test_the_last_query_sees_every_key_and_each_one_before_it_one_less(
    masks, queries, keys
):
    mask = masks.causal_mask(queries, keys)
    assert mask.shape == (queries, keys)
    seen = np.clip(np.arange(queries) + keys - queries + 1, 0, None)
    np.testing.assert_array_equal(mask.sum(axis=-1), seen)
    np.testing.assert_array_equal(mask, np.arange(keys) < seen[:, None])


@given(queries=sizes)
def test_causal_pairs(masks, queries):
    assert masks.causal_mask(queries).sum() == queries * (queries + 1) // 2


@given(queries=sizes, window=st.integers(1, 13))
def test_window_pairs(masks, queries, window):
    w = min(window, queries)
    pairs = masks.sliding_window_mask(queries, window=window).sum()
    assert pairs == queries * w - w * (w - 1) // 2


@given(new=sizes, cached=sizes, window=st.integers(1, 13))
def test_new_queries_have_the_last_rows_of_the_whole_sequence(masks, new, cached, window):
    keys = cached + new
    whole = masks.causal_mask(keys)
    np.testing.assert_array_equal(masks.causal_mask(new, keys), whole[cached:])
    whole = masks.sliding_window_mask(keys, window=window)
    rows = masks.sliding_window_mask(new, keys, window=window)
    np.testing.assert_array_equal(rows, whole[cached:])


@given(queries=sizes, keys=sizes, more=st.integers(0, 3))
def test_a_window_over_everything_is_causal(masks, queries, keys, more):
    window = max(keys, 1) + more
    mask = masks.sliding_window_mask(queries, keys, window=window)
    np.testing.assert_array_equal(mask, masks.causal_mask(queries, keys))


@given(queries=sizes, before=st.integers(1, 13), after=st.integers(1, 13))
def test_a_window_to_both_sides_is_a_band(masks, queries, before, after):
    mask = masks.sliding_window_mask(queries, window=before)
    mask = mask | masks.sliding_window_mask(queries, window=after).mT
    assert mask.shape == (queries, queries)
    for i, j in np.ndindex(mask.shape):
        assert mask[i, j] == (-before < j - i < after)


@given(example=padded(), window=st.integers(1, 13))
def test_a_window_to_both_sides_within_the_true_tokens(masks, example, window):
    lengths, keys = example
    near = masks.sliding_window_mask(keys, window=window)
    mask = (near | near.mT) & masks.padding_mask(lengths, keys)
    for i in np.ndindex(lengths.shape):
        true = int(lengths[i])
        alone = masks.sliding_window_mask(true, window=window)
        np.testing.assert_array_equal(mask[i][:true, :true], alone | alone.mT)
        assert not mask[i][:, true:].any()


def test_stacked_windows_to_both_sides_see_twice_as_far(masks):
    near = masks.sliding_window_mask(107, window=8)
    seen = np.linalg.matrix_power((near | near.mT).astype(int), 5) > 0
    assert seen[53].sum() == 2 * 5 * (8 - 1) + 1


def test_stacked_windows_see_further(masks):
    layer = masks.sliding_window_mask(53, window=8).astype(int)
    seen = np.linalg.matrix_power(layer, 5) > 0
    assert seen[-1].sum() == 5 * (8 - 1) + 1


@given(queries=sizes)
def test_a_prefix_of_nothing_is_causal_and_one_of_everything_is_full(masks, queries):
    np.testing.assert_array_equal(
        masks.prefix_mask(0, queries), masks.causal_mask(queries)
    )
    assert masks.prefix_mask(queries, queries).all()


@given(example=padded())
def test_a_prefix_per_example_is_causal_or_padding(masks, example):
    prefixes, queries = example
    mask = masks.causal_mask(queries) | masks.padding_mask(prefixes, queries)
    for i in np.ndindex(prefixes.shape):
        want = masks.prefix_mask(int(prefixes[i]), queries)
        np.testing.assert_array_equal(mask[i], want)


@given(example=padded())
def test_as_many_keys_as_the_length_on_the_side_of_the_tokens(masks, example):
    lengths, keys = example
    right, left = (masks.padding_mask(lengths, keys, side=side) for side in SIDES)
    assert right.shape == left.shape == (*lengths.shape, 1, keys)
    np.testing.assert_array_equal(right.sum(axis=-1)[..., 0], lengths)
    np.testing.assert_array_equal(left, right[..., ::-1])
    np.testing.assert_array_equal(right, np.sort(right, axis=-1)[..., ::-1])


def test_causal_and_padding_allow_what_both_allow(masks):
    mask = masks.causal_mask(5) & masks.padding_mask(np.array([2, 3]), 5, side="left")
    pairs = {
        (b, i, j)
        for b, n in enumerate([2, 3])
        for i in range(5)
        for j in range(5 - n, i + 1)
    }
    assert {tuple(map(int, pair)) for pair in np.argwhere(mask)} == pairs


@given(documents=arrays(int, array_shapes(max_dims=3, max_side=5), elements=sizes))
def test_documents_are_an_equivalence(masks, documents):
    mask = masks.document_mask(documents)
    assert mask.shape == (*documents.shape, documents.shape[-1])
    assert mask.diagonal(axis1=-2, axis2=-1).all()
    np.testing.assert_array_equal(mask, mask.mT)
    np.testing.assert_array_equal((mask.astype(int) @ mask) > 0, mask)
    for number in range(12):
        members = documents == number
        assert (mask[members] == members[np.nonzero(members)[:-1]]).all()


# Edge


def test_every_mask_is_boolean(lang):
    module = lang.module("attention")
    for mask in (
        module.causal_mask(3),
        module.sliding_window_mask(3, 5, window=2),
        module.prefix_mask(2, 3),
        module.padding_mask(lang.array([2, 3]), 3),
        module.document_mask(lang.array([0, 0, 1])),
    ):
        assert str(mask.dtype).removeprefix("torch.") == "bool"


def test_no_sequence_at_all(masks):
    assert masks.padding_mask(np.zeros(0, int), 3).shape == (0, 1, 3)
    assert masks.document_mask(np.zeros((2, 0), int)).shape == (2, 0, 0)


def test_inputs_are_left_alone(lang):
    module = lang.module("attention")
    integers = lang.array([2, 0, 3])
    if lang.name == "numpy":
        integers.setflags(write=False)
    module.padding_mask(integers, 3, side="left")
    module.document_mask(integers)
    np.testing.assert_array_equal(integers, [2, 0, 3])


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "options", "error", "message"),
    [
        (
            "causal_mask",
            {"queries": -1},
            ValueError,
            "queries must be at least 0; got queries=-1",
        ),
        (
            "causal_mask",
            {"queries": 2, "keys": -3},
            ValueError,
            "keys must be at least 0; got keys=-3",
        ),
        (
            "causal_mask",
            {"queries": 2.5},
            TypeError,
            "queries must be an integer; got type(queries)=float",
        ),
        (
            "sliding_window_mask",
            {"queries": 3, "window": 0},
            ValueError,
            "window must be at least 1; got window=0",
        ),
        (
            "sliding_window_mask",
            {"queries": 3, "window": 1.5},
            TypeError,
            "window must be an integer; got type(window)=float",
        ),
        (
            "sliding_window_mask",
            {"queries": -2, "window": 1},
            ValueError,
            "queries must be at least 0; got queries=-2",
        ),
        (
            "prefix_mask",
            {"prefix": 0, "queries": -2},
            ValueError,
            "queries must be at least 0; got queries=-2",
        ),
        (
            "prefix_mask",
            {"prefix": 4, "queries": 3},
            ValueError,
            "prefix must be at most 3; got prefix=4",
        ),
        (
            "prefix_mask",
            {"prefix": -1, "queries": 3},
            ValueError,
            "prefix must be at least 0; got prefix=-1",
        ),
        (
            "padding_mask",
            {"lengths": np.array([[3, 4]]), "keys": 3},
            ValueError,
            "lengths must be between 0 and 3; got lengths=4",
        ),
        (
            "padding_mask",
            {"lengths": np.array(-1), "keys": 3},
            ValueError,
            "lengths must be between 0 and 3; got lengths=-1",
        ),
        (
            "padding_mask",
            {"lengths": np.array([1.0]), "keys": 3},
            TypeError,
            "lengths must be integers; got lengths.dtype=float64",
        ),
        (
            "padding_mask",
            {"lengths": np.array([1]), "keys": -3},
            ValueError,
            "keys must be at least 0; got keys=-3",
        ),
        (
            "padding_mask",
            {"lengths": np.array([1]), "keys": 3, "side": "top"},
            ValueError,
            'side must be "right" or "left"; got side=\'top\'',
        ),
        (
            "document_mask",
            {"documents": np.array([True, False])},
            TypeError,
            "documents must be integers; got documents.dtype=bool",
        ),
        (
            "document_mask",
            {"documents": np.array(1)},
            ValueError,
            "documents must have an axis of tokens; got documents.shape=()",
        ),
    ],
)
def test_refuses(masks, name, options, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(masks, name)(**options)


@pytest.mark.parametrize(
    ("dtype", "keys"),
    [("int8", 128), ("int8", 300), ("uint8", 256), ("int16", 40_000), ("uint16", 70_000)],
)
def test_lengths_of_a_short_type_do_not_wrap(lang, dtype, keys):
    lengths = np.array([0, 100], dtype)
    if lang.name == "torch":
        lengths = torch.tensor([0, 100], dtype=getattr(torch, dtype))
    mask = lang.module("attention").padding_mask(lengths, keys)
    assert lang.numpy(mask.sum(-1)).tolist() == [[0], [100]]


@pytest.mark.parametrize("name", ["causal_mask", "sliding_window_mask", "prefix_mask"])
def test_a_mask_is_made_where_it_is_used(name):
    make = getattr(importlib.import_module("dlref.torch.attention"), name)
    sizes = (2, 3) if name == "prefix_mask" else (3,)
    options = {"window": 2} if name == "sliding_window_mask" else {}
    assert make(*sizes, **options, device="meta").device.type == "meta"


def test_a_mask_of_padding_is_where_its_lengths_are():
    from dlref.torch.attention import padding_mask

    lengths = torch.tensor([2, 0])
    with torch.device("meta"):
        assert padding_mask(lengths, 3).tolist() == [[[True, True, False]], [[False] * 3]]
