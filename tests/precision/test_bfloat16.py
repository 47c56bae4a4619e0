import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dlref.numpy.precision import float_format, round_to_bfloat16

FORMAT = float_format(8, 7)
numbers = arrays(np.float32, st.integers(0, 5), elements=st.floats(width=32))


def by_the_library(x):
    return torch.from_numpy(np.array(x)).bfloat16().float().numpy()


def same_bits(one, other):
    """Whether all are the same, zeros with their signs; a NaN is a NaN."""
    assert one.dtype == other.dtype == np.float32
    nan = np.isnan(one)
    bits = (x[~nan].view(np.uint32) for x in (one, other))
    return np.array_equal(nan, np.isnan(other)) and np.array_equal(*bits)


# By hand


def test_by_hand():
    x = np.float32([1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-23, 1 - 2**-9, -3.3])
    # Ties go to the even mantissa: to 0 of 128, and to 2 of 128.
    assert round_to_bfloat16(x).tolist() == [1, 1 + 2**-6, 1 + 2**-7, 1, -3.296875]


def test_a_step_of_a_thousandth_is_lost():
    assert round_to_bfloat16(np.float32([1.001])).tolist() == [1]


# Oracle


def test_is_the_librarys_cast_bit_for_bit(rng):
    x = rng.integers(0, 2**32, 100_000, dtype=np.uint32).view(np.float32)
    assert same_bits(round_to_bfloat16(x), by_the_library(x))


@given(numbers)
def test_is_the_librarys_cast_of_any_numbers(x):
    assert same_bits(round_to_bfloat16(x), by_the_library(x))


# Laws


@given(numbers)
def test_what_is_rounded_stays(x):
    once = round_to_bfloat16(x)
    assert same_bits(round_to_bfloat16(once), once)


@given(arrays(np.float32, 5, elements=st.floats(-(2.0**100), 2.0**100, width=32)))
def test_is_off_by_half_an_eps_at_most_and_odd(x):
    rounded = round_to_bfloat16(x)
    size = np.maximum(np.abs(x.astype(float)), FORMAT.smallest_normal)
    assert (np.abs(rounded - x.astype(float)) <= FORMAT.eps / 2 * size).all()
    assert same_bits(round_to_bfloat16(-x), -rounded)


@given(arrays(np.float32, 5, elements=st.floats(allow_nan=False, width=32)))
def test_keeps_the_order(x):
    x = np.sort(x)
    rounded = round_to_bfloat16(x)
    assert (rounded[:-1] <= rounded[1:]).all()


# Edges


def test_the_largest_number_and_what_is_beyond():
    largest = np.float32(FORMAT.maximum)
    half = np.float32(largest * (FORMAT.eps / 4))  # of a step there
    x = np.float32([largest, largest + half / 2, np.finfo(np.float32).max, -np.inf])
    assert round_to_bfloat16(x).tolist() == [largest, largest, np.inf, -np.inf]


def test_keeps_shape_and_argument():
    x = np.float32([[1.001, 2.003, 3.0]]).T
    assert round_to_bfloat16(x).shape == (3, 1)
    assert x[0, 0] == np.float32(1.001)
    assert round_to_bfloat16(x[::2]).tolist() == [[1], [3]]
    assert round_to_bfloat16(np.array(1.001, np.float32)).shape == ()
    assert np.isnan(round_to_bfloat16(np.float32([np.nan, -np.nan]))).all()


def test_the_order_of_bytes_does_not_matter():
    x = np.float32([1.001, -3.3, 1 + 3 * 2**-8])
    assert np.array_equal(round_to_bfloat16(x.astype(">f4")), round_to_bfloat16(x))


# Errors


@pytest.mark.parametrize("dtype", ["float16", "float64", "int64"])
def test_refuses_other_types(unchecked, dtype):
    message = f"x must be float32; got x.dtype={dtype}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        round_to_bfloat16(np.ones(3, dtype))
