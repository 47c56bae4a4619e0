import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import block_parameters, lora_parameters
from dlref.models import GPT3, LLAMA3_8B
from dlref.torch.fine_tuning import LoRALinear

sizes = st.integers(1, 10**9)
shapes = st.lists(st.tuples(sizes, sizes), max_size=5)


def projections(model):
    """Shapes of query, value, key and output projection, then of the feed-forward."""
    block = model.block
    d, narrow = block.embed_dim, block.num_kv_heads * block.head_dim
    wide = block.num_heads * block.head_dim
    return (wide, d), (narrow, d), (narrow, d), (d, wide)


# By hand


def test_by_hand():
    assert lora_parameters([(5, 3)], 2) == 2 * (3 + 5)
    assert lora_parameters([(5, 3), (7, 11), (5, 3)], 2) == 2 * (8 + 18 + 8)


def test_of_llama():
    query, value, *rest = projections(LLAMA3_8B)
    d, d_ff = LLAMA3_8B.block.embed_dim, LLAMA3_8B.block.hidden_dim
    everything = [query, value, *rest, (d_ff, d), (d_ff, d), (d, d_ff)]
    assert sum(o * i for o, i in everything) == block_parameters(LLAMA3_8B.block).total
    layers = LLAMA3_8B.num_layers
    assert layers * lora_parameters([query, value], 16) == 6_815_744
    assert layers * lora_parameters(everything, 16) == 41_943_040


def test_of_gpt3_as_the_paper_counts_them():
    query, value, *_ = projections(GPT3)  # Table 5: 18M
    assert GPT3.num_layers * lora_parameters([query, value], 4) == 18_874_368


# Oracle


def test_is_what_the_layer_trains():
    linear = torch.nn.Linear(3, 5)
    trained = [p for p in LoRALinear(linear, 2, alpha=1).parameters() if p.requires_grad]
    assert lora_parameters([(5, 3)], 2) == sum(p.numel() for p in trained)


# Laws


@given(shapes, shapes, st.integers(1, 10**6))
def test_adds_up_and_is_proportional_to_the_rank(first, second, rank):
    both = lora_parameters(first, rank) + lora_parameters(second, rank)
    assert lora_parameters(first + second, rank) == both
    assert lora_parameters(first, rank) == rank * lora_parameters(first, 1)


@given(sizes, sizes)
def test_is_less_than_the_matrix_below_the_break_even_rank(d_out, d_in):
    rank = d_out * d_in // (d_out + d_in)
    if rank:
        assert lora_parameters([(d_out, d_in)], rank) <= d_out * d_in
    assert lora_parameters([(d_out, d_in)], rank + 1) > d_out * d_in


# Edge


def test_nothing_adapted_trains_nothing_and_no_count_is_too_long():
    assert lora_parameters([], 1) == 0
    assert lora_parameters([(1, 1)], 1) == 2
    assert lora_parameters([(10**30, 1)], 10**30) == 10**60 + 10**30


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("given", "rank", "error", "message"),
    [
        ([(5, 3)], 0, ValueError, "rank must be at least 1; got rank=0"),
        (
            [(5, 3), (5, 0)],
            1,
            ValueError,
            "shape must hold whole numbers of at least 1; got shape=(5, 0)",
        ),
        ([(5, 3, 2)], 1, ValueError, "each shape must be (out, in); got shape=(5, 3, 2)"),
        ([5, 3], 1, TypeError, "shape must be a tuple of sizes; got type(shape)=int"),
    ],
)
def test_errors(given, rank, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        lora_parameters(given, rank)
