import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.initializers import residual_scale
from dlref.torch.attention import causal_mask
from dlref.torch.layers import TransformerBlock

# By hand


@pytest.mark.parametrize(("layers", "scale"), [(2, 1 / 2), (8, 1 / 4), (50, 1 / 10)])
def test_by_hand(layers, scale):
    assert residual_scale(layers) == scale


# Oracle


def test_the_width_that_gpt_2_draws():
    assert 0.02 * residual_scale(12) == pytest.approx(0.02 / 24**0.5, rel=1e-15)


# Law


@given(layers=st.integers(1, 10**15))
def test_all_branches_together_add_one(layers):
    assert 2 * layers * residual_scale(layers) ** 2 == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("scaled", "low", "high"), [(True, 1.3, 2.2), (False, 30, 60)])
def test_a_stream_stays_or_grows_with_depth(scaled, low, high):
    """After 24 blocks: about 1 + 1, or 1 + 48, less what attention's averages lose."""
    torch.manual_seed(3)
    x, mask = torch.randn(32, 64), causal_mask(32)
    with torch.no_grad():
        for _ in range(24):
            block = TransformerBlock(64, 4)
            layers = block.attention.children(), block.feed_forward.children()
            for layer in (layer for group in layers for layer in group):
                gain = 2**0.5 if layer is block.feed_forward.w2 else 1.0
                writes = layer in (block.attention.output, block.feed_forward.w2)
                gain *= residual_scale(24) if scaled and writes else 1.0
                torch.nn.init.normal_(layer.weight, std=gain * layer.in_features**-0.5)
                torch.nn.init.zeros_(layer.bias)
            x = block(x, mask)
    assert low < x.var() < high


# Edge


def test_one_block_has_two_branches():
    assert residual_scale(1) == pytest.approx(0.5**0.5, rel=1e-15)


def test_a_number_of_layers_longer_than_a_float_has_digits():
    assert residual_scale(2 * 10**40) == pytest.approx(0.5e-20, rel=1e-12)


# Errors


@pytest.mark.usefixtures("unchecked")
def test_refuses():
    message = r"^num_layers must be at least 1; got num_layers=0$"
    with pytest.raises(ValueError, match=message):
        residual_scale(0)
