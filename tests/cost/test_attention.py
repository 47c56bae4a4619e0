import re
from dataclasses import asdict

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from dlref.cost import (
    Block,
    attention_flops,
    attention_pairs,
    attention_parameters,
    projection_crossover,
)

sizes = st.integers(1, 10**30)  # far beyond 64 bits


@st.composite
def heads(draw):
    """Any h, h_kv and d_k, with h a multiple of h_kv."""
    num_kv_heads = draw(sizes)
    num_heads = num_kv_heads * draw(sizes)
    return num_heads, {"num_kv_heads": num_kv_heads, "head_dim": draw(sizes)}


def counted(queries, embed_dim, num_heads, num_kv_heads, head_dim, keys):
    """The FLOPs that torch counts in an attention layer with a cache of older keys."""
    x = torch.randn(1, queries, embed_dim)
    into = [torch.randn(h * head_dim, embed_dim) for h in (num_heads, num_kv_heads)]
    back = torch.randn(embed_dim, num_heads * head_dim)
    cache = torch.randn(2, 1, num_kv_heads, keys - queries, head_dim)

    def split(projected):
        return projected.unflatten(-1, (-1, head_dim)).transpose(1, 2)

    # torch does not count the fused kernel of the CPU
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        query, key, value = (split(F.linear(x, into[i])) for i in (0, 1, 1))
        key, value = torch.cat([cache[0], key], 2), torch.cat([cache[1], value], 2)
        heads = F.scaled_dot_product_attention(query, key, value, enable_gqa=True)
        F.linear(heads.transpose(1, 2).flatten(2), back)
    by_op = {
        op.__name__: flops for op, flops in counter.get_flop_counts()["Global"].items()
    }
    return counter.get_total_flops(), by_op


# By hand


def test_each_part_by_hand():
    flops = attention_flops(2, 12, 3, num_kv_heads=1, head_dim=5, keys=7)
    assert asdict(flops) == {
        "query_projection": 2 * 2 * 12 * 15,
        "key_projection": 2 * 2 * 12 * 5,
        "value_projection": 2 * 2 * 12 * 5,
        "scores": 2 * 2 * 7 * 15,
        "softmax": 3 * 2 * 7 * 3,
        "values": 2 * 2 * 7 * 15,
        "output_projection": 2 * 2 * 12 * 15,
    }
    assert flops.projections == 720 + 240 + 240 + 720
    assert flops.quadratic == 420 + 420
    assert flops.matmul == 1920 + 840
    assert flops.total == 2760 + 126


def test_causal_pairs_by_hand():
    assert attention_pairs(8, causal=True) == 36
    assert attention_pairs(4096, causal=True) == 8_390_656
    assert attention_pairs(3, 8, causal=True) == 6 + 7 + 8
    assert attention_pairs(8, 3, causal=True) == 1 + 2 + 3
    flops = attention_flops(3, 10, 5, keys=8, causal=True)
    assert (flops.scores, flops.softmax) == (2 * 21 * 10, 3 * 21 * 5)


def test_parameters_by_hand():
    assert attention_parameters(6, 3, num_kv_heads=1) == 36 + 12 + 12 + 36
    with_bias = attention_parameters(6, 3, num_kv_heads=1, bias=True)
    assert with_bias == 96 + 6 + 2 + 2 + 6
    mha = attention_parameters(4096, 32)
    assert attention_parameters(4096, 32, num_kv_heads=1) / mha == 0.515625
    assert attention_parameters(4096, 32, num_kv_heads=8) / mha == 0.625


# Oracle


@pytest.mark.parametrize(
    ("queries", "embed_dim", "num_heads", "flops", "exponentials"),
    [
        (64, 64, 1, 3_145_728, 4096),
        (64, 64, 4, 3_145_728, 16_384),
        (64, 64, 16, 3_145_728, 65_536),
        (128, 64, 4, 8_388_608, 65_536),
        (256, 64, 4, 25_165_824, 262_144),
    ],
)
def test_torch_counts_the_same_in_plain_attention(
    queries, embed_dim, num_heads, flops, exponentials
):
    head_dim = embed_dim // num_heads
    total, _ = counted(queries, embed_dim, num_heads, num_heads, head_dim, queries)
    ours = attention_flops(queries, embed_dim, num_heads)
    assert ours.matmul == total == flops
    assert ours.softmax == 3 * exponentials


@pytest.mark.parametrize("queries", [1, 7, 11])
@pytest.mark.parametrize("num_kv_heads", [1, 3, 6])
def test_torch_counts_the_same_with_groups_and_a_cache(queries, num_kv_heads):
    total, by_op = counted(queries, 13, 6, num_kv_heads, 5, 11)
    ours = attention_flops(queries, 13, 6, num_kv_heads=num_kv_heads, head_dim=5, keys=11)
    assert ours.matmul == total
    assert ours.quadratic == by_op["bmm"]
    assert ours.projections == by_op["mm"]


@pytest.mark.parametrize("bias", [False, True])
def test_parameters_are_those_of_the_library(bias):
    layer = torch.nn.MultiheadAttention(35, 5, bias=bias)
    want = sum(p.numel() for p in layer.parameters())
    assert attention_parameters(35, 5, bias=bias) == want


@pytest.mark.parametrize("queries", [1, 2, 7])
@pytest.mark.parametrize("keys", [1, 5, 7, 11])
def test_pairs_are_those_of_a_mask(queries, keys):
    mask = np.tri(queries, keys, keys - queries, dtype=bool)
    assert attention_pairs(queries, keys, causal=True) == mask.sum()
    assert attention_pairs(queries, keys) == mask.size


# Law


@given(queries=sizes, width=sizes, num_heads=sizes)
def test_plain_attention_is_exact_at_any_size(queries, width, num_heads):
    d = width * num_heads
    flops = attention_flops(queries, d, num_heads)
    assert flops.projections == 8 * queries * d**2
    assert flops.quadratic == 4 * queries**2 * d
    assert attention_parameters(d, num_heads) == 4 * d**2
    assert all(type(part) is int for part in asdict(flops).values())


@given(queries=sizes, d=sizes, heads=heads())
def test_a_parameter_costs_two_flops_for_each_token(queries, d, heads):
    h, options = heads
    flops = attention_flops(queries, d, h, **options)
    assert flops.projections == 2 * queries * attention_parameters(d, h, **options)


@given(prompt=st.integers(1, 40), answer=st.integers(1, 40), d=sizes, heads=heads())
def test_decoding_with_a_cache_costs_what_one_causal_pass_does(prompt, answer, d, heads):
    h, options = heads
    together = attention_flops(prompt + answer, d, h, causal=True, **options)
    prefill = attention_flops(prompt, d, h, causal=True, **options)
    steps = [
        attention_flops(1, d, h, keys=prompt + t, **options) for t in range(1, answer + 1)
    ]
    assert together.total == prefill.total + sum(step.total for step in steps)


@given(queries=sizes, d=sizes, heads=heads())
def test_sharing_keys_leaves_the_quadratic_part_alone(queries, d, heads):
    h, options = heads
    grouped = attention_flops(queries, d, h, **options)
    full = attention_flops(queries, d, h, head_dim=options["head_dim"])
    assert (grouped.quadratic, grouped.softmax) == (full.quadratic, full.softmax)
    assert grouped.projections <= full.projections


@given(d=sizes, heads=heads(), causal=st.booleans())
def test_the_crossover_is_the_first_length_of_equal_cost(d, heads, causal):
    h, options = heads
    n = projection_crossover(Block(d, h, **options), causal=causal)
    at, before = (
        attention_flops(x, d, h, causal=causal, **options) for x in (n, max(n - 1, 1))
    )
    assert at.quadratic >= at.projections
    assert n == 1 or before.quadratic < before.projections


@given(d=sizes, h=sizes, head_dim=sizes)
def test_the_crossover_of_plain_attention_is_twice_the_width(d, h, head_dim):
    for block in Block(d, 1), Block(d, h, head_dim=head_dim):
        assert projection_crossover(block) == 2 * d
        assert projection_crossover(block, causal=True) == 4 * d - 1


# Edge


def test_one_token_and_one_head():
    flops = attention_flops(1, 1, 1)
    assert (flops.projections, flops.quadratic, flops.softmax) == (8, 4, 3)
    assert attention_flops(1, 1, 1, keys=1, causal=True) == flops
    assert attention_parameters(1, 1) == 4


def test_gpt3_spends_little_on_the_quadratic_part():
    d, n, layers = 12_288, 2048, 96
    quadratic = layers * attention_flops(n, d, 96, causal=True).quadratic / n
    assert quadratic == pytest.approx(4.83e9, rel=1e-3)
    assert quadratic / (2 * 174_604_259_328) == pytest.approx(0.0138, abs=5e-5)


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"queries": 0}, ValueError, "queries must be at least 1; got queries=0"),
        ({"embed_dim": -6}, ValueError, "embed_dim must be at least 1; got embed_dim=-6"),
        ({"num_heads": 0}, ValueError, "num_heads must be at least 1; got num_heads=0"),
        (
            {"num_kv_heads": 0},
            ValueError,
            "num_kv_heads must be at least 1; got num_kv_heads=0",
        ),
        ({"head_dim": 0}, ValueError, "head_dim must be at least 1; got head_dim=0"),
        ({"keys": 0}, ValueError, "keys must be at least 1; got keys=0"),
        (
            {"keys": 4},
            ValueError,
            "keys must be at least queries; got keys=4, queries=5",
        ),
        (
            {"num_kv_heads": 2},
            ValueError,
            "num_heads must be a multiple of num_kv_heads; "
            "got num_heads=3, num_kv_heads=2",
        ),
        (
            {"embed_dim": 7},
            ValueError,
            "embed_dim must be a multiple of num_heads, unless head_dim is given; "
            "got embed_dim=7, num_heads=3",
        ),
        (
            {"queries": 5.0},
            TypeError,
            "queries must be an integer; got type(queries)=float",
        ),
        (
            {"num_heads": True},
            TypeError,
            "num_heads must be an integer; got type(num_heads)=bool",
        ),
    ],
)
def test_refuses(change, error, message):
    options = {"queries": 5, "embed_dim": 6, "num_heads": 3} | change
    match = rf"^{re.escape(message)}$"
    with pytest.raises(error, match=match):
        attention_flops(**options)
    if not change.keys() & {"queries", "keys"}:
        del options["queries"]
        with pytest.raises(error, match=match):
            attention_parameters(**options)


@pytest.mark.usefixtures("unchecked")
def test_pairs_refuse():
    with pytest.raises(ValueError, match=r"^keys must be at least 1; got keys=0$"):
        attention_pairs(3, 0)
