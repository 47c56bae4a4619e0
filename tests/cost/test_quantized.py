"""Bits of a quantized weight, its share of scales included."""

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import quantized_bits

# By hand


@pytest.mark.parametrize(
    ("bits", "group_size", "options", "want"),
    [
        (4, 128, {}, 4.125),
        (4, 128, {"zero_bits": 4}, 4.15625),
        (4, 128, {"zero_bits": 16}, 4.25),
        (4, 64, {"scale_bits": 32}, 4.5),  # NF4
        (4, 32, {"scale_bits": 8}, 4.25),  # MXFP4
        (4, 16, {"scale_bits": 8}, 4.5),  # NVFP4
        (8, 4096, {}, 8 + 16 / 4096),
    ],
)
def test_formats_by_hand(bits, group_size, options, want):
    got = quantized_bits(bits, group_size, **options)
    assert got == want
    assert isinstance(got, Fraction)


def test_scales_that_are_quantized_in_turn():
    scale_bits = quantized_bits(8, 256, scale_bits=32)
    assert scale_bits == Fraction(65, 8)
    assert quantized_bits(4, 64, scale_bits=scale_bits) == 4.126953125


# Oracle


@pytest.mark.parametrize("group_size", [1, 32, 128])
def test_equals_the_bytes_of_packed_arrays(group_size):
    q = np.ones((7, 256), np.uint8)
    packed = q[:, ::2] << 4 | q[:, 1::2]
    scales = np.ones((7, 256 // group_size), np.float16)
    bits = 8 * (packed.nbytes + scales.nbytes)
    assert q.size * quantized_bits(4, group_size) == bits


# Law


@given(bits=st.integers(1, 16), group=st.integers(1, 999), scale=st.integers(0, 64))
def test_all_bits_of_a_group_are_a_whole_number(bits, group, scale):
    total = group * quantized_bits(bits, group, scale_bits=scale, zero_bits=4)
    assert total == group * bits + scale + 4


# Edge


def test_nothing_is_shared():
    assert quantized_bits(4, 1, scale_bits=16) == 20
    assert quantized_bits(1, 7, scale_bits=0) == 1
    assert quantized_bits(4, 3) == Fraction(28, 3)


# Errors


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bits": 0}, "bits must be at least 1; got bits=0"),
        ({"group_size": 0}, "group_size must be at least 1; got group_size=0"),
        (
            {"scale_bits": -1},
            "scale_bits must be at least 0 and finite; got scale_bits=-1",
        ),
        (
            {"zero_bits": float("nan")},
            "zero_bits must be at least 0 and finite; got zero_bits=nan",
        ),
    ],
)
def test_refuses(change, message):
    given = {"bits": 4, "group_size": 128, "scale_bits": 16, "zero_bits": 0} | change
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        quantized_bits(**given)
