import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import conv_output_size
from dlref.torch import convolution as torch_convolution

HEIGHT, WIDTH = 11, 13
OPTIONS = [
    {"kernel_size": k, "stride": s, "padding": p}
    for k, s, p in itertools.product((1, 2, 3, 5), (None, 1, 2, 3), (0, 1, 2))
    if 2 * p <= k
]
BOTH = pytest.mark.parametrize("name", ["max_pool2d", "average_pool2d"])


# By hand


def test_windows_by_hand(convolution):
    x = np.array([[1.0, 2, 3, 4, 9], [5, 0, 0, -1, 9]])
    assert convolution.max_pool2d(x, 2).tolist() == [[5, 4]]
    assert convolution.average_pool2d(x, 2).tolist() == [[2, 1.5]]
    assert convolution.max_pool2d(x, 2, stride=1).tolist() == [[5, 3, 4, 9]]


def test_the_corner_of_ones_by_hand(convolution):
    ones = np.ones((4, 4))
    y = convolution.average_pool2d(ones, 3, stride=1, padding=1)
    np.testing.assert_allclose(y[0], [4 / 9, 6 / 9, 6 / 9, 4 / 9], rtol=1e-15)
    options = {"stride": 1, "padding": 1, "count_padding": False}
    np.testing.assert_array_equal(convolution.average_pool2d(ones, 3, **options), ones)


def test_padding_is_never_the_maximum(convolution):
    y = convolution.max_pool2d(np.full((3, 3), -1.0), 3, stride=1, padding=1)
    np.testing.assert_array_equal(y, np.full((3, 3), -1.0))


# Oracle


@pytest.mark.parametrize("options", OPTIONS)
def test_equals_the_library(convolution, rng, options):
    x = rng.normal(size=(2, 3, HEIGHT, WIDTH))
    want = F.max_pool2d(torch.tensor(x), **options)
    np.testing.assert_array_equal(convolution.max_pool2d(x, **options), want)
    want = F.avg_pool2d(torch.tensor(x), **options)
    np.testing.assert_allclose(convolution.average_pool2d(x, **options), want, atol=1e-14)
    want = F.avg_pool2d(torch.tensor(x), **options, count_include_pad=False)
    got = convolution.average_pool2d(x, **options, count_padding=False)
    np.testing.assert_allclose(got, want, atol=1e-14)


# Law


@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2), st.integers(0, 5))
def test_their_size_is_that_of_a_convolution(convolution, k, s, p, more):
    p = min(p, k // 2)
    x = np.ones((k + more, k))
    options = {"stride": s, "padding": p}
    want = [conv_output_size(n, k, **options) for n in x.shape]
    assert [*convolution.max_pool2d(x, k, **options).shape] == want
    assert [*convolution.average_pool2d(x, k, **options).shape] == want


def test_the_mean_is_a_convolution_and_the_maximum_is_none(convolution, rng):
    x, y = rng.normal(size=(2, 1, HEIGHT, WIDTH))
    want = convolution.conv2d(x, np.full((1, 1, 3, 3), 1 / 9), stride=3)
    np.testing.assert_allclose(convolution.average_pool2d(x, 3), want, atol=1e-14)
    pool = convolution.max_pool2d
    assert (pool(x + y, 3) <= pool(x, 3) + pool(y, 3)).all()
    assert (pool(x + y, 3) < pool(x, 3) + pool(y, 3)).any()


@BOTH
def test_a_shift_by_the_stride_shifts_the_output_and_by_less_changes_it(
    convolution, rng, name
):
    x, pool = rng.normal(size=(HEIGHT, 12)), getattr(convolution, name)
    y = pool(x, 2)
    by_two = pool(np.roll(x, 2, axis=1), 2)
    np.testing.assert_array_equal(by_two, np.roll(y, 1, axis=1))
    by_one = pool(np.roll(x, 1, axis=1), 2)
    assert not np.isclose(by_one, y).all()


@BOTH
def test_a_window_of_one_changes_nothing(convolution, rng, name):
    x = rng.normal(size=(HEIGHT, WIDTH))
    np.testing.assert_array_equal(getattr(convolution, name)(x, 1), x)


# Edge


@BOTH
@pytest.mark.parametrize("batch", [(), (1,), (2, 3), (0,), (3, 0)])
def test_any_number_of_batch_axes(convolution, rng, name, batch):
    x, pool = rng.normal(size=(*batch, HEIGHT, WIDTH)), getattr(convolution, name)
    y = pool(x, 3, padding=1)
    assert y.shape == (*batch, 4, 5)
    for i in np.ndindex(batch):
        np.testing.assert_array_equal(y[i], pool(x[i], 3, padding=1))


@BOTH
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(convolution, rng, name, dtype):
    x, pool = rng.normal(size=(HEIGHT, WIDTH)).astype(dtype), getattr(convolution, name)
    y = pool(x, 3, padding=1)
    assert y.dtype == dtype
    want = pool(x.astype(float), 3, padding=1).astype(dtype)
    np.testing.assert_allclose(y, want, rtol=2e-3)


def test_a_mean_in_sixteen_bits_does_not_overflow(convolution):
    y = convolution.average_pool2d(np.full((3, 3), 6e4, "float16"), 3)
    assert y.item() == np.float16(6e4)
    x = np.full((70, 70), 7, "float16")  # their sum would stall at 16,384
    assert convolution.average_pool2d(x, 70, count_padding=False).item() == 7


def test_bfloat16():
    x = torch.tensor([[1.5, 2.5], [0.0, 4.0]]).bfloat16()
    for pool, want in (
        (torch_convolution.max_pool2d, 4.0),
        (torch_convolution.average_pool2d, 2.0),
    ):
        y = pool(x, 2)
        assert y.dtype == torch.bfloat16
        assert y.item() == want


@BOTH
def test_not_a_number_stays_in_its_window(convolution, name):
    x = np.zeros((2, 6))
    x[0, 2] = np.nan
    y = getattr(convolution, name)(x, 2)
    np.testing.assert_array_equal(y, [[0, np.nan, 0]])


@BOTH
def test_inputs_are_left_alone(lang, rng, name):
    before = rng.normal(size=(HEIGHT, WIDTH))
    x = lang.array(before)
    if lang.name == "numpy":
        x.setflags(write=False)
    y = getattr(lang.module("convolution"), name)(x, 1)
    y *= 2  # a copy, not a view
    np.testing.assert_array_equal(x, before)


# Gradient


@BOTH
def test_gradcheck(rng, name):
    x = torch.tensor(rng.normal(size=(2, 5, 7)), requires_grad=True)
    pool = getattr(torch_convolution, name)
    assert torch.autograd.gradcheck(lambda x: pool(x, 3, stride=2, padding=1), x)


def test_the_maximum_sends_the_gradient_to_one_entry_also_of_equals():
    x = torch.tensor([[1.0, 3, 3, 3], [3, 0, 2, 3]], requires_grad=True)
    torch_convolution.max_pool2d(x, 2).sum().backward()
    ours, x.grad = x.grad, None
    F.max_pool2d(x[None], 2).sum().backward()
    torch.testing.assert_close(ours, x.grad)
    assert ours.sum() == 2
    x.grad = None
    torch_convolution.average_pool2d(x, 2).sum().backward()
    assert (x.grad == 0.25).all()


# Errors

X = np.ones((5, 7))


@BOTH
@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("x", "kernel_size", "options", "error", "message"),
    [
        (X.astype(int), 2, {}, TypeError, "x must be floating point; got x.dtype=int64"),
        (
            X[0],
            2,
            {},
            ValueError,
            "x must have shape (..., height, width), none of these 0; got x.shape=(7,)",
        ),
        (
            X[:, :0],
            2,
            {"padding": 1},
            ValueError,
            "x must have shape (..., height, width), none of these 0; got x.shape=(5, 0)",
        ),
        (X, 0, {}, ValueError, "kernel_size must be at least 1; got kernel_size=0"),
        (X, 2, {"stride": 0}, ValueError, "stride must be at least 1; got stride=0"),
        (X, 2, {"padding": -1}, ValueError, "padding must be at least 0; got padding=-1"),
        (
            X,
            3,
            {"padding": 2},
            ValueError,
            "padding must be at most half of kernel_size; got padding=2, kernel_size=3",
        ),
        (
            X,
            6,
            {},
            ValueError,
            "kernel_size must span at most the padded x; "
            "got kernel_size=6, x.shape=(5, 7), padding=0, dilation=1",
        ),
    ],
)
def test_they_refuse(convolution, name, x, kernel_size, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        getattr(convolution, name)(x, kernel_size, **options)
