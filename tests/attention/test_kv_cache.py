import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.torch.attention import (
    KVCache,
    causal_mask,
    scaled_dot_product_attention,
    sliding_window_mask,
)

BATCH, KV_HEADS, MAX_LEN, HEAD_DIM = 2, 3, 11, 5


def empty_cache(**options):
    return KVCache(BATCH, KV_HEADS, MAX_LEN, HEAD_DIM, **options)


def random_tokens(tokens=MAX_LEN, dtype=None):
    """The key and the value of so many tokens."""
    generator = torch.Generator().manual_seed(tokens)
    shape = 2, BATCH, KV_HEADS, tokens, HEAD_DIM
    return torch.randn(shape, generator=generator, dtype=dtype).unbind()


@st.composite
def chunks(draw):
    """Where to cut a sequence of MAX_LEN tokens, or the first of them; empty cuts too."""
    cuts = draw(st.lists(st.integers(0, MAX_LEN), min_size=1, max_size=5))
    ends = sorted(cuts)
    return list(zip([0, *ends], ends, strict=False))


# By hand


def test_append_by_hand():
    cache = KVCache(1, 1, 3, 1)
    key, value = torch.tensor([[[[1.0], [2.0]]]]), torch.tensor([[[[10.0], [20.0]]]])
    keys, values = cache.append(key, value)
    assert (cache.length, keys.flatten().tolist()) == (2, [1, 2])
    assert values.flatten().tolist() == [10, 20]
    keys, values = cache.append(key[:, :, :1] + 2, value[:, :, :1] + 20)
    assert (cache.length, keys.flatten().tolist()) == (3, [1, 2, 3])
    assert values.flatten().tolist() == [10, 20, 30]


# Oracle


@given(chunks=chunks())
def test_equals_concatenation(chunks):
    cache, (key, value) = empty_cache(), random_tokens()
    keys, values = key[:, :, :0], value[:, :, :0]
    for start, stop in chunks:
        keys = torch.cat([keys, key[:, :, start:stop]], dim=2)
        values = torch.cat([values, value[:, :, start:stop]], dim=2)
        got = cache.append(key[:, :, start:stop], value[:, :, start:stop])
        for filled in got, (cache.keys, cache.values):
            assert torch.equal(filled[0], keys)
            assert torch.equal(filled[1], values)
        assert cache.length == stop == keys.shape[2]


# Law


@given(chunks=chunks(), window=st.sampled_from([3, MAX_LEN]))
def test_cached_equals_recomputed(chunks, window):
    cache, (key, value) = (
        empty_cache(dtype=torch.float64),
        random_tokens(dtype=torch.float64),
    )
    query, mask = key.flip(2), sliding_window_mask(MAX_LEN, window=window)
    want = scaled_dot_product_attention(query, key, value, mask)
    for start, stop in chunks:
        keys, values = cache.append(key[:, :, start:stop], value[:, :, start:stop])
        mask = sliding_window_mask(stop - start, stop, window=window)
        out = scaled_dot_product_attention(query[:, :, start:stop], keys, values, mask)
        torch.testing.assert_close(out, want[:, :, start:stop], rtol=1e-12, atol=1e-12)


def test_a_step_that_does_not_store_its_own_token_first_is_another_model():
    key, value = random_tokens(dtype=torch.float64)
    want = scaled_dot_product_attention(key, key, value, causal_mask(MAX_LEN))
    before = key[:, :, :-1], value[:, :, :-1]
    out = scaled_dot_product_attention(key[:, :, -1:], *before)
    assert (out - want[:, :, -1:]).abs().max() > 0.1


# Edge


def test_it_starts_empty():
    cache = empty_cache()
    assert cache.length == 0
    assert cache.keys.shape == cache.values.shape == (BATCH, KV_HEADS, 0, HEAD_DIM)


def test_the_room_is_allocated_once_and_never_moves():
    cache, (key, value) = empty_cache(), random_tokens(4)
    addresses = cache._keys.data_ptr(), cache._values.data_ptr()
    assert addresses[0] != addresses[1]
    for _ in range(2):
        keys, values = cache.append(key, value)
        assert (keys.data_ptr(), values.data_ptr()) == addresses
    elements = BATCH * KV_HEADS * MAX_LEN * HEAD_DIM
    assert keys.untyped_storage().nbytes() == 4 * elements


def test_what_append_returned_stays_as_it_was():
    cache, (key, value) = empty_cache(), random_tokens(4)
    keys, values = cache.append(key, value)
    cache.append(-key, -value)
    assert torch.equal(keys, key)
    assert torch.equal(values, value)


def test_full_to_the_last_position():
    cache = empty_cache()
    cache.append(*random_tokens())
    assert cache.length == MAX_LEN
    cache.append(*random_tokens(0))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_entries_have_the_dtype_of_the_cache(dtype):
    keys, values = empty_cache(dtype=dtype).append(*random_tokens(dtype=dtype))
    assert keys.dtype == values.dtype == dtype


def test_the_entries_are_on_the_device_of_the_cache():
    cache = empty_cache(device="meta")
    assert {cache.keys.device.type, cache.values.device.type} == {"meta"}
    keys, _ = cache.append(*(x.to("meta") for x in random_tokens(4)))
    assert keys.shape == (BATCH, KV_HEADS, 4, HEAD_DIM)


def test_inputs_are_left_alone_and_not_kept():
    cache, (key, value) = empty_cache(), random_tokens(4)
    cache.append(key, value)
    assert key._version == value._version == 0
    key.zero_()
    value.zero_()
    assert cache.keys.all()
    assert cache.values.all()


# Gradient


@pytest.mark.parametrize("without", [torch.no_grad, torch.inference_mode])
def test_a_cache_is_filled_without_gradient(without):
    cache, (key, value) = empty_cache(), random_tokens(4)
    with without():
        cache.append(key.requires_grad_(), value)
    assert not cache.keys.requires_grad
    cache.append(key.detach(), value)
    assert cache.length == 8


# Errors


KEY, VALUE = random_tokens(4)
SHAPE = "(2, 3, new tokens, 5)"


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"key": KEY[:1]},
            ValueError,
            f"key must have shape {SHAPE}; got key.shape=(1, 3, 4, 5)",
        ),
        (
            {"value": VALUE[:, :1]},
            ValueError,
            f"value must have shape {SHAPE}; got value.shape=(2, 1, 4, 5)",
        ),
        (
            {"key": KEY[..., :1]},
            ValueError,
            f"key must have shape {SHAPE}; got key.shape=(2, 3, 4, 1)",
        ),
        (
            {"key": KEY[0]},
            ValueError,
            f"key must have shape {SHAPE}; got key.shape=(3, 4, 5)",
        ),
        (
            {"value": VALUE[:, :, :1]},
            ValueError,
            "value must have the shape of key; "
            "got value.shape=(2, 3, 1, 5), key.shape=(2, 3, 4, 5)",
        ),
        (
            {"key": KEY.double()},
            TypeError,
            "key must have the dtype of the cache, float32; got key.dtype=float64",
        ),
        (
            {"value": VALUE.bfloat16()},
            TypeError,
            "value must have the dtype of the cache, float32; got value.dtype=bfloat16",
        ),
        (
            {"value": VALUE.to("meta")},
            ValueError,
            "value must be on the device of the cache, cpu; got value.device=meta",
        ),
        (
            {"value": VALUE.clone().requires_grad_()},
            ValueError,
            "value must not require a gradient, so decode under torch.no_grad(); "
            "got value.requires_grad=True",
        ),
        (
            {"key": torch.ones(2, 3, 5, 5), "value": torch.ones(2, 3, 5, 5)},
            ValueError,
            "key must fit into the 4 free of 11 positions; got key.shape=(2, 3, 5, 5)",
        ),
    ],
)
def test_refuses_and_changes_nothing(change, error, message):
    cache = empty_cache()
    cache.append(*random_tokens(7))
    before = cache._keys.clone(), cache._values.clone()
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        cache.append(**({"key": KEY, "value": VALUE} | change))
    assert cache.length == 7
    assert torch.equal(cache._keys, before[0])
    assert torch.equal(cache._values, before[1])


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("name", ["batch_size", "num_kv_heads", "max_len", "head_dim"])
@pytest.mark.parametrize(
    ("size", "error", "message"),
    [
        (0, ValueError, "{0} must be at least 1; got {0}=0"),
        (1.5, TypeError, "{0} must be an integer; got type({0})=float"),
    ],
)
def test_refuses_a_size(name, size, error, message):
    sizes = {"batch_size": 2, "num_kv_heads": 3, "max_len": 5, "head_dim": 7}
    with pytest.raises(error, match=rf"^{re.escape(message.format(name))}$"):
        KVCache(**(sizes | {name: size}))
