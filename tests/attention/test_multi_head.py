import math
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from dlref.torch.attention import (
    KVCache,
    MultiHeadAttention,
    causal_mask,
    document_mask,
    multi_head_attention,
    padding_mask,
    sliding_window_mask,
)

BATCH, TOKENS, HEADS, HEAD_DIM = 2, 7, 6, 5
EMBED_DIM = HEADS * HEAD_DIM
KV_HEADS = [None, 6, 3, 2, 1]  # MHA by default and by name, GQA twice, MQA


def random_attention(num_kv_heads=None, **options):
    torch.manual_seed(3)
    sizes = EMBED_DIM, HEADS
    return MultiHeadAttention(*sizes, num_kv_heads=num_kv_heads, **options).double()


def random_x(batch=(BATCH,), tokens=TOKENS):
    generator = torch.Generator().manual_seed(5)
    shape = *batch, tokens, EMBED_DIM
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def empty_cache(attention, batch_size=BATCH, max_len=TOKENS, **options):
    sizes = batch_size, attention.num_kv_heads, max_len, attention.head_dim
    return KVCache(*sizes, dtype=torch.float64, **options)


def assert_equal(got, want):
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


def split(x, heads):
    return x.unflatten(-1, (heads, HEAD_DIM)).transpose(1, 2)


@st.composite
def chunks(draw):
    """Where to cut a sequence of TOKENS tokens into new ones."""
    cuts = draw(st.lists(st.integers(1, TOKENS - 1), unique=True))
    ends = [*sorted(cuts), TOKENS]
    return list(zip([0, *ends], ends, strict=False))


@pytest.fixture(scope="session")
def heads(lang):
    """The functions, from NumPy arrays to NumPy arrays."""
    return lang.subject("attention")


def random_weights(rng, kv_heads=HEADS, width=HEAD_DIM, embed_dim=EMBED_DIM):
    """W_Q, W_K, W_V and W_O."""
    rows, shared = HEADS * width, kv_heads * width
    shapes = (rows, embed_dim), (shared, embed_dim), (shared, embed_dim)
    return [rng.normal(size=shape) / 5 for shape in (*shapes, (embed_dim, rows))]


def runs(weight, heads=HEADS):
    """The rows of each head."""
    return np.split(weight, heads)


def assert_near(got, want):
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)


# By hand


def test_split_and_merge_by_hand(heads):
    x = np.array([[1.0, 2, 3, 4, 5, 6], [10, 20, 30, 40, 50, 60]])
    split = heads.split_heads(x, 3)
    assert split.tolist() == [
        [[1, 2], [10, 20]],
        [[3, 4], [30, 40]],
        [[5, 6], [50, 60]],
    ]
    assert heads.merge_heads(split).tolist() == x.tolist()


def test_one_head_that_asks_and_one_that_averages_by_hand(heads):
    w_q = np.array([[math.log(3), 0.0], [0.0, 0.0]])
    w_v, w_o = np.array([[20.0, 4.0], [1.0, 3.0]]), np.array([[1.0, 1.0], [1.0, -1.0]])
    y = heads.multi_head_attention(np.eye(2), w_q, np.eye(2), w_v, w_o, 2)
    # Token 1: 20 · 3/4 + 4 · 1/4 = 16 in head 1; token 2 asks nothing, 12. Head 2: 2.
    assert_near(y, [[16 + 2, 16 - 2], [12 + 2, 12 - 2]])


def test_two_heads_by_hand():
    attention = MultiHeadAttention(2, 2)  # heads of width 1: every matrix is 2 × 2
    with torch.no_grad():
        attention.query.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
        attention.key.weight.copy_(torch.eye(2))
        attention.value.weight.copy_(torch.tensor([[10.0, 0.0], [0.0, 10.0]]))
        attention.output.weight.copy_(torch.tensor([[0.0, 1.0], [1.0, 0.0]]))
    x = torch.tensor([[2.0, 2.0], [0.0, 0.0]])
    # Head 1 of the first token scores 4 and 0. All other queries are 0 and take the mean
    # of the values 20 and 0. The output matrix swaps the heads.
    first = [10, 20 * math.exp(4) / (math.exp(4) + 1)]
    torch.testing.assert_close(attention(x), torch.tensor([first, [10, 10]]))


@pytest.mark.parametrize(
    ("num_kv_heads", "parameters"), [(32, 67_108_864), (8, 41_943_040), (1, 34_603_008)]
)
def test_the_parameters_that_the_pages_quote(num_kv_heads, parameters):
    with torch.device("meta"):
        attention = MultiHeadAttention(4096, 32, num_kv_heads=num_kv_heads)
    assert sum(x.numel() for x in attention.parameters()) == parameters


# Oracle


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_a_head_holds_a_run_of_each_tokens_entries(heads, batch, rng):
    x = rng.normal(size=(*batch, TOKENS, EMBED_DIM))
    split = heads.split_heads(x, HEADS)
    assert split.shape == (*batch, HEADS, TOKENS, HEAD_DIM)
    for i, run in enumerate(np.split(x, HEADS, axis=-1)):
        assert np.array_equal(split[..., i, :, :], run)
    assert np.array_equal(heads.merge_heads(split), x)


@pytest.mark.parametrize("tokens", [None, 1, 5, 11])
def test_the_function_equals_the_library_with_its_packed_weights(heads, tokens, rng):
    theirs = twins(bias=False)[1].requires_grad_(False)
    x, memory = random_x(), None if tokens is None else random_x(tokens=tokens).flip(1)
    seen = x if memory is None else memory
    mask = rng.random((TOKENS, seen.shape[1])) < 0.5
    mask[:, 0] = True  # a row without a key is NaN there
    want, _ = theirs(x, seen, seen, attn_mask=torch.tensor(~mask), need_weights=False)

    packed = theirs.in_proj_weight.numpy()
    weights = *np.split(packed, 3), theirs.out_proj.weight.numpy()
    options = {"mask": mask, "memory": None if memory is None else memory.numpy()}
    got = heads.multi_head_attention(x.numpy(), *weights, HEADS, **options)
    assert_near(got, want.numpy())


@pytest.mark.parametrize("kv_heads", [6, 3, 2, 1])
@pytest.mark.parametrize("causal", [True, False])
def test_the_function_equals_the_module(heads, kv_heads, causal):
    module, x = random_attention(kv_heads).requires_grad_(False), random_x()
    mask = causal_mask(TOKENS) if causal else None
    weights = [weight.numpy() for weight in module.parameters()]
    options = {"mask": None if mask is None else mask.numpy()}
    got = heads.multi_head_attention(x.numpy(), *weights, HEADS, **options)
    assert_near(got, module(x, mask).numpy())


def twins(bias):
    """Our layer and the library's, with the same weights."""
    ours = random_attention(bias=bias)
    theirs = nn.MultiheadAttention(
        EMBED_DIM, HEADS, bias=bias, batch_first=True, dtype=torch.float64
    )
    weights = {}
    for kind in ["weight", "bias"] if bias else ["weight"]:
        given = theirs.get_parameter(f"in_proj_{kind}")
        output = theirs.get_parameter(f"out_proj.{kind}")
        for values in given, output:  # the library's biases begin as zeros
            nn.init.normal_(values, std=0.3)
        parts = zip(("query", "key", "value"), given.chunk(3), strict=True)
        weights |= {f"{name}.{kind}": x for name, x in parts}
        weights[f"output.{kind}"] = output
    ours.load_state_dict(weights)
    return ours, theirs


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [True, False])
def test_equals_the_library_with_its_weights_copied_over(causal, bias):
    (ours, theirs), x = twins(bias), random_x()
    mask = causal_mask(TOKENS) if causal else None
    masked_out = None if mask is None else ~mask  # the opposite convention
    want, _ = theirs(x, x, x, attn_mask=masked_out, need_weights=False)
    assert_equal(ours(x, mask), want)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("tokens", [1, 5, TOKENS, 11])
def test_equals_the_library_in_cross_attention(bias, tokens):
    (ours, theirs), x = twins(bias), random_x()
    memory = random_x(tokens=tokens).flip(1)
    want, _ = theirs(x, memory, memory, need_weights=False)
    assert_equal(ours(x, memory=memory), want)

    padding = padding_mask(torch.tensor([tokens, 1]), tokens)
    want, _ = theirs(
        x, memory, memory, key_padding_mask=~padding[:, 0], need_weights=False
    )
    assert_equal(ours(x, padding, memory=memory), want)

    lower = causal_mask(TOKENS, tokens + TOKENS)[:, TOKENS - 1 : -1]
    want, _ = theirs(x, memory, memory, attn_mask=~lower, need_weights=False)
    assert_equal(ours(x, lower, memory=memory), want)


@pytest.mark.parametrize("num_kv_heads", KV_HEADS)
def test_equals_the_library_with_shared_heads(num_kv_heads):
    attention, x = random_attention(num_kv_heads), random_x()
    kv_heads = num_kv_heads or HEADS
    mask = causal_mask(TOKENS) & padding_mask(torch.tensor([7, 4]), TOKENS)
    heads = F.scaled_dot_product_attention(
        split(attention.query(x), HEADS),
        split(attention.key(x), kv_heads),
        split(attention.value(x), kv_heads),
        attn_mask=mask[:, None],
        enable_gqa=True,
    )
    assert_equal(attention(x, mask), attention.output(heads.transpose(1, 2).flatten(2)))


@pytest.mark.parametrize("num_kv_heads", [3, 2])
def test_heads_are_shared_by_neighbors_and_not_dealt_out(num_kv_heads):
    attention, x = random_attention(num_kv_heads), random_x()
    group = HEADS // num_kv_heads
    query = split(attention.query(x), HEADS)
    key, value = (
        split(part(x), num_kv_heads) for part in (attention.key, attention.value)
    )

    def with_heads(copied):
        heads = F.scaled_dot_product_attention(query, copied(key), copied(value))
        return attention.output(heads.transpose(1, 2).flatten(2))

    out = attention(x)
    assert_equal(out, with_heads(lambda heads: heads.repeat_interleave(group, dim=1)))
    dealt = with_heads(lambda heads: heads.repeat(1, group, 1, 1))
    assert (out - dealt).abs().max() > 0.01


# Law


@given(data=st.data(), shape=st.lists(st.integers(1, 4), min_size=2, max_size=4))
def test_to_merge_undoes_to_split(heads, data, shape):
    h = data.draw(st.integers(1, 4))
    x = np.arange(math.prod(shape) * h, dtype=float).reshape(*shape[:-1], -1)
    split = heads.split_heads(x, h)
    assert np.array_equal(heads.merge_heads(split), x)
    assert np.array_equal(heads.split_heads(heads.merge_heads(split), h), split)


@pytest.mark.parametrize("kv_heads", [6, 2, 1])
def test_the_concatenation_is_a_sum_of_heads(heads, kv_heads, rng):
    """Each head by itself, with its own columns of W_O."""
    x, mask = random_x().numpy(), rng.random((BATCH, TOKENS, TOKENS)) < 0.7
    w_q, w_k, w_v, w_o = random_weights(rng, kv_heads)
    shared = [i * kv_heads // HEADS for i in range(HEADS)]
    maps = zip(runs(w_q), shared, np.split(w_o, HEADS, axis=1), strict=True)
    summed = sum(
        heads.scaled_dot_product_attention(
            x @ q.T, x @ runs(w_k, kv_heads)[j].T, x @ runs(w_v, kv_heads)[j].T, mask
        )
        @ o.T
        for q, j, o in maps
    )
    got = heads.multi_head_attention(x, w_q, w_k, w_v, w_o, HEADS, mask=mask)
    assert_near(got, summed)


def test_the_order_of_the_heads_does_not_matter(heads, rng):
    x, (*w, w_o) = random_x().numpy(), random_weights(rng)
    order = [4, 0, 2, 5, 1, 3]
    moved = [np.concatenate([runs(weight)[i] for i in order]) for weight in w]
    columns = [np.split(w_o, HEADS, axis=1)[i] for i in order]
    got = heads.multi_head_attention(x, *moved, np.hstack(columns), HEADS)
    assert_near(got, heads.multi_head_attention(x, *w, w_o, HEADS))


@pytest.mark.parametrize("kv_heads", [3, 2, 1])
def test_shared_heads_are_heads_with_equal_weights(heads, kv_heads, rng):
    x, (w_q, w_k, w_v, w_o) = random_x().numpy(), random_weights(rng, kv_heads)
    group = HEADS // kv_heads
    tied = [
        np.concatenate(np.repeat(runs(w, kv_heads), group, axis=0)) for w in (w_k, w_v)
    ]
    got = heads.multi_head_attention(x, w_q, w_k, w_v, w_o, HEADS)
    assert_near(got, heads.multi_head_attention(x, w_q, *tied, w_o, HEADS))


@pytest.mark.parametrize("num_kv_heads", [3, 2, 1])
def test_shared_heads_are_heads_with_tied_weights(num_kv_heads):
    shared, tied = random_attention(num_kv_heads), random_attention()
    weights = shared.state_dict()
    for name in "key.weight", "value.weight":
        heads = weights[name].unflatten(0, (num_kv_heads, HEAD_DIM))
        heads = heads.repeat_interleave(HEADS // num_kv_heads, dim=0)
        weights[name] = heads.flatten(0, 1)
    tied.load_state_dict(weights)
    assert_equal(shared(random_x()), tied(random_x()))


@pytest.mark.parametrize("num_kv_heads", KV_HEADS)
@pytest.mark.parametrize("bias", [True, False])
def test_a_memory_of_the_tokens_themselves_is_self_attention(num_kv_heads, bias):
    attention, x = random_attention(num_kv_heads, bias=bias), random_x()
    mask = causal_mask(TOKENS)
    assert_equal(attention(x, mask, memory=x), attention(x, mask))


def test_the_order_of_the_memory_does_not_matter_and_that_of_the_queries_is_kept():
    attention, x, memory = random_attention(3), random_x(), random_x(tokens=5)
    out = attention(x, memory=memory)
    order = torch.tensor([3, 0, 4, 1, 2])
    assert_equal(attention(x, memory=memory[:, order]), out)
    assert_equal(attention(x[:, [2, 0]], memory=memory), out[:, [2, 0]])


def test_padding_of_the_memory_changes_nothing():
    attention, x, memory = random_attention(2), random_x(), random_x(tokens=5)
    padding = padding_mask(torch.tensor([5, 3]), 5)
    out = attention(x, padding, memory=memory)
    assert_equal(out[1], attention(x[1], memory=memory[1, :3]))


@pytest.mark.parametrize("num_kv_heads", KV_HEADS)
def test_a_bias_of_the_keys_changes_nothing_and_one_of_the_values_passes(num_kv_heads):
    attention, x = random_attention(num_kv_heads, bias=True), random_x()
    before = attention(x, causal_mask(TOKENS))
    with torch.no_grad():
        attention.key.bias += torch.arange(len(attention.key.bias)) / 7
    assert_equal(attention(x, causal_mask(TOKENS)), before)

    added = torch.arange(len(attention.value.bias)).double()
    heads = added.unflatten(0, (-1, HEAD_DIM))
    shared = heads.repeat_interleave(HEADS // len(heads), dim=0)
    with torch.no_grad():
        attention.value.bias += added
    passed = F.linear(shared.flatten(), attention.output.weight)
    assert_equal(attention(x, causal_mask(TOKENS)), before + passed)


@pytest.mark.parametrize("num_kv_heads", KV_HEADS)
def test_one_token_at_a_time_equals_all_at_once(num_kv_heads):
    attention, x = random_attention(num_kv_heads), random_x()
    cache = empty_cache(attention)
    with torch.no_grad():
        steps = [attention(x[:, [t]], cache=cache) for t in range(TOKENS)]
        assert_equal(torch.cat(steps, dim=1), attention(x, causal_mask(TOKENS)))


@given(num_kv_heads=st.sampled_from([6, 2, 1]), chunks=chunks())
def test_any_chunks_with_left_padding_equal_all_at_once(num_kv_heads, chunks):
    attention, x = random_attention(num_kv_heads), random_x()
    padding = padding_mask(torch.tensor([7, 4]), TOKENS, side="left")
    cache = empty_cache(attention)
    with torch.no_grad():
        want = attention(x, causal_mask(TOKENS) & padding)
        for start, stop in chunks:
            mask = causal_mask(stop - start, stop) & padding[..., :stop]
            out = attention(x[:, start:stop], mask, cache)
            assert_equal(out, want[:, start:stop])
    assert cache.length == TOKENS


@given(chunks=chunks(), window=st.integers(1, TOKENS))
def test_a_sliding_cache_equals_a_sliding_window(chunks, window):
    attention, x = random_attention(2, bias=True), random_x()
    cache = empty_cache(attention, max_len=window, sliding=True)
    with torch.no_grad():
        want = attention(x, sliding_window_mask(TOKENS, window=window))
        for start, stop in chunks:
            new = stop - start
            mask = sliding_window_mask(new, cache.num_keys(new), window=window)
            out = attention(x[:, start:stop], mask if new > 1 else None, cache)
            assert_equal(out, want[:, start:stop])
    assert (cache.length, cache.next_position) == (window, TOKENS)


def test_left_padding_does_not_change_the_true_tokens():
    attention, x = random_attention(2), random_x()
    padding = padding_mask(torch.tensor([7, 4]), TOKENS, side="left")
    out = attention(x, causal_mask(TOKENS) & padding)
    assert_equal(out[1:, 3:], attention(x[1:, 3:], causal_mask(4)))
    assert (out[1, :3] == 0).all()  # padding before every true token sees nothing


def test_tokens_in_another_order_give_the_same_outputs_in_that_order():
    attention, x = random_attention(3), random_x()
    order = torch.tensor([4, 0, 6, 1, 5, 3, 2])
    assert_equal(attention(x[:, order]), attention(x)[:, order])


@pytest.mark.parametrize("j", range(TOKENS))
def test_no_token_leaks_to_those_before_it(j):
    attention, x = random_attention(2), random_x()
    before = attention(x, causal_mask(TOKENS))
    x[:, j] += 1
    after = attention(x, causal_mask(TOKENS))
    assert torch.equal(after[:, :j], before[:, :j])
    assert (after[:, j:] != before[:, j:]).all()


def test_a_new_token_does_not_see_the_rest_of_its_chunk_only_with_a_mask():
    attention, x = random_attention(), random_x()
    with torch.no_grad():
        want = attention(x, causal_mask(TOKENS))
        cache = empty_cache(attention)
        attention(x[:, :4], causal_mask(4), cache)
        without = attention(x[:, 4:], cache=cache)
    assert_equal(without[:, -1], want[:, -1])
    assert (without[:, :-1] - want[:, 4:-1]).abs().max() > 0.01


# Edge


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
@pytest.mark.parametrize(("kv_heads", "width"), [(6, 11), (2, 3), (1, 1)])
def test_heads_may_be_wider_or_narrower_than_their_share(
    heads, batch, kv_heads, width, rng
):
    x, weights = rng.normal(size=(*batch, 5, 7)), random_weights(rng, kv_heads, width, 7)
    mask = rng.random((*batch, 5, 5)) < 0.5
    got = heads.multi_head_attention(x, *weights, HEADS, mask=mask)
    assert got.shape == x.shape
    for i in np.ndindex(batch):
        one = heads.multi_head_attention(x[i], *weights, HEADS, mask=mask[i])
        assert_near(got[i], one)


def test_a_row_without_a_key_gives_zeros_and_so_does_an_empty_memory(heads, rng):
    x, weights = random_x().numpy(), random_weights(rng)
    mask = np.arange(TOKENS)[:, None] != 3
    got = heads.multi_head_attention(x, *weights, HEADS, mask=mask)
    assert (got[:, 3] == 0).all()
    assert (got[:, [2, 4]] != 0).all()
    got = heads.multi_head_attention(x, *weights, HEADS, memory=x[:, :0])
    assert np.array_equal(got, np.zeros_like(x))


def test_no_tokens_are_split_and_merged(heads):
    split = heads.split_heads(np.zeros((2, 0, 6)), 3)
    assert split.shape == (2, 3, 0, 2)
    assert heads.merge_heads(split).shape == (2, 0, 6)


def test_float32_stays_float32_and_inputs_are_left_alone(heads, rng):
    x, mask = random_x().numpy().astype("float32"), np.tri(TOKENS, dtype=bool)
    weights = [weight.astype("float32") for weight in random_weights(rng)]
    before = [array.copy() for array in (x, *weights)]
    got = heads.multi_head_attention(x, *weights, HEADS, mask=mask, memory=x)
    assert got.dtype == heads.split_heads(x, 3).dtype == np.float32
    assert all(map(np.array_equal, (x, *weights), before))


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_number_of_batch_axes(batch):
    attention, x = random_attention(2), random_x(batch)
    documents = torch.tensor([0, 0, 1, 1, 1, 2, 2])
    mask = document_mask(documents).expand(*batch, -1, -1) & causal_mask(TOKENS)
    out = attention(x, mask)
    assert out.shape == x.shape
    for i in np.ndindex(batch):
        assert_equal(out[i], attention(x[i], mask[i]))


def test_one_token_returns_its_value():
    attention, x = random_attention(2), random_x(tokens=1)
    value = split(attention.value(x), 2).repeat_interleave(3, dim=1)
    assert_equal(attention(x), attention.output(value.transpose(1, 2).flatten(2)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_output_has_the_dtype_of_the_weights(dtype):
    attention, x = random_attention(2), random_x()
    want = attention(x, causal_mask(TOKENS))
    out = attention.to(dtype)(x.to(dtype), causal_mask(TOKENS))
    assert out.dtype == dtype
    rtol, atol = (0.1, 0.05) if dtype is torch.bfloat16 else (1e-5, 1e-6)
    torch.testing.assert_close(out.double(), want, rtol=rtol, atol=atol)


WEIGHTS = {
    "query.weight": (30, 30),
    "key.weight": (10, 30),
    "value.weight": (10, 30),
    "output.weight": (30, 30),
}
BIASES = {
    "query.bias": (30,),
    "key.bias": (10,),
    "value.bias": (10,),
    "output.bias": (30,),
}


@pytest.mark.parametrize(
    ("options", "wanted"), [({}, WEIGHTS), ({"bias": True}, WEIGHTS | BIASES)]
)
def test_all_projections_have_a_bias_or_none(options, wanted):
    parameters = random_attention(2, **options).named_parameters()
    assert {name: tuple(x.shape) for name, x in parameters} == wanted


@pytest.mark.parametrize("batch", [(), (3,), (2, 3)])
def test_any_number_of_batch_axes_of_a_memory(batch):
    attention, x, memory = random_attention(2), random_x(batch), random_x(batch, 5)
    out = attention(x, memory=memory)
    for i in np.ndindex(batch):
        assert_equal(out[i], attention(x[i], memory=memory[i]))


def test_an_empty_memory_gives_zeros():
    attention, x = random_attention(2), random_x()
    out = attention(x, memory=random_x(tokens=0))
    assert torch.equal(out, torch.zeros_like(x))


@pytest.mark.parametrize("num_kv_heads", [2, 1])
@pytest.mark.parametrize("new", [1, 3])
def test_the_cache_is_read_where_it_lies(num_kv_heads, new):
    class Products(TorchDispatchMode):
        """Notes what each batched matrix product reads, as (address, size)."""

        def __init__(self):
            super().__init__()
            self.read = set()

        def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
            if operator is torch.ops.aten.bmm.default:
                self.read |= {(x.data_ptr(), x.numel()) for x in args}
            return operator(*args, **(kwargs or {}))

    attention, x = random_attention(num_kv_heads), random_x()
    cache = empty_cache(attention)
    with torch.no_grad():
        attention(x[:, :4], causal_mask(4), cache)
        with Products() as products:
            attention(x[:, 4 : 4 + new], causal_mask(new, 4 + new), cache)
    for filled in cache.keys, cache.values:
        assert (filled.data_ptr(), filled.numel()) in products.read


def test_inputs_are_left_alone():
    attention, x, mask = random_attention(2), random_x(), causal_mask(TOKENS)
    before = x._version, mask._version
    with torch.no_grad():
        attention(x, mask, empty_cache(attention))
        attention(x, mask, memory=x)
    assert (x._version, mask._version) == before


# Gradient


@pytest.mark.parametrize("rows", [4, 2])
def test_gradcheck_of_the_function(rows):
    torch.manual_seed(3)
    shapes = (3, 5), (4, 5), (rows, 5), (rows, 5), (5, 4), (2, 5)
    *inputs, memory = (torch.randn(x, dtype=torch.float64) for x in shapes)
    mask = torch.tensor([[True, False], [True, True], [False, False]])
    assert torch.autograd.gradcheck(
        lambda *given: multi_head_attention(*given[:5], 2, memory=given[5], mask=mask),
        [x.requires_grad_() for x in (*inputs, memory)],
    )


@pytest.mark.parametrize("num_kv_heads", [4, 2, 1])
def test_gradcheck(num_kv_heads):
    torch.manual_seed(3)
    attention = MultiHeadAttention(4, 4, num_kv_heads=num_kv_heads, bias=True).double()
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    mask = causal_mask(3)
    mask[1] = False
    weights = dict(attention.named_parameters())
    assert torch.autograd.gradcheck(
        lambda x, *values: torch.func.functional_call(
            attention, dict(zip(weights, values, strict=True)), (x, mask)
        ),
        (x, *weights.values()),
    )


def test_gradcheck_of_a_memory():
    torch.manual_seed(3)
    attention = MultiHeadAttention(4, 2, num_kv_heads=1, bias=True).double()
    x = torch.randn(2, 4, dtype=torch.float64, requires_grad=True)
    memory = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    mask = torch.tensor([[True, False, True], [False] * 3])
    assert torch.autograd.gradcheck(
        lambda x, memory: attention(x, mask, memory=memory), (x, memory)
    )


@given(chunks=chunks(), num_kv_heads=st.sampled_from([6, 2]))
def test_the_gradient_through_a_cache_is_that_without(chunks, num_kv_heads):
    attention, x = random_attention(num_kv_heads, bias=True), random_x().requires_grad_()
    inputs = x, *attention.parameters()
    slopes = torch.linspace(-1, 1, x.numel(), dtype=x.dtype).reshape(x.shape)
    want = torch.autograd.grad(attention(x, causal_mask(TOKENS)), inputs, slopes)

    cache = empty_cache(attention, differentiable=True)
    outputs = []
    for start, stop in chunks:
        mask = causal_mask(stop - start, cache.num_keys(stop - start))
        outputs.append(attention(x[:, start:stop], mask, cache))
    got = torch.autograd.grad(torch.cat(outputs, dim=1), inputs, slopes)
    for one, other in zip(got, want, strict=True):
        assert_equal(one, other)


def test_the_gradient_at_huge_scores_is_finite():
    attention, x = random_attention(2), random_x()
    attention(100 * x, causal_mask(TOKENS)).sum().backward()  # scores of 10⁴ and beyond
    assert all(weight.grad.isfinite().all() for weight in attention.parameters())


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        (
            "split_heads",
            (np.zeros(6), 3),
            "x must have shape (..., tokens, d_model); got x.shape=(6,)",
        ),
        (
            "split_heads",
            (np.zeros((5, 6)), 4),
            "x must have a width that is a multiple of num_heads; "
            "got x.shape=(5, 6), num_heads=4",
        ),
        (
            "split_heads",
            (np.zeros((5, 0)), 4),
            "x must have a width that is a multiple of num_heads; "
            "got x.shape=(5, 0), num_heads=4",
        ),
        (
            "split_heads",
            (np.zeros((5, 6)), 0),
            "num_heads must be at least 1; got num_heads=0",
        ),
        (
            "merge_heads",
            (np.zeros((5, 6)),),
            "x must have shape (..., heads, tokens, d_v); got x.shape=(5, 6)",
        ),
    ],
)
def test_refuses_to_split_or_merge(heads, name, arguments, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        getattr(heads, name)(*arguments)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"w_q": np.zeros((12, 13))},
            "w_q must have shape (query_width, d_model=11); got w_q.shape=(12, 13)",
        ),
        (
            {"w_v": np.zeros((4, 11))},
            "w_v must have shape (key_width=6, d_model=11); got w_v.shape=(4, 11)",
        ),
        (
            {"w_o": np.zeros((12, 11))},
            "w_o must have shape (d_model=11, query_width=12); got w_o.shape=(12, 11)",
        ),
        (
            {"num_heads": 5},
            "w_q must have a multiple of num_heads as its rows; "
            "got w_q.shape=(12, 11), num_heads=5",
        ),
        (
            {"w_q": np.zeros((0, 11)), "w_o": np.zeros((11, 0))},
            "w_q must have a multiple of num_heads as its rows; "
            "got w_q.shape=(0, 11), num_heads=6",
        ),
        ({"num_heads": 0}, "num_heads must be at least 1; got num_heads=0"),
        *(
            (
                {"w_k": np.zeros((rows, 11)), "w_v": np.zeros((rows, 11))},
                "w_k must have 2 rows per head, and heads that divide num_heads; "
                f"got w_k.shape=({rows}, 11), num_heads=6",
            )
            for rows in (0, 3, 8, 24)
        ),
        (
            {"memory": np.zeros((3, 5, 11))},
            "memory must have the axes of x, but for the number of tokens; "
            "got memory.shape=(3, 5, 11), x.shape=(2, 7, 11)",
        ),
        (
            {"memory": np.zeros((2, 5, 13))},
            "memory must have shape (..., tokens, d_model=11); "
            "got memory.shape=(2, 5, 13)",
        ),
        (
            {"mask": np.ones((5, 7), bool)},
            "mask must broadcast to (2, 7, 7); got mask.shape=(5, 7)",
        ),
    ],
)
def test_refuses_weights_that_do_not_fit(heads, change, message):
    sizes = {"x": (2, 7, 11), "w_q": (12, 11), "w_k": (6, 11), "w_v": (6, 11)}
    fits = {name: np.zeros(shape) for name, shape in sizes.items()}
    fits |= {"w_o": np.zeros((11, 12)), "num_heads": 6}
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        heads.multi_head_attention(**(fits | change))


@pytest.mark.usefixtures("unchecked")
def test_refuses_a_mask_of_0_and_1(heads, rng):
    message = "mask must be boolean, True = may attend; got mask.dtype=int64"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        heads.multi_head_attention(
            random_x().numpy(), *random_weights(rng), HEADS, mask=np.ones((7, 7), int)
        )


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"num_heads": 7},
            ValueError,
            "embed_dim must be a multiple of num_heads, unless head_dim is given; "
            "got embed_dim=30, num_heads=7",
        ),
        (
            {"num_kv_heads": 4},
            ValueError,
            "num_heads must be a multiple of num_kv_heads; "
            "got num_heads=6, num_kv_heads=4",
        ),
        (
            {"num_kv_heads": 12},
            ValueError,
            "num_heads must be a multiple of num_kv_heads; "
            "got num_heads=6, num_kv_heads=12",
        ),
        (
            {"num_kv_heads": 0},
            ValueError,
            "num_kv_heads must be at least 1; got num_kv_heads=0",
        ),
        ({"num_heads": 0}, ValueError, "num_heads must be at least 1; got num_heads=0"),
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        (
            {"embed_dim": 30.0},
            TypeError,
            "embed_dim must be an integer; got type(embed_dim)=float",
        ),
    ],
)
def test_refuses_sizes(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        MultiHeadAttention(**({"embed_dim": 30, "num_heads": 6} | change))


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("mask", "error", "message"),
    [
        (
            causal_mask(3),  # it forgets the cached keys
            ValueError,
            "mask must broadcast to (2, 3, 7); got mask.shape=(3, 3)",
        ),
        (
            causal_mask(3, 7).float(),
            TypeError,
            "mask must be boolean, True = may attend; got mask.dtype=float32",
        ),
        (
            causal_mask(3, 7).expand(2, 6, 3, 7),  # one per head
            ValueError,
            "mask must broadcast to (2, 3, 7); got mask.shape=(2, 6, 3, 7)",
        ),
    ],
)
def test_refuses_a_mask_before_it_writes_to_the_cache(mask, error, message):
    attention, x = random_attention(), random_x()
    cache = empty_cache(attention)
    with torch.no_grad():
        attention(x[:, :4], causal_mask(4), cache)
        with pytest.raises(error, match=rf"^{re.escape(message)}$"):
            attention(x[:, 4:], mask, cache)
    assert cache.length == 4


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"x": random_x()[0, 0]},
            "x must have shape (..., tokens, d_model=30); got x.shape=(30,)",
        ),
        (
            {"memory": random_x((3,))},
            "memory must have the axes of x, but for the number of tokens; "
            "got memory.shape=(3, 7, 30), x.shape=(2, 7, 30)",
        ),
        (
            {"memory": random_x(())},
            "memory must have the axes of x, but for the number of tokens; "
            "got memory.shape=(7, 30), x.shape=(2, 7, 30)",
        ),
        (
            {"memory": random_x()[..., 1:]},
            "memory must have shape (..., tokens, d_model=30); "
            "got memory.shape=(2, 7, 29)",
        ),
        (
            {"memory": random_x(tokens=5), "mask": causal_mask(7)},
            "mask must broadcast to (2, 7, 5); got mask.shape=(7, 7)",
        ),
        (
            {"memory": random_x(tokens=5), "cache": KVCache(2, 6, 7, 5)},
            "memory must come without a cache, which would store it at each step; "
            "got memory.shape=(2, 5, 30)",
        ),
    ],
)
def test_refuses_tokens(change, message):
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        random_attention()(**({"x": random_x()} | change))
    if "cache" in change:
        assert change["cache"].length == 0


def test_refuses_to_fill_a_cache_with_gradients():
    attention, x = random_attention(), random_x()
    message = (
        r"^key must not require a gradient, so decode under torch\.no_grad\(\), "
        r"or take a cache with differentiable=True; "
        r"got key\.requires_grad=True$"
    )
    with pytest.raises(ValueError, match=message):
        attention(x, causal_mask(TOKENS), empty_cache(attention))
