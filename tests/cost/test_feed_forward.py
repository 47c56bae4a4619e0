import re
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from dlref.cost import feed_forward_flops, feed_forward_parameters, gated_hidden_dim

sizes = st.integers(1, 10**30)


# By hand


def test_parameters_by_hand():
    assert feed_forward_parameters(3, 7) == 21 + 21
    assert feed_forward_parameters(3, 7, bias=True) == 21 + 7 + 21 + 3
    assert feed_forward_parameters(3, 7, gated=True) == 21 + 21 + 21
    assert feed_forward_parameters(3, 7, gated=True, bias=True) == 63 + 7 + 7 + 3


def test_flops_by_hand():
    assert feed_forward_flops(5, 3, 7) == 2 * 5 * 42
    assert feed_forward_flops(5, 3, 7, gated=True) == 2 * 5 * 63


@pytest.mark.parametrize(
    ("model", "embed_dim", "multiplier", "multiple_of", "hidden_dim"),
    [
        ("LLaMA 7B", 4096, "1", 256, 11_008),
        ("LLaMA 13B", 5120, "1", 256, 13_824),
        ("LLaMA 65B", 8192, "1", 256, 22_016),
        ("Llama 2 70B", 8192, "1.3", 4096, 28_672),
        ("Llama 3 8B", 4096, "1.3", 1024, 14_336),
        ("Llama 3 70B", 8192, "1.3", 4096, 28_672),
        ("Llama 3.1 405B", 16_384, "1.2", 4096, 53_248),
        ("Llama 3.2 1B", 2048, "1.5", 256, 8192),
    ],
)
def test_widths_of_the_llama_models(
    model, embed_dim, multiplier, multiple_of, hidden_dim
):
    ours = gated_hidden_dim(
        embed_dim, multiplier=Fraction(multiplier), multiple_of=multiple_of
    )
    assert ours == hidden_dim, model

    as_released = int(2 * 4 * embed_dim / 3)  # in floats
    as_released = int(float(multiplier) * as_released)
    assert ours == -(-as_released // multiple_of) * multiple_of


def test_t5_as_many_parameters_gated():
    plain = feed_forward_parameters(768, 3072)
    assert plain == feed_forward_parameters(768, 2048, gated=True) == 4_718_592


# Oracle


@pytest.mark.parametrize("gated", [False, True])
def test_torch_counts_the_same(gated):
    x, inward = torch.randn(5, 3), torch.randn(2 if gated else 1, 7, 3)
    with FlopCounterMode(display=False) as counter:
        hidden = [F.linear(x, weight) for weight in inward]
        inner = F.silu(hidden[0]) * hidden[1] if gated else F.relu(hidden[0])
        F.linear(inner, torch.randn(3, 7))
    assert feed_forward_flops(5, 3, 7, gated=gated) == counter.get_total_flops()


@pytest.mark.parametrize("bias", [False, True])
def test_parameters_are_those_of_the_library(bias):
    layer = torch.nn.TransformerEncoderLayer(6, 2, 11, bias=bias)
    matrices = [*layer.linear1.parameters(), *layer.linear2.parameters()]
    want = sum(p.numel() for p in matrices)
    assert feed_forward_parameters(6, 11, bias=bias) == want


# Law


@given(n=sizes, d=sizes, hidden=sizes, gated=st.booleans())
def test_a_parameter_costs_two_flops_for_each_token(n, d, hidden, gated):
    parameters = feed_forward_parameters(d, hidden, gated=gated)
    assert feed_forward_flops(n, d, hidden, gated=gated) == 2 * n * parameters
    assert parameters == (3 if gated else 2) * d * hidden


@given(n=sizes, d=sizes)
def test_the_usual_layer(n, d):
    assert feed_forward_parameters(d) == 8 * d**2
    assert feed_forward_flops(n, d) == 16 * n * d**2


@given(third=sizes)
def test_eight_thirds_make_the_gated_layer_as_large_as_the_plain_one(third):
    d = 3 * third
    assert gated_hidden_dim(d) == 8 * third
    assert feed_forward_parameters(d, gated=True) == feed_forward_parameters(d)


@given(d=sizes, multiple_of=sizes, multiplier=st.fractions(1, 4))
def test_rounding_goes_up_to_the_next_multiple(d, multiple_of, multiplier):
    exact = gated_hidden_dim(d, multiplier=multiplier)
    rounded = gated_hidden_dim(d, multiplier=multiplier, multiple_of=multiple_of)
    assert rounded % multiple_of == 0
    assert exact <= rounded < exact + multiple_of
    assert exact <= multiplier * Fraction(8 * d, 3) < exact + 1 + multiplier


# Edge


def test_the_narrowest_layer():
    assert gated_hidden_dim(1) == 2
    assert feed_forward_parameters(1, gated=True) == 6
    assert feed_forward_parameters(1, 1) == 2


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"embed_dim": 0}, ValueError, "embed_dim must be at least 1; got embed_dim=0"),
        (
            {"hidden_dim": -1},
            ValueError,
            "hidden_dim must be at least 1; got hidden_dim=-1",
        ),
        (
            {"embed_dim": 6.0},
            TypeError,
            "embed_dim must be an integer; got type(embed_dim)=float",
        ),
    ],
)
def test_refuses(change, error, message):
    options = {"embed_dim": 6, "hidden_dim": None} | change
    match = rf"^{re.escape(message)}$"
    with pytest.raises(error, match=match):
        feed_forward_parameters(**options)
    with pytest.raises(error, match=match):
        feed_forward_flops(5, **options)


@pytest.mark.usefixtures("unchecked")
def test_refuses_no_tokens():
    message = "num_tokens must be at least 1; got num_tokens=0"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        feed_forward_flops(0, 6)


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"multiple_of": 0},
            ValueError,
            "multiple_of must be at least 1; got multiple_of=0",
        ),
        (
            {"multiplier": 1.3},
            TypeError,
            "multiplier must be an int or a Fraction; got type(multiplier)=float",
        ),
        (
            {"multiplier": True},
            TypeError,
            "multiplier must be an int or a Fraction; got type(multiplier)=bool",
        ),
        (
            {"multiplier": Fraction(1, 9)},
            ValueError,
            "multiplier must leave at least one column; got multiplier=1/9, embed_dim=3",
        ),
        (
            {"multiplier": -1},
            ValueError,
            "multiplier must leave at least one column; got multiplier=-1, embed_dim=3",
        ),
    ],
)
def test_the_width_refuses(change, error, message):
    with pytest.raises(error, match=rf"^{re.escape(message)}$"):
        gated_hidden_dim(3, **change)


def test_one_column_is_enough():
    assert gated_hidden_dim(1, multiplier=Fraction(1, 2)) == 1
    assert gated_hidden_dim(3, multiplier=Fraction(1, 8)) == 1


def test_the_width_is_a_whole_number_before_it_is_multiplied():
    message = "multiplier must leave at least one column; got multiplier=2/5, embed_dim=1"
    with pytest.raises(ValueError, match=rf"^{message}$"):  # 8/3 · 2/5 would be one
        gated_hidden_dim(1, multiplier=Fraction(2, 5))


@pytest.mark.usefixtures("unchecked")
def test_the_width_refuses_no_column():
    message = "embed_dim must be at least 1; got embed_dim=0"
    with pytest.raises(ValueError, match=rf"^{message}$"):
        gated_hidden_dim(0)


@pytest.mark.usefixtures("unchecked")
def test_the_width_refuses_a_fraction_of_a_column():
    message = "embed_dim must be an integer; got type(embed_dim)=float"
    with pytest.raises(TypeError, match=rf"^{re.escape(message)}$"):
        gated_hidden_dim(3.0)
