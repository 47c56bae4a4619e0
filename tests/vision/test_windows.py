import re

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlref.numpy import vision as numpy_vision
from dlref.torch.attention import scaled_dot_product_attention

counts, sides = st.integers(1, 4), st.integers(1, 4)


@pytest.fixture
def vision(lang):
    return lang.subject("vision")


def windows_of(x, window):
    """Windows of a map (height, width, …), from left to right, then down."""
    height, width, *rest = x.shape
    blocks = x.reshape(height // window, window, width // window, window, *rest)
    return blocks.swapaxes(1, 2).reshape(-1, window**2, *rest)


# By hand


def test_a_row_of_windows_by_hand(vision):
    # Columns 0 to 5, windows of 2, rolled by 1: (1, 2), (3, 4), (5, 0) in each row; the
    # rows are 1 and 0, from opposite edges.
    mask = vision.shifted_window_mask(2, 6, 2, 1).astype(int)
    rows_apart = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]]
    np.testing.assert_array_equal(mask, [rows_apart, rows_apart, np.eye(4)])


def test_four_windows_by_hand(vision):
    mask = vision.shifted_window_mask(8, 8, 4, 2)
    assert mask.shape == (4, 16, 16)
    np.testing.assert_array_equal(mask.mean(axis=(1, 2)), [1, 1 / 2, 1 / 2, 1 / 4])
    assert mask[1, 0].tolist() == [True, True, False, False] * 4
    assert mask[2, 0].tolist() == [True] * 8 + [False] * 8


# Oracle


@given(counts, counts, sides, st.data())
def test_who_was_in_one_moved_window_may_attend(rows, columns, window, data):
    """The windows that begin at `shift`, cut from the map as it was, with its edges."""
    shift = data.draw(st.integers(0, window - 1))
    height, width = rows * window, columns * window
    y, x = np.mgrid[:height, :width]
    cell = np.stack([(y - shift) // window, (x - shift) // window], axis=-1)
    rolled = np.roll(cell, (-shift, -shift), (0, 1))
    parts = windows_of(rolled, window)
    want = (parts[:, :, None] == parts[:, None]).all(axis=-1)
    got = numpy_vision.shifted_window_mask(height, width, window, shift)
    np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize(("window", "shift"), [(7, 3), (7, 1), (4, 2), (3, 2)])
def test_equals_the_regions_of_the_paper_s_code(vision, window, shift):
    """Nine regions, as slices from behind; −100 there is False here."""
    height, width = 2 * window, 3 * window
    regions = np.zeros((height, width))
    slices = slice(-window), slice(-window, -shift), slice(-shift, None)
    for i, rows in enumerate(slices):
        for j, columns in enumerate(slices):
            regions[rows, columns] = 3 * i + j
    parts = windows_of(regions, window)
    got = vision.shifted_window_mask(height, width, window, shift)
    np.testing.assert_array_equal(got, parts[:, :, None] - parts[:, None] == 0)


def test_attention_is_that_of_each_part_alone():
    """Roll, cut, mask and roll back: what each moved window gives by itself."""
    from dlref.torch.vision import shifted_window_mask

    height, width, window, shift = 6, 9, 3, 1
    x = torch.randn(height, width, 5, dtype=torch.float64)
    cut = windows_of(torch.roll(x, (-shift, -shift), (0, 1)), window)
    mask = shifted_window_mask(height, width, window, shift)
    out = scaled_dot_product_attention(cut, cut, cut, mask)
    blocks = out.reshape(2, 3, window, window, 5).swapaxes(1, 2)
    got = torch.roll(blocks.reshape(height, width, 5), (shift, shift), (0, 1))
    want = torch.zeros_like(x)
    for top in range(shift - window, height, window):
        for left in range(shift - window, width, window):
            rows = slice(max(top, 0), top + window)
            columns = slice(max(left, 0), left + window)
            part = x[rows, columns]
            flat = part.reshape(-1, 5)
            alone = scaled_dot_product_attention(flat, flat, flat)
            want[rows, columns] = alone.reshape(part.shape)
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-12)


# Law


@given(counts, counts, sides, st.data())
def test_is_symmetric_and_each_token_sees_itself(rows, columns, window, data):
    shift = data.draw(st.integers(0, window - 1))
    mask = numpy_vision.shifted_window_mask(
        rows * window, columns * window, window, shift
    )
    assert mask.shape == (rows * columns, window**2, window**2)
    np.testing.assert_array_equal(mask, mask.swapaxes(1, 2))
    assert mask.diagonal(axis1=1, axis2=2).all()
    inner = mask.reshape(rows, columns, window**2, window**2)[:-1, :-1]
    assert inner.all()  # only the last row and column of windows hold opposite edges


# Edge


def test_no_shift_hides_nothing(vision):
    assert vision.shifted_window_mask(6, 4, 2, 0).all()


def test_one_window_and_one_token(vision):
    mask = vision.shifted_window_mask(2, 2, 2, 1)
    np.testing.assert_array_equal(mask, np.eye(4, dtype=bool)[None])
    assert vision.shifted_window_mask(1, 1, 1, 0).tolist() == [[[True]]]


def test_the_type_and_the_device():
    from dlref.torch.vision import shifted_window_mask

    assert numpy_vision.shifted_window_mask(4, 4, 2, 1).dtype == bool
    mask = shifted_window_mask(4, 4, 2, 1, device="meta")
    assert (mask.dtype, mask.device.type) == (torch.bool, "meta")


# Errors


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("sizes", "error", "message"),
    [
        (
            (7, 6, 3, 1),
            ValueError,
            "height must be a multiple of window; got height=7, window=3",
        ),
        (
            (6, 7, 3, 1),
            ValueError,
            "width must be a multiple of window; got width=7, window=3",
        ),
        (
            (6, 6, 3, 3),
            ValueError,
            "shift must be at least 0 and below window; got shift=3, window=3",
        ),
        (
            (6, 6, 3, -1),
            ValueError,
            "shift must be at least 0 and below window; got shift=-1, window=3",
        ),
        ((0, 6, 3, 1), ValueError, "height must be at least 1; got height=0"),
        ((6, 0, 3, 1), ValueError, "width must be at least 1; got width=0"),
        ((6, 6, 0, 0), ValueError, "window must be at least 1; got window=0"),
        (
            (6, 6, 3, 1.0),
            TypeError,
            "shift must be an integer; got type(shift)=float",
        ),
    ],
)
def test_refuses(vision, sizes, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        vision.shifted_window_mask(*sizes)
