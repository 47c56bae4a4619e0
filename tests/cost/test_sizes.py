import re
from dataclasses import FrozenInstanceError, asdict, replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import Block, gated_hidden_dim

sizes = st.integers(1, 10**30)


# By hand


def test_what_is_left_out_is_filled_in():
    assert asdict(Block(768, 12)) == {
        "embed_dim": 768,
        "num_heads": 12,
        "hidden_dim": 3072,
        "num_kv_heads": 12,
        "head_dim": 64,
        "gated": False,
        "bias": False,
    }
    assert Block(768, 12, gated=True).hidden_dim == 2048


def test_what_is_given_is_kept():
    given = {"num_kv_heads": 2, "head_dim": 5, "gated": True, "bias": True}
    block = Block(13, 6, 7, **given)
    assert asdict(block) == {
        "embed_dim": 13,
        "num_heads": 6,
        "hidden_dim": 7,
        **given,
    }


# Oracle


@pytest.mark.parametrize(("embed_dim", "num_heads"), [(6, 2), (35, 7), (768, 12)])
def test_a_head_is_as_wide_as_in_the_library(embed_dim, num_heads):
    layer = torch.nn.MultiheadAttention(embed_dim, num_heads)
    assert Block(embed_dim, num_heads).head_dim == layer.head_dim


# Law


@given(width=sizes, h=sizes, gated=st.booleans())
def test_the_plain_block_is_the_one_spelled_out(width, h, gated):
    d = width * h
    hidden = gated_hidden_dim(d) if gated else 4 * d
    spelled_out = Block(d, h, hidden, num_kv_heads=h, head_dim=width, gated=gated)
    assert Block(d, h, gated=gated) == spelled_out
    assert hash(Block(d, h, gated=gated)) == hash(spelled_out)


@given(kv=sizes, group=sizes, d=sizes, head_dim=sizes)
def test_a_block_can_be_changed_in_one_size(kv, group, d, head_dim):
    block = Block(d, kv * group, head_dim=head_dim)
    shared = replace(block, num_kv_heads=kv)
    assert shared == Block(d, kv * group, num_kv_heads=kv, head_dim=head_dim)


# Edge


def test_the_smallest_block():
    assert Block(1, 1) == Block(1, 1, 4)
    assert Block(1, 1, gated=True).hidden_dim == 2


def test_it_cannot_be_written_to():
    block = Block(6, 3)
    with pytest.raises(FrozenInstanceError):
        block.num_heads = 2


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        ({"num_heads": 0}, ValueError, "num_heads must be at least 1; got num_heads=0"),
        (
            {"hidden_dim": 0},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=0",
        ),
        (
            {"num_kv_heads": 0},
            ValueError,
            "num_kv_heads must be at least 1; got num_kv_heads=0",
        ),
        ({"head_dim": 0}, ValueError, "head_dim must be at least 1; got head_dim=0"),
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
            {"head_dim": 2.0},
            TypeError,
            "head_dim must be an integer; got type(head_dim)=float",
        ),
        (
            {"num_heads": True},
            TypeError,
            "num_heads must be an integer; got type(num_heads)=bool",
        ),
    ],
)
def test_refuses(change, error, message):
    options = {"embed_dim": 6, "num_heads": 3, "hidden_dim": 7} | change
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        Block(**options)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("gated", [False, True])
def test_refuses_with_and_without_gate(gated):
    message = "hidden_dim must be at least 1; got hidden_dim=-1"
    with pytest.raises(ValueError, match=rf"^{re.escape(message)}$"):
        Block(6, 3, -1, gated=gated)
