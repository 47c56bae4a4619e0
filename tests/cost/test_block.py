import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import (
    attention_flops,
    attention_parameters,
    block_crossover,
    block_flops,
    block_parameters,
    feed_forward_flops,
    feed_forward_parameters,
)

sizes = st.integers(1, 10**30)


@st.composite
def blocks(draw):
    """Any d, h and d_ff, and the options of a block."""
    num_kv_heads = draw(sizes)
    sizes_ = draw(sizes), num_kv_heads * draw(sizes), draw(st.none() | sizes)
    options = {"num_kv_heads": num_kv_heads, "head_dim": draw(sizes)}
    return sizes_, options | {"gated": draw(st.booleans())}


# By hand


def test_a_small_block_by_hand():
    flops = block_flops(2, 6, 3, 7, num_kv_heads=1, keys=5, gated=True)
    assert flops.attention.projections == 2 * 2 * (36 + 12 + 12 + 36)
    assert flops.attention.quadratic == 4 * 2 * 5 * 6
    assert flops.feed_forward == 2 * 2 * 3 * 6 * 7
    assert flops.matmul == 384 + 240 + 504
    assert flops.total == 1128 + 3 * 3 * 2 * 5
    causal = block_flops(2, 6, 3, 7, num_kv_heads=1, keys=5, gated=True, causal=True)
    assert causal.attention.quadratic == 4 * 9 * 6
    assert block_parameters(6, 3, 7, num_kv_heads=1, gated=True) == 96 + 126
    assert block_parameters(6, 3, 7, bias=True) == 4 * 36 + 24 + 84 + 13


@pytest.mark.parametrize(
    ("queries", "percent"), [(2048, 7.7), (8192, 25), (24_576, 50), (131_072, 84.2)]
)
def test_the_quadratic_share_grows_with_the_context(queries, percent):
    flops = block_flops(queries, 4096, 32)
    share = flops.attention.quadratic / flops.matmul
    assert 100 * share == pytest.approx(percent, abs=0.05)


# Oracle: real models, whole


@pytest.mark.parametrize(
    ("layers", "d", "h", "positions", "parameters", "share"),
    [
        (12, 768, 12, 1024, 124_439_808, 0.4554),  # GPT-2
        (48, 1600, 25, 1024, 1_557_611_200, 0.6314),  # GPT-2 XL
        (96, 12_288, 96, 2048, 174_604_259_328, 0.6642),  # GPT-3
    ],
)
def test_parameters_of_gpt(layers, d, h, positions, parameters, share):
    norm = 2 * d
    block = block_parameters(d, h, bias=True) + 2 * norm
    assert (50_257 + positions) * d + layers * block + norm == parameters
    feed_forward = layers * feed_forward_parameters(d, bias=True)
    assert feed_forward / parameters == pytest.approx(share, abs=5e-5)


def test_parameters_of_bert_base():
    layers, d, norm = 12, 768, 2 * 768
    embeddings, pooler = (30_522 + 512 + 2) * d + norm, d * d + d
    block = block_parameters(d, 12, bias=True) + 2 * norm
    total = embeddings + layers * block + pooler
    feed_forward = layers * feed_forward_parameters(d, bias=True)
    assert (feed_forward, total) == (56_669_184, 109_482_240)


@pytest.mark.parametrize(
    ("layers", "d", "h", "kv", "head_dim", "hidden", "outside", "parameters", "share"),
    [
        (32, 4096, 32, 32, 128, 11_008, 2 * 32_000, 6_738_415_616, 0.6684),  # Llama 2 7B
        (32, 4096, 32, 8, 128, 14_336, 2 * 128_256, 8_030_261_248, 0.8077),  # Llama 3 8B
        (28, 1024, 16, 8, 128, 3072, 151_936, 596_049_920, None),  # Qwen3-0.6B, tied
    ],
)
def test_parameters_of_llama_and_qwen(
    layers, d, h, kv, head_dim, hidden, outside, parameters, share
):
    options = {"num_kv_heads": kv, "head_dim": head_dim}
    block = block_parameters(d, h, hidden, gated=True, **options)
    norms = 2 * d + (0 if share else 2 * head_dim)  # Qwen3 norms queries and keys
    assert outside * d + layers * (block + norms) + d == parameters
    if share:
        ours = feed_forward_parameters(d, hidden, gated=True) / block
        assert ours == pytest.approx(share, abs=5e-5)


def test_parameters_are_those_of_the_library():
    layer = torch.nn.TransformerEncoderLayer(6, 3, 11)
    want = sum(p.numel() for p in layer.parameters())
    assert block_parameters(6, 3, 11, bias=True) + 4 * 6 == want


# Law


@given(n=sizes, block=blocks(), causal=st.booleans())
def test_a_block_is_attention_and_feed_forward(n, block, causal):
    (d, h, hidden), options = block
    flops = block_flops(n, d, h, hidden, causal=causal, **options)
    gated = options.pop("gated")
    attention = attention_flops(n, d, h, causal=causal, **options)
    feed_forward = feed_forward_flops(n, d, hidden, gated=gated)
    assert (flops.attention, flops.feed_forward) == (attention, feed_forward)
    assert flops.matmul == attention.matmul + feed_forward
    assert flops.total == flops.matmul + attention.softmax
    parameters = attention_parameters(d, h, **options)
    parameters += feed_forward_parameters(d, hidden, gated=gated)
    assert block_parameters(d, h, hidden, gated=gated, **options) == parameters


@given(width=sizes, h=sizes, n=sizes)
def test_the_plain_block(width, h, n):
    d = width * h
    assert block_flops(n, d, h).matmul == 24 * n * d**2 + 4 * n**2 * d
    assert block_parameters(d, h) == 12 * d**2
    assert block_crossover(d) == block_crossover(d, h) == 6 * d
    assert block_crossover(d, causal=True) == 12 * d - 1


@given(block=blocks(), causal=st.booleans())
def test_the_crossover_is_the_first_length_of_equal_cost(block, causal):
    (d, h, hidden), options = block
    n = block_crossover(d, h, hidden, causal=causal, **options)
    for length, is_more in (n, True), (n - 1, False):
        if length:
            flops = block_flops(length, d, h, hidden, causal=causal, **options)
            quadratic = flops.attention.quadratic
            assert (quadratic >= flops.matmul - quadratic) == is_more


# Edge


def test_the_smallest_block():
    assert block_parameters(1, 1, 1) == 6
    assert block_flops(1, 1, 1, 1).matmul == 16
    assert block_crossover(1, 1, 1, head_dim=100, causal=True) == 4
    assert block_crossover(1, 1, 1, head_dim=100) == 3  # 2 and a bit


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        (
            {"hidden_dim": 0},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=0",
        ),
        (
            {"num_kv_heads": 2},
            ValueError,
            "num_heads must be a multiple of num_kv_heads; "
            "got num_heads=3, num_kv_heads=2",
        ),
        (
            {"head_dim": 2.0},
            TypeError,
            "head_dim must be a Python int; got type(head_dim)=float",
        ),
    ],
)
def test_refuses(change, error, message):
    options = {"embed_dim": 6, "num_heads": 3, "hidden_dim": 7} | change
    match = rf"^{re.escape(message)}$"
    for function in block_parameters, block_crossover:
        with pytest.raises(error, match=match):
            function(**options)
    with pytest.raises(error, match=match):
        block_flops(5, **options)
