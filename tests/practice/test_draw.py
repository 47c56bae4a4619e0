"""What is drawn: small arrays of the kind that is asked for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dlref.practice import draw


@given(draw.shapes(least=1, most=2, side=3).flatmap(draw.floats))
def test_floats_are_held_exactly_in_32_bits(values):
    assert 1 <= values.ndim <= 2
    assert max(values.shape) <= 3
    assert np.array_equal(values, values.astype(np.float32))
    assert np.all(abs(values) <= 8)


@given(st.integers(1, 5).flatmap(lambda k: st.tuples(st.just(k), draw.classes((7,), k))))
def test_classes_are_indices(drawn):
    count, classes = drawn
    assert classes.dtype == int
    assert np.all((classes >= 0) & (classes < count))


@given(draw.flags((2, 3)))
def test_flags_are_bools(flags):
    assert flags.dtype == bool
    assert flags.shape == (2, 3)
