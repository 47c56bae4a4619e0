import copy
import pickle
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dlref.torch.attention import (
    KVCache,
    MultiHeadAttention,
    causal_mask,
    scaled_dot_product_attention,
    sliding_window_mask,
)

BATCH, KV_HEADS, MAX_LEN, HEAD_DIM = 2, 3, 11, 5


KINDS = {
    "plain": {},
    "sliding": {"sliding": True},
    "differentiable": {"differentiable": True},
    "both": {"sliding": True, "differentiable": True},
}
EACH_KIND = pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)


def empty_cache(max_len=MAX_LEN, **options):
    return KVCache(BATCH, KV_HEADS, max_len, HEAD_DIM, **options)


def state(cache):
    """All that a cache shows of itself."""
    filled = cache.keys.clone(), cache.values.clone()
    return filled, cache.length, cache.next_position


def assert_same(one, other):
    for found, wanted in zip(one[0], other[0], strict=True):
        assert torch.equal(found, wanted)
    assert one[1:] == other[1:]


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


class Decoder(nn.Module):
    """The smallest decoder: tokens and positions, two layers, a score for each word."""

    VOCABULARY = 13

    def __init__(self, seed):
        super().__init__()
        torch.manual_seed(seed)
        self.token = nn.Embedding(self.VOCABULARY, 12)
        self.position = nn.Embedding(MAX_LEN, 12)
        self.layers = nn.ModuleList(
            MultiHeadAttention(12, 6, num_kv_heads=3) for _ in range(2)
        )
        self.score = nn.Linear(12, self.VOCABULARY)
        self.double().requires_grad_(False)

    def empty_caches(self, batch_size):
        sizes = batch_size, 3, MAX_LEN, 2
        return [KVCache(*sizes, dtype=torch.float64) for _ in self.layers]

    def forward(self, tokens, caches=(None, None)):
        """Log-probabilities of the next token, after each one that is given."""
        start, new = caches[0].next_position if caches[0] else 0, tokens.shape[1]
        mask = causal_mask(new, start + new)
        x = self.token(tokens) + self.position(torch.arange(start, start + new))
        for layer, cache in zip(self.layers, caches, strict=True):
            x = x + layer(x, mask, cache)
        return self.score(x).log_softmax(dim=-1)


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


def test_crop_reorder_and_reset_by_hand():
    cache = KVCache(2, 1, 3, 1)
    key = torch.tensor([[1.0, 2.0, 3.0], [5.0, 6.0, 7.0]])[:, None, :, None]
    cache.append(key, 10 * key)
    cache.crop(2)
    assert (cache.length, cache.next_position) == (2, 2)
    cache.reorder(torch.tensor([1, 1]))
    assert cache.keys.flatten().tolist() == [5, 6, 5, 6]
    assert cache.values.flatten().tolist() == [50, 60, 50, 60]
    cache.append(key[:, :, :1], key[:, :, :1])
    assert cache.keys.flatten().tolist() == [5, 6, 1, 5, 6, 5]
    cache.reset()
    assert (cache.length, cache.next_position, cache.keys.numel()) == (0, 0, 0)


def test_sliding_by_hand():
    cache = KVCache(1, 1, 3, 1, sliding=True)
    tokens = torch.arange(9.0).reshape(1, 1, 9, 1)
    seen = []
    for start, stop in (0, 2), (2, 3), (3, 4), (4, 6), (6, 6), (6, 9):
        new, keys = tokens[:, :, start:stop], cache.num_keys(stop - start)
        got = cache.append(new, -new)
        assert torch.equal(got[0], -got[1])
        assert got[0].shape[2] == keys
        seen.append(got[0].flatten().tolist())
        assert cache.next_position == stop
        last = [*range(stop)][-3:]  # the window of the last token, itself included
        assert cache.keys.flatten().tolist() == last
        assert cache.values.flatten().tolist() == [-x for x in last]
        assert cache.length == len(last)
    assert seen == [
        [0, 1],
        [0, 1, 2],
        [1, 2, 3],  # one token: the window, without a mask
        [2, 3, 4, 5],  # two: what either of them sees
        [3, 4, 5],  # none
        [4, 5, 6, 7, 8],
    ]


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


@given(chunks=chunks(), window=st.integers(1, MAX_LEN), differentiable=st.booleans())
def test_a_sliding_cache_equals_a_full_one_with_a_window(chunks, window, differentiable):
    options = {"differentiable": differentiable, "dtype": torch.float64}
    cache = empty_cache(window, sliding=True, **options)
    key, value = random_tokens(dtype=torch.float64)
    query, mask = key.flip(2), sliding_window_mask(MAX_LEN, window=window)
    want = scaled_dot_product_attention(query, key, value, mask)
    for start, stop in chunks:
        new = stop - start
        mask = sliding_window_mask(new, cache.num_keys(new), window=window)
        keys, values = cache.append(key[:, :, start:stop], value[:, :, start:stop])
        out = scaled_dot_product_attention(
            query[:, :, start:stop], keys, values, mask if new > 1 else None
        )
        torch.testing.assert_close(out, want[:, :, start:stop], rtol=1e-12, atol=1e-12)
        kept = slice(max(0, stop - window), stop)
        assert torch.equal(cache.keys, key[:, :, kept])
        assert torch.equal(cache.values, value[:, :, kept])
        assert (cache.length, cache.next_position) == (min(stop, window), stop)


def test_beam_search_equals_recomputing_every_beam():
    decoder, beams = Decoder(seed=1), 4
    caches = decoder.empty_caches(beams)
    tokens, total = torch.tensor([[3, 1, 5]] * beams), torch.tensor([0.0] + [-1e9] * 3)
    log_p, orders = decoder(tokens, caches)[:, -1], []
    for _ in range(MAX_LEN - 3):
        best = (total[:, None] + log_p).flatten().topk(beams)
        total, rows = best.values, best.indices // decoder.VOCABULARY
        words = best.indices % decoder.VOCABULARY
        tokens = torch.cat([tokens[rows], words[:, None]], dim=1)
        for cache in caches:
            cache.reorder(rows)
        log_p = decoder(words[:, None], caches)[:, -1]
        want = decoder(tokens)[:, -1]
        torch.testing.assert_close(log_p, want, rtol=1e-12, atol=1e-12)
        orders.append(rows.tolist())
    assert len({*map(tuple, tokens.tolist())}) == beams
    assert any(len({*rows}) < beams for rows in orders[1:])  # a beam ends, one splits


@pytest.mark.parametrize("drafter", [1, 2])
def test_speculative_decoding_equals_decoding_one_by_one(drafter):
    decoder, prompt = Decoder(seed=1), torch.tensor([[3, 1, 5]])
    want = prompt
    while want.shape[1] < MAX_LEN:
        want = torch.cat([want, decoder(want)[:, -1:].argmax(dim=-1)], dim=1)

    draft, caches = Decoder(seed=drafter), decoder.empty_caches(1)
    decoder(prompt[:, :-1], caches)
    tokens, rejected = prompt, 0
    while tokens.shape[1] < MAX_LEN:
        guess = tokens
        for _ in range(min(3, MAX_LEN - tokens.shape[1])):
            guess = torch.cat([guess, draft(guess)[:, -1:].argmax(dim=-1)], dim=1)
        known, guessed = tokens.shape[1], guess[0, tokens.shape[1] :]
        said = decoder(guess[:, caches[0].length :], caches)[0].argmax(dim=-1)
        agreed = int((said[:-1] == guessed).long().cumprod(dim=0).sum())
        rejected += len(guessed) - agreed
        tokens = torch.cat([guess[:, : known + agreed], said[agreed].view(1, 1)], dim=1)
        for cache in caches:
            cache.crop(known + agreed)
    assert torch.equal(tokens[:, :MAX_LEN], want)
    assert (rejected == 0) == (drafter == 1)  # the decoder agrees with itself


@EACH_KIND
@given(data=st.data())
def test_what_is_cropped_or_reset_was_never_there(options, data):
    length = data.draw(st.integers(0, 7))
    first, second = random_tokens(7), random_tokens(4)
    cropped, wanted, used = empty_cache(**options), empty_cache(**options), None
    cropped.append(*first)
    cropped.crop(length)
    wanted.append(*(x[:, :, :length] for x in first))
    assert_same(state(cropped), state(wanted))
    for cache in cropped, wanted:
        used = cache.append(*second)
        assert torch.equal(used[0], cache.keys)
    assert_same(state(cropped), state(wanted))

    cropped.reset()
    assert_same(state(cropped), state(empty_cache(**options)))
    cropped.append(*first)
    wanted = empty_cache(**options)
    wanted.append(*first)
    assert_same(state(cropped), state(wanted))


@EACH_KIND
@given(indices=st.lists(st.integers(0, BATCH - 1), min_size=BATCH, max_size=BATCH))
def test_reordered_is_as_if_the_rows_had_always_been_there(options, indices):
    tokens, more = random_tokens(7), random_tokens(4)
    cache, wanted = empty_cache(8, **options), empty_cache(8, **options)
    cache.append(*tokens)
    cache.reorder(torch.tensor(indices, dtype=torch.int32))
    wanted.append(*(x[indices] for x in tokens))
    assert_same(state(cache), state(wanted))
    new = 4 if cache._sliding else 1
    for one in cache, wanted:
        one.append(*(x[:, :, :new] for x in more))
    assert_same(state(cache), state(wanted))


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


@EACH_KIND
def test_a_copy_goes_its_own_way(options):
    cache, (key, value) = empty_cache(5, **options), random_tokens(4)
    cache.append(key, value)
    before = state(cache)
    for copied in copy.deepcopy(cache), pickle.loads(pickle.dumps(cache)):
        assert_same(state(copied), before)
        copied.append(key[:, :, :1], value[:, :, :1])
        copied.reorder(torch.tensor([1, 0]))
        assert copied.length == 5
    assert_same(state(cache), before)


@EACH_KIND
def test_nothing_appended_changes_nothing(options):
    for tokens in 0, 3, 5:
        cache = empty_cache(5, **options)
        cache.append(*random_tokens(tokens))
        before = state(cache)
        assert cache.num_keys(0) == tokens
        keys, values = cache.append(*random_tokens(0))
        assert torch.equal(keys, before[0][0])
        assert torch.equal(values, before[0][1])
        assert_same(state(cache), before)


def test_a_long_text_takes_no_more_room_than_the_window():
    cache = empty_cache(5, sliding=True)
    addresses = cache._keys.data_ptr(), cache._values.data_ptr()
    for tokens in 3, 11, 1, 2, 5, 1:
        cache.append(*random_tokens(tokens))
        assert (cache.keys.data_ptr(), cache.values.data_ptr()) == addresses
        size = cache._keys.untyped_storage().nbytes()
        assert size == 4 * BATCH * KV_HEADS * 5 * HEAD_DIM
    assert (cache.length, cache.next_position) == (5, 23)


def test_the_window_may_be_the_token_itself():
    cache, (key, value) = empty_cache(1, sliding=True), random_tokens(4)
    for t in range(4):
        keys, values = cache.append(key[:, :, [t]], value[:, :, [t]])
        assert torch.equal(keys, key[:, :, [t]])
        assert torch.equal(values, value[:, :, [t]])


def test_a_sliding_cache_may_go_back_until_it_drops_tokens():
    cache = empty_cache(5, sliding=True)
    cache.append(*random_tokens(5))
    cache.crop(3)
    cache.append(*random_tokens(3))
    cache.crop(5)  # nothing to forget
    assert (cache.length, cache.next_position) == (5, 6)


def test_the_room_is_allocated_once_and_never_moves():
    cache, (key, value) = empty_cache(), random_tokens(4)
    addresses = cache._keys.data_ptr(), cache._values.data_ptr()
    assert addresses[0] != addresses[1]
    for _ in range(2):
        cache.crop(3 if cache.length else 0)
        keys, values = cache.append(key, value)
        assert (keys.data_ptr(), values.data_ptr()) == addresses
        cache.reorder(torch.tensor([1, 1]))
    assert torch.equal(keys[0], keys[1])
    cache.reset()
    assert torch.equal(cache.append(key, value)[0], key)
    assert cache.keys.data_ptr() == addresses[0]
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


@pytest.mark.parametrize("first", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("then", [torch.no_grad, torch.inference_mode, torch.enable_grad])
@EACH_KIND
def test_a_cache_is_used_in_any_mode_wherever_it_was_made(options, first, then):
    (key, value), query = random_tokens(6), torch.ones(1, HEAD_DIM)
    with first():
        cache = empty_cache(6, **options)
        cache.append(key[:, :, :3], value[:, :, :3])
        cache.reorder(torch.tensor([0, 1]))
        cache.crop(2)
    with then():
        cache.append(key[:, :, 2:4], value[:, :, 2:4])
        cache.reorder(torch.tensor([0, 1]))
        keys, values = cache.append(key[:, :, 4:], value[:, :, 4:])
    assert torch.equal(keys, key)
    assert torch.equal(values, value)
    if then is torch.enable_grad:
        query.requires_grad_()
        scaled_dot_product_attention(query, keys, values).sum().backward()
        assert query.grad.isfinite().all()


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


@given(chunks=chunks(), window=st.sampled_from([2, 5, MAX_LEN]))
def test_the_gradient_through_the_cache_is_that_without(chunks, window):
    stop = chunks[-1][1]
    key, value = (
        x[:, :, :stop].clone().requires_grad_()
        for x in random_tokens(dtype=torch.float64)
    )
    query = key.detach().flip(2).requires_grad_()
    mask = sliding_window_mask(stop, window=window)
    slopes = torch.linspace(-1, 1, key.numel(), dtype=key.dtype).reshape(key.shape)
    out = scaled_dot_product_attention(query, key, value, mask)
    want = torch.autograd.grad(out, (query, key, value), slopes)

    for sliding, room in (False, MAX_LEN), (True, window):
        cache = empty_cache(
            room, differentiable=True, sliding=sliding, dtype=torch.float64
        )
        outputs = []
        for first, last in chunks:
            mask = sliding_window_mask(
                last - first, cache.num_keys(last - first), window=window
            )
            seen = cache.append(key[:, :, first:last], value[:, :, first:last])
            outputs.append(
                scaled_dot_product_attention(query[:, :, first:last], *seen, mask)
            )
        out = torch.cat(outputs, dim=2)
        got = torch.autograd.grad(out, (query, key, value), slopes)
        torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-12)


def test_gradcheck_through_crop_and_reorder():
    def changed(key, value):
        cache = KVCache(2, 1, 3, 2, differentiable=True, dtype=torch.float64)
        cache.append(key, value)
        cache.reorder(torch.tensor([1, 1]))
        cache.crop(1)
        keys, values = cache.append(value, key)
        return keys * values, cache.keys, cache.values

    torch.manual_seed(0)
    key, value = torch.randn(2, 2, 1, 2, 2, dtype=torch.float64)
    inputs = key.requires_grad_(), value.requires_grad_()
    assert torch.autograd.gradcheck(changed, inputs)


def test_after_a_reset_no_gradient_goes_back_to_what_was_before():
    cache, (key, value) = empty_cache(differentiable=True), random_tokens(4)
    weight = torch.ones(HEAD_DIM, requires_grad=True)
    for _ in range(2):  # a second backward pass through the first product would fail
        cache.reset()
        keys, values = cache.append(weight * key, value)
        (keys * values).sum().backward()
    torch.testing.assert_close(weight.grad, 2 * (key * value).sum(dim=(0, 1, 2)))


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
            "value must not require a gradient, so decode under torch.no_grad(), "
            "or take a cache with differentiable=True; got value.requires_grad=True",
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
@EACH_KIND
@pytest.mark.parametrize(
    ("name", "given", "error", "message"),
    [
        ("crop", -1, ValueError, "length must be at least 0; got length=-1"),
        ("crop", 6, ValueError, "length must be at most 5; got length=6"),
        (
            "reorder",
            torch.tensor([0, 2]),
            ValueError,
            "indices must be between 0 and 1; got indices=2",
        ),
        (
            "reorder",
            torch.tensor([-1, 1]),
            ValueError,
            "indices must be between 0 and 1; got indices=-1",
        ),
        (
            "reorder",
            torch.tensor([0, 1, 1]),
            ValueError,
            "indices must have shape (2,); got indices.shape=(3,)",
        ),
        (
            "reorder",
            torch.tensor(1),
            ValueError,
            "indices must have shape (2,); got indices.shape=()",
        ),
        (
            "reorder",
            torch.tensor([True, False]),
            TypeError,
            "indices must be integers; got indices.dtype=bool",
        ),
        (
            "append",
            VALUE[:, :1],
            ValueError,
            f"value must have shape {SHAPE}; got value.shape=(2, 1, 4, 5)",
        ),
    ],
)
def test_refuses_to_go_on_and_changes_nothing(options, name, given, error, message):
    cache = empty_cache(**options)
    cache.append(*random_tokens(5))
    before = state(cache)
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        getattr(cache, name)(*[KEY] * (name == "append"), given)
    assert_same(state(cache), before)


@pytest.mark.parametrize("length", [0, 2, 4])
@pytest.mark.parametrize("differentiable", [True, False])
def test_a_sliding_cache_that_has_dropped_tokens_does_not_go_back(length, differentiable):
    cache = empty_cache(5, sliding=True, differentiable=differentiable)
    cache.append(*random_tokens(7))
    before = state(cache)
    message = (
        f"length must stay 5, since the tokens before were dropped; got length={length}"
    )
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        cache.crop(length)
    assert_same(state(cache), before)


@pytest.mark.usefixtures("unchecked")
def test_a_differentiable_cache_has_no_more_room_than_asked_for():
    cache = empty_cache(5, differentiable=True)
    cache.append(*random_tokens(3))
    message = (
        r"^key must fit into the 2 free of 5 positions; got key\.shape=\(2, 3, 4, 5\)$"
    )
    with pytest.raises(ValueError, match=message):
        cache.append(KEY, VALUE)
    assert cache.length == 3


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
