"""Self-attention: what both languages must do, judged once."""

import math
import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn
from torch.distributions import Categorical

BATCH = 2, 3
QUERIES, KEYS, D_K, D_V = 5, 7, 11, 13
numbers = st.floats(-3, 3)


@pytest.fixture(scope="session")
def attention(lang):
    return lang.subject("attention")


def random_pair(rng, batch=BATCH):
    return [rng.normal(size=(*batch, n, D_K)) for n in (QUERIES, KEYS)]


def assert_near(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-14)


@st.composite
def pairs(draw):
    """Queries, keys, values, and which pair may meet."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 7))
    shapes = (2, n, 3), (2, m, 3), (2, m, 2)
    qkv = [draw(arrays(float, shape, elements=numbers)) for shape in shapes]
    return *qkv, draw(arrays(bool, (2, n, m)))


# By hand


def test_weights_by_hand(attention):
    key = np.log(3) * np.array([[1.0, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0]])
    query = np.array([[1.0, 0, 1, 0]])
    raw = attention.attention_weights(query, key, scale=1)
    assert_near(raw, [[9 / 13, 1 / 13, 3 / 13]])  # scores log 3 times 2, 0, 1
    root = math.sqrt(3)
    want = np.array([[3, 1, root]]) / (4 + root)
    assert_near(attention.attention_weights(query, key), want)
    value = np.array([[10.0], [30.0], [20.0]])
    assert (raw @ value).item() == pytest.approx(180 / 13)
    assert (want @ value).item() == pytest.approx(16.5108, abs=1e-4)


def test_entropy_by_hand(attention):
    weights = np.array([[0.25] * 4, [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.0] * 4])
    assert_near(attention.entropy(weights), np.log([4, 2, 1, 1]))


# Oracle


@pytest.mark.parametrize("scale", [None, 0.3, 2.0])
@pytest.mark.parametrize("masked", [True, False])
def test_averages_by_the_weights_equal_the_library(attention, rng, scale, masked):
    query, key = random_pair(rng)
    value = rng.normal(size=(*BATCH, KEYS, D_V))
    mask = rng.random((QUERIES, KEYS)) < 0.5 if masked else None
    if masked:
        mask[0] = False
    weights = attention.attention_weights(query, key, mask, scale=scale)
    want = nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (query, key, value)),
        attn_mask=torch.tensor(mask) if masked else None,
        scale=scale,
    )
    assert_near(weights @ value, want)


def test_weights_equal_those_that_the_library_returns(attention, rng):
    torch.manual_seed(3)
    layer = nn.MultiheadAttention(D_K, 1, batch_first=True).double().requires_grad_(False)
    x = torch.tensor(rng.normal(size=(3, QUERIES, D_K)))
    _, want = layer(x, x, x)
    w_q, w_k, _ = layer.in_proj_weight.chunk(3)
    query, key = (x @ w_q.T).numpy(), (x @ w_k.T).numpy()
    assert_near(attention.attention_weights(query, key), want)


def test_entropy_equals_the_librarys(attention, rng):
    weights = attention.masked_softmax(3 * rng.normal(size=(*BATCH, QUERIES, KEYS)))
    want = Categorical(torch.tensor(weights)).entropy()
    assert_near(attention.entropy(weights), want)
    want = torch.special.entr(torch.tensor(weights)).sum(dim=-1)
    assert_near(attention.entropy(weights), want)


# Law


@given(example=pairs())
def test_they_are_what_attention_averages_by(attention, example):
    query, key, value, mask = example
    weights = attention.attention_weights(query, key, mask)
    np.testing.assert_allclose(
        weights @ value,
        attention.scaled_dot_product_attention(query, key, value, mask),
        rtol=1e-10,
        atol=1e-12,
    )
    np.testing.assert_allclose(weights.sum(-1), mask.any(-1), rtol=1e-12)
    assert (weights[~mask] == 0).all()


@given(example=pairs(), data=st.data())
def test_rows_follow_the_queries_and_columns_the_keys(attention, example, data):
    query, key, _, mask = example
    rows = data.draw(st.permutations(range(query.shape[-2])))
    columns = data.draw(st.permutations(range(key.shape[-2])))
    before = attention.attention_weights(query, key, mask)
    shuffled = query[:, rows], key[:, columns], mask[:, rows][..., columns]
    after = attention.attention_weights(*shuffled)
    np.testing.assert_allclose(after, before[:, rows][..., columns], rtol=1e-10)


@given(example=pairs(), shift=arrays(float, 3, elements=numbers))
def test_a_vector_added_to_all_keys_changes_nothing(attention, example, shift):
    query, key, _, mask = example
    np.testing.assert_allclose(
        attention.attention_weights(query, key + shift, mask),
        attention.attention_weights(query, key, mask),
        rtol=1e-10,
        atol=1e-12,
    )


@given(example=pairs(), scale=st.floats(0.1, 3))
def test_a_scale_is_a_longer_query(attention, example, scale):
    query, key, _, mask = example
    np.testing.assert_allclose(
        attention.attention_weights(query, key, mask, scale=scale),
        attention.attention_weights(scale * math.sqrt(3) * query, key, mask),
        rtol=1e-10,
        atol=1e-12,
    )


@given(example=pairs(), scale=st.floats(0.1, 2))
def test_a_larger_scale_is_sharper(attention, example, scale):
    query, key, _, mask = example
    one, other = (
        attention.entropy(attention.attention_weights(query, key, mask, scale=x))
        for x in (scale, 1.5 * scale)
    )
    assert (other <= one + 1e-12).all()


@given(example=pairs())
def test_entropy_lies_between_one_key_and_all(attention, example):
    query, key, _, mask = example
    h = attention.entropy(attention.attention_weights(query, key, mask))
    assert (h >= 0).all()
    assert (h <= np.log(np.maximum(mask.sum(axis=-1), 1)) + 1e-12).all()


def test_self_attention_is_equivariant_and_a_causal_mask_is_not(attention, rng):
    x, order = rng.normal(size=(KEYS, D_K)), rng.permutation(KEYS)
    before = attention.attention_weights(x, x)
    after = attention.attention_weights(x[order], x[order])
    assert_near(after, before[order][:, order])
    causal = attention.causal_mask(KEYS)
    before = attention.attention_weights(x, x, causal) @ x
    after = attention.attention_weights(x[order], x[order], causal) @ x[order]
    assert abs(after - before[order]).max() > 0.1


# Edge


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_type_stays_and_the_inputs_too(attention, dtype, rng):
    inputs = [x.astype(dtype) for x in random_pair(rng)]
    before = [x.copy() for x in inputs]
    weights = attention.attention_weights(*inputs, scale=0.5)
    assert weights.dtype == attention.entropy(weights).dtype == dtype
    for array, copy in zip(inputs, before, strict=True):
        assert np.array_equal(array, copy)
    eps = np.finfo(dtype).eps
    exact = attention.attention_weights(*(x.astype(float) for x in inputs), scale=0.5)
    np.testing.assert_allclose(weights, exact, rtol=64 * eps, atol=eps)
    np.testing.assert_allclose(
        attention.entropy(weights), attention.entropy(exact), rtol=8 * eps, atol=8 * eps
    )


def test_bfloat16_stays(rng):
    from dlref.torch.attention import attention_weights, entropy

    query, key = (torch.tensor(x).bfloat16() for x in random_pair(rng))
    weights = attention_weights(query, key)
    assert weights.dtype == entropy(weights).dtype == torch.bfloat16


@pytest.mark.parametrize(("dtype", "entry"), [("float16", 200), ("float32", 5e18)])
def test_a_dot_product_may_be_too_large_where_a_score_is_not(attention, dtype, entry):
    large = np.full((2, 128), entry, dtype)
    assert attention.attention_weights(large, large).tolist() == [[0.5, 0.5]] * 2


def test_extreme_scores(attention):
    query, key = np.array([[1e4]]), np.array([[1.0], [-1.0], [1.0]])
    weights = attention.attention_weights(query, key)
    assert weights.tolist() == [[0.5, 0, 0.5]]
    assert_near(attention.entropy(weights), [math.log(2)])


@pytest.mark.parametrize(("queries", "keys"), [(0, 3), (3, 0), (1, 1), (0, 0)])
def test_few_positions(attention, queries, keys):
    weights = attention.attention_weights(np.ones((queries, 2)), np.ones((keys, 2)))
    assert weights.shape == (queries, keys)
    assert attention.entropy(weights).tolist() == [0] * queries


def test_batch_axes_broadcast(attention, rng):
    query, key = random_pair(rng)
    got = attention.attention_weights(query[:, :1], key[0], np.ones((1, KEYS), bool))
    want = [attention.attention_weights(query[i, :1], key[0]) for i in range(2)]
    assert_near(got, want)


# Gradient


@pytest.mark.parametrize("masked", [True, False])
def test_gradcheck(rng, masked):
    from dlref.torch.attention import attention_weights, entropy

    mask = torch.tensor([[True, False, True], [False] * 3]) if masked else None
    query, key = (
        torch.tensor(rng.normal(size=(n, D_K)), requires_grad=True) for n in (2, 3)
    )
    inputs = query, key
    assert torch.autograd.gradcheck(lambda *x: attention_weights(*x, mask), inputs)
    assert torch.autograd.gradcheck(
        lambda *x: entropy(attention_weights(*x, mask, scale=0.5)), inputs
    )


def test_the_gradient_of_the_entropy_is_finite_at_zero_and_one():
    from dlref.torch.attention import causal_mask, entropy, masked_softmax

    scores = torch.tensor([[1e4, -1e4, 0.0]] * 3, requires_grad=True)
    mask = causal_mask(3)
    mask[1] = False
    entropy(masked_softmax(scores, mask)).sum().backward()
    assert scores.grad.isfinite().all()


def test_a_weight_of_zero_gets_no_gradient_from_the_entropy():
    from dlref.torch.attention import entropy

    weights = torch.tensor([[0.25, 0.0, 0.75], [0.0, 0.0, 0.0]], requires_grad=True)
    entropy(weights).sum().backward()
    want = [[-math.log(0.25) - 1, 0, -math.log(0.75) - 1], [0, 0, 0]]
    assert weights.grad.numpy() == pytest.approx(np.array(want))


def test_the_gradient_through_the_weights_is_the_softmax_jacobian(rng):
    from dlref.torch.activations import softmax_jacobian
    from dlref.torch.attention import attention_weights

    query, key = (
        torch.tensor(rng.normal(size=(n, D_K)), requires_grad=True) for n in (1, KEYS)
    )
    upstream = torch.tensor(rng.normal(size=KEYS))
    (attention_weights(query, key)[0] @ upstream).backward()
    scores = (query @ key.T)[0] / math.sqrt(D_K)
    at_scores = softmax_jacobian(scores) @ upstream
    want = at_scores @ key / math.sqrt(D_K)
    torch.testing.assert_close(query.grad[0], want, rtol=1e-12, atol=1e-14)


# Errors


@pytest.mark.parametrize(("kind", "keys"), [("float32", 7), ("float16", 7)])
def test_a_row_may_be_off_by_four_units_for_each_key(attention, kind, keys):
    weights = np.zeros(keys, kind)
    weights[0], weights[1] = 1, 4 * keys * np.finfo(kind).eps
    attention.entropy(weights)
    weights[1] *= 1.1
    with pytest.raises(ValueError, match=r"^weights must sum to 1 over the keys"):
        attention.entropy(weights)


def test_a_row_of_many_keys_may_be_off_by_an_eighth(attention):
    weights = np.zeros(128, "float16")
    weights[0], weights[1] = 1, 1 / 8
    attention.entropy(weights)
    weights[2] = 0.01
    with pytest.raises(ValueError, match=r"^weights must sum to 1 over the keys"):
        attention.entropy(weights)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"query": np.zeros((3, 5, 11), int)},
            TypeError,
            "query must be floating point; got query.dtype=int64",
        ),
        (
            {"key": np.zeros((3, 7, 11), "float32")},
            TypeError,
            "key must have the dtype of query, float64; got key.dtype=float32",
        ),
        (
            {"key": np.zeros(11)},
            ValueError,
            "key must have an axis of positions and one of widths; got key.shape=(11,)",
        ),
        (
            {"query": np.zeros((3, 5, 2))},
            ValueError,
            "key must have the width of query; "
            "got key.shape=(3, 7, 11), query.shape=(3, 5, 2)",
        ),
        (
            {"query": np.zeros((3, 5, 0)), "key": np.zeros((3, 7, 0))},
            ValueError,
            "query must have a width of at least 1; got query.shape=(3, 5, 0)",
        ),
        (
            {"query": np.zeros((2, 5, 11))},
            ValueError,
            "query and key must have batch axes that broadcast; "
            "got query.shape=(2, 5, 11), key.shape=(3, 7, 11)",
        ),
        (
            {"mask": np.ones((5, 7))},
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=float64",
        ),
        (
            {"mask": np.ones((7, 5), bool)},
            ValueError,
            "mask must broadcast to (3, 5, 7); got mask.shape=(7, 5)",
        ),
        *(
            ({"scale": x}, ValueError, f"scale must be above 0 and finite; got scale={x}")
            for x in (0.0, -0.5, math.inf, math.nan)
        ),
    ],
)
def test_refuses(attention, change, error, message):
    options = {"query": np.zeros((3, 5, 11)), "key": np.zeros((3, 7, 11))}
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        attention.attention_weights(**(options | change))


SUMS = "weights must sum to 1 over the keys, or be all 0; got weights.sum(-1)="


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([0, 1], TypeError, "weights must be floating point; got weights.dtype=int64"),
        ([1.5, 0.0], ValueError, "weights must be between 0 and 1; got weights=1.5"),
        ([-0.5, 1.0], ValueError, "weights must be between 0 and 1; got weights=-0.5"),
        (0.5, ValueError, "weights must have an axis; got weights.shape=()"),
        ([[0.5, 0.5], [0.5, 0.25]], ValueError, f"{SUMS}0.75"),
        ([[0.0, 0.0], [0.5, 0.25]], ValueError, f"{SUMS}0.75"),
        ([[1.0, 0.5], [0.5, 0.5]], ValueError, f"{SUMS}1.5"),
    ],
)
def test_entropy_refuses(lang, weights, error, message):
    function = lang.module("attention").entropy
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        function(lang.array(np.array(weights)))
