import re
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy.precision import FloatFormat, float_format

BITS = {
    torch.float64: (11, 52),
    torch.float32: (8, 23),
    torch.float16: (5, 10),
    torch.bfloat16: (8, 7),
    torch.float8_e5m2: (5, 2),
    torch.float8_e4m3fn: (4, 3),
}


def by_enumeration(e, m, infinities, nans):
    """All numbers from 0 up, each from its bits, as the definition has it."""
    bias = 2 ** (e - 1) - 1
    numbers = []
    for exponent in range(2**e - infinities):
        for mantissa in range(2**m):
            share = Fraction(mantissa, 2**m)
            if exponent == 0:
                numbers.append(share * Fraction(2) ** (1 - bias))
            else:
                numbers.append((1 + share) * Fraction(2) ** (exponent - bias))
    return numbers[:-1] if nans and not infinities else numbers


# By hand


def test_float16_by_hand():
    # 11110 in the exponent is 2^15, and 1.1111111111 in binary 2 - 2^-10.
    found = float_format(5, 10)
    assert found == (65504, 2**-14, 2**-24, 2**-10)
    assert isinstance(found, FloatFormat)


def test_bfloat16_has_the_range_of_float32_and_an_eps_65536_times_as_large():
    short, long = float_format(8, 7), float_format(8, 23)
    assert short.smallest_normal == long.smallest_normal == 2**-126
    assert short.eps == 2**16 * long.eps == 2**-7
    assert short.smallest_subnormal == 2**-133
    assert short.maximum == (2 - 2**-7) * 2.0**127


def test_without_infinities_by_hand():
    assert float_format(4, 3, infinities=False) == (448, 2**-6, 2**-9, 2**-3)
    # FP4 and FP6 of microscaling have neither infinity nor NaN.
    for bits, largest in ((2, 1), 6), ((2, 3), 7.5), ((3, 2), 28):
        assert float_format(*bits, infinities=False, nans=False).maximum == largest


# Oracle


@pytest.mark.parametrize(("dtype", "bits"), BITS.items())
def test_is_what_the_library_says(dtype, bits):
    found = float_format(*bits, infinities=dtype != torch.float8_e4m3fn)
    info = torch.finfo(dtype)
    assert found.maximum == info.max
    assert found.smallest_normal == info.smallest_normal
    assert found.eps == info.eps
    # Halved until it is 0: PyTorch does not name this number.
    number = 1.0
    while torch.tensor(number / 2, dtype=torch.float64).to(dtype).item():
        number /= 2
    assert found.smallest_subnormal == number


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_is_what_numpy_says(dtype):
    info = np.finfo(dtype)
    found = float_format(info.nexp, info.nmant)
    assert found == (info.max, info.smallest_normal, info.smallest_subnormal, info.eps)


# Laws


@given(
    st.integers(2, 5),
    st.integers(1, 4),
    st.sampled_from([(True, True), (False, True), (False, False)]),
)
def test_is_what_all_its_numbers_say(e, m, specials):
    infinities, nans = specials
    numbers = by_enumeration(e, m, infinities, nans)
    assert numbers == sorted({*numbers})
    found = float_format(e, m, infinities=infinities, nans=nans)
    assert found.maximum == numbers[-1]
    assert found.smallest_normal == numbers[2**m]
    assert found.smallest_subnormal == numbers[1]
    if 1 in numbers[:-1]:
        assert found.eps == numbers[numbers.index(1) + 1] - 1


@given(st.integers(2, 10), st.integers(1, 52))
def test_no_infinity_is_almost_twice_the_range(e, m):
    with_it, without = float_format(e, m), float_format(e, m, infinities=False)
    assert without[1:] == with_it[1:]
    every = float_format(e, m, infinities=False, nans=False)
    assert every.maximum == 2 * with_it.maximum
    assert without.maximum == every.maximum - 2 * 2.0 ** (2 ** (e - 1) - 1) * with_it.eps


# Edges


def test_all_are_floats_up_to_the_ends():
    for bits in (2, 1), (11, 52), (11, 1), (2, 52):
        assert {type(x) for x in float_format(*bits)} == {float}
    assert np.isfinite(float_format(10, 52, infinities=False).maximum)


# Errors


@pytest.mark.parametrize(
    ("bits", "options", "message"),
    [
        ((1, 3), {}, "exponent_bits must be between 2 and 11; got exponent_bits=1"),
        ((12, 3), {}, "exponent_bits must be between 2 and 11; got exponent_bits=12"),
        (
            (11, 3),
            {"infinities": False},
            "exponent_bits must be between 2 and 10; got exponent_bits=11",
        ),
        ((4, 0), {}, "mantissa_bits must be between 1 and 52; got mantissa_bits=0"),
        ((4, 53), {}, "mantissa_bits must be between 1 and 52; got mantissa_bits=53"),
        (
            (4, 3),
            {"nans": False},
            "nans must be True where infinities is; got nans=False",
        ),
    ],
)
def test_refuses_what_is_no_format(bits, options, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        float_format(*bits, **options)
