import re
from dataclasses import asdict
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import (
    Block,
    attention_activation_bytes,
    block_activation_bytes,
    feed_forward_activation_bytes,
)

sizes = st.integers(1, 10**30)


def kept_bytes(function, x, *weights):
    """Bytes that autograd keeps for the backward pass, the weights aside."""
    ours = {weight.data_ptr() for weight in weights}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        out = function(x, *weights)
    out.sum().backward()  # keeps what was packed alive until here
    return sum(nbytes for pointer, nbytes in kept.items() if pointer not in ours)


def parameter(*shape):
    return torch.randn(*shape, requires_grad=True)


# By hand


def test_each_part_by_hand():
    block = Block(12, 3, num_kv_heads=1, head_dim=5)
    size = {"batch_size": 11, "bytes_per_element": 4}
    kept = attention_activation_bytes(2, block, keys=7, **size)
    assert asdict(kept) == {
        "input": 44 * 2 * 12,
        "query": 44 * 2 * 15,
        "key": 44 * 7 * 5,
        "value": 44 * 7 * 5,
        "weights": 44 * 3 * 2 * 7,
        "heads": 44 * 2 * 15,
    }
    assert kept.without_weights == 44 * (24 + 30 + 35 + 35 + 30)
    assert kept.total == 44 * (154 + 42)


def test_a_block_by_hand():
    kept = block_activation_bytes(
        2, Block(6, 3, 7, num_kv_heads=1, head_dim=5, gated=True)
    )
    assert kept.attention.total == 2 * (12 + 30 + 10 + 10 + 12 + 30)
    assert kept.feed_forward == 2 * 2 * (6 + 4 * 7)
    assert kept.norms == 2 * 2 * 12
    assert kept.total == 208 + 136 + 48


def test_the_formula_of_the_source_without_its_dropout():
    s, b, h, a = 2048, 4, 12_288, 96  # tokens, batch, width, heads, as there
    kept = block_activation_bytes(s, Block(h, a), batch_size=b)
    with_dropout = s * b * h * 34 + 5 * a * s**2 * b
    masks = 2 * s * b * h + a * s**2 * b
    assert kept.total == with_dropout - masks - 2 * a * s**2 * b


# Oracle


def test_attention_keeps_what_autograd_keeps():
    batch, n, d, h, head_dim = 2, 7, 13, 3, 5
    x = parameter(batch, n, d)
    into = [parameter(h * head_dim, d) for _ in range(3)]
    back = parameter(d, h * head_dim)

    def attention(x, *weights):
        query, key, value = (
            F.linear(x, weight).view(batch, n, h, head_dim) for weight in weights[:3]
        )
        scores = torch.einsum("bqhd,bkhd->bhqk", query, key)
        heads = torch.einsum("bhqk,bkhd->bqhd", scores.softmax(dim=-1), value)
        return F.linear(heads.reshape(batch, n, h * head_dim), weights[3])

    block = Block(d, h, head_dim=head_dim)
    size = {"batch_size": batch, "bytes_per_element": 4}
    ours = attention_activation_bytes(n, block, **size)
    assert kept_bytes(attention, x, *into, back) == ours.total


def test_feed_forward_keeps_what_autograd_keeps():
    n, d, hidden = 7, 5, 11
    x, up, down = parameter(n, d), parameter(hidden, d), parameter(d, hidden)
    kept = kept_bytes(lambda x, a, b: F.linear(F.gelu(F.linear(x, a)), b), x, up, down)
    assert kept == feed_forward_activation_bytes(
        n, Block(d, 1, hidden), bytes_per_element=4
    )

    def swiglu(x, gate, up, down):
        return F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)

    kept = kept_bytes(swiglu, x, parameter(hidden, d), up, down)
    block = Block(d, 1, hidden, gated=True)
    assert kept == feed_forward_activation_bytes(n, block, bytes_per_element=4)


# Law


@given(n=sizes, width=sizes, h=sizes, batch_size=sizes, size=sizes)
def test_the_plain_block_is_exact_at_any_size(n, width, h, batch_size, size):
    d = width * h
    block = Block(d, h)
    options = {"batch_size": batch_size, "bytes_per_element": size}
    kept = block_activation_bytes(n, block, **options)
    assert kept.total == batch_size * size * (16 * n * d + h * n**2)
    assert kept.attention == attention_activation_bytes(n, block, **options)
    assert kept.feed_forward == feed_forward_activation_bytes(n, block, **options)


@given(n=sizes, third=sizes)
def test_the_gated_layer_keeps_a_third_more_inside(n, third):
    d = 3 * third
    plain = feed_forward_activation_bytes(n, Block(d, 1)) - 2 * n * d
    block = Block(d, 1, gated=True)
    gated = feed_forward_activation_bytes(n, block) - 2 * n * d
    assert 3 * gated == 4 * plain


@given(n=sizes, d=sizes, kv=sizes, group=sizes, width=sizes)
def test_sharing_keys_saves_keys_and_values_alone(n, d, kv, group, width):
    h = kv * group
    full, shared = (
        attention_activation_bytes(n, Block(d, h, head_dim=width, num_kv_heads=heads))
        for heads in (h, kv)
    )
    assert shared.key * group == full.key == full.query
    assert full.total - shared.total == 2 * (full.key - shared.key)


@given(n=sizes, d=sizes, h=sizes, bits=st.integers(1, 64))
def test_each_part_is_rounded_up_once(n, d, h, bits):
    block = Block(d * h, h)
    one = block_activation_bytes(n, block, bytes_per_element=1)
    kept = block_activation_bytes(n, block, bytes_per_element=Fraction(bits, 8))
    for name in "input", "query", "key", "value", "weights", "heads":
        in_bits = bits * getattr(one.attention, name)
        assert getattr(kept.attention, name) == -(-in_bits // 8)
    assert kept.feed_forward == -(-bits * one.feed_forward // 8)
    assert kept.norms == 2 * kept.attention.input


# Edge


def test_one_token_and_one_head():
    block = Block(1, 1, 1)
    assert attention_activation_bytes(1, block, bytes_per_element=1).total == 6
    assert block_activation_bytes(1, block, bytes_per_element=1).total == 6 + 3 + 2


def test_a_part_of_a_byte_is_a_whole_one_in_each_part():
    block = Block(1, 1, 1)
    kept = attention_activation_bytes(3, block, bytes_per_element=0.5)  # 3 and 9 numbers
    assert (kept.input, kept.query, kept.key, kept.weights, kept.heads) == (2, 2, 2, 5, 2)
    assert feed_forward_activation_bytes(1, block, bytes_per_element=Fraction(1, 4)) == 1
    assert feed_forward_activation_bytes(3, block, bytes_per_element=0.5) == 5


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"queries": 0}, ValueError, "queries must be at least 1; got queries=0"),
        (
            {"batch_size": 0},
            ValueError,
            "batch_size must be at least 1; got batch_size=0",
        ),
        (
            {"bytes_per_element": 0.0},
            ValueError,
            "bytes_per_element must be above 0 and finite; got bytes_per_element=0.0",
        ),
        (
            {"bytes_per_element": True},
            TypeError,
            "bytes_per_element must be a number; got type(bytes_per_element)=bool",
        ),
    ],
)
def test_attention_and_block_refuse(change, error, message):
    options = {"queries": 5, "block": Block(6, 3)} | change
    for function in attention_activation_bytes, block_activation_bytes:
        with pytest.raises(error, match=rf"^{re.escape(message)}$"):
            function(**options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("gated", [False, True])
@pytest.mark.parametrize("name", ["num_tokens", "batch_size", "bytes_per_element"])
def test_feed_forward_refuses(name, gated):
    options = {"num_tokens": 5, "block": Block(6, 3, gated=gated)} | {name: 0}
    least = "above 0 and finite" if name == "bytes_per_element" else "at least 1"
    with pytest.raises(ValueError, match=rf"^{name} must be {least}; got {name}=0$"):
        feed_forward_activation_bytes(**options)


def test_a_number_has_two_bytes_unless_given():
    block = Block(4, 2)
    assert attention_activation_bytes(3, block) == attention_activation_bytes(
        3, block, bytes_per_element=2
    )
    assert feed_forward_activation_bytes(3, block) == feed_forward_activation_bytes(
        3, block, bytes_per_element=2
    )
