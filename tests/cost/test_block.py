import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import (
    Block,
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
    """Any d, h, h_kv, d_k and d_ff, gated or not."""
    num_kv_heads = draw(sizes)
    sizes_ = draw(sizes), num_kv_heads * draw(sizes), draw(st.none() | sizes)
    options = {"num_kv_heads": num_kv_heads, "head_dim": draw(sizes)}
    return Block(*sizes_, **options, gated=draw(st.booleans()))


# By hand


def test_a_small_block_by_hand():
    block = Block(6, 3, 7, num_kv_heads=1, gated=True)
    flops = block_flops(2, block, keys=5)
    assert flops.attention.projections == 2 * 2 * (36 + 12 + 12 + 36)
    assert flops.attention.quadratic == 4 * 2 * 5 * 6
    assert flops.feed_forward == 2 * 2 * 3 * 6 * 7
    assert flops.matmul == 384 + 240 + 504
    assert flops.total == 1128 + 3 * 3 * 2 * 5
    causal = block_flops(2, block, keys=5, causal=True)
    assert causal.attention.quadratic == 4 * 9 * 6
    parameters = block_parameters(block)
    assert (parameters.attention, parameters.feed_forward) == (96, 126)
    assert parameters.total == 96 + 126
    biased = block_parameters(Block(6, 3, 7, bias=True))
    assert (biased.attention, biased.feed_forward) == (4 * 36 + 24, 84 + 13)


@pytest.mark.parametrize(
    ("queries", "percent"), [(2048, 7.7), (8192, 25), (24_576, 50), (131_072, 84.2)]
)
def test_the_quadratic_share_grows_with_the_context(queries, percent):
    flops = block_flops(queries, Block(4096, 32))
    share = flops.attention.quadratic / flops.matmul
    assert 100 * share == pytest.approx(percent, abs=0.05)


# Oracle


def test_parameters_of_bert_base():
    layers, d, norm = 12, 768, 2 * 768
    embeddings, pooler = (30_522 + 512 + 2) * d + norm, d * d + d
    block = block_parameters(Block(d, 12, bias=True))
    total = embeddings + layers * (block.total + 2 * norm) + pooler
    assert (layers * block.feed_forward, total) == (56_669_184, 109_482_240)


def test_parameters_are_those_of_the_library():
    layer = torch.nn.TransformerEncoderLayer(6, 3, 11)
    want = sum(p.numel() for p in layer.parameters())
    assert block_parameters(Block(6, 3, 11, bias=True)).total + 4 * 6 == want


# Law


@given(n=sizes, block=blocks(), causal=st.booleans())
def test_a_block_is_attention_and_feed_forward(n, block, causal):
    flops = block_flops(n, block, causal=causal)
    d, h = block.embed_dim, block.num_heads
    options = {"num_kv_heads": block.num_kv_heads, "head_dim": block.head_dim}
    attention = attention_flops(n, d, h, causal=causal, **options)
    feed_forward = feed_forward_flops(n, d, block.hidden_dim, gated=block.gated)
    assert (flops.attention, flops.feed_forward) == (attention, feed_forward)
    assert flops.matmul == attention.matmul + feed_forward
    assert flops.total == flops.matmul + attention.softmax
    parameters = block_parameters(block)
    assert parameters.attention == attention_parameters(d, h, **options)
    assert parameters.feed_forward == feed_forward_parameters(
        d, block.hidden_dim, gated=block.gated
    )
    assert parameters.total == parameters.attention + parameters.feed_forward


@given(width=sizes, h=sizes, n=sizes)
def test_the_plain_block(width, h, n):
    d = width * h
    block = Block(d, h)
    assert block_flops(n, block).matmul == 24 * n * d**2 + 4 * n**2 * d
    assert block_parameters(block).total == 12 * d**2
    assert block_crossover(Block(d, 1)) == block_crossover(block) == 6 * d
    assert block_crossover(block, causal=True) == 12 * d - 1


@given(block=blocks(), causal=st.booleans())
def test_the_crossover_is_the_first_length_of_equal_cost(block, causal):
    n = block_crossover(block, causal=causal)
    for length, is_more in (n, True), (n - 1, False):
        if length:
            flops = block_flops(length, block, causal=causal)
            quadratic = flops.attention.quadratic
            assert (quadratic >= flops.matmul - quadratic) == is_more


# Edge


def test_the_smallest_block():
    smallest, wide = Block(1, 1, 1), Block(1, 1, 1, head_dim=100)
    assert block_parameters(smallest).total == 6
    assert block_flops(1, smallest).matmul == 16
    assert block_crossover(wide, causal=True) == 4
    assert block_crossover(wide) == 3  # 2 and a bit


def test_biases_cost_no_flops():
    plain, biased = Block(6, 3), Block(6, 3, bias=True)
    assert block_flops(5, plain) == block_flops(5, biased)
    assert block_crossover(plain) == block_crossover(biased)


# Errors


@pytest.mark.usefixtures("unchecked")
def test_refuses():
    with pytest.raises(ValueError, match=r"^queries must be at least 1; got queries=0$"):
        block_flops(0, Block(6, 3))
    message = r"^keys must be at least queries; got keys=4, queries=5$"
    with pytest.raises(ValueError, match=message):
        block_flops(5, Block(6, 3), keys=4)
