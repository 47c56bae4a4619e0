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

BATCH, IN, OUT, HEIGHT, WIDTH = 2, 6, 9, 11, 13
OPTIONS = [
    {"stride": s, "padding": p, "dilation": d}
    for s, p, d in itertools.product((1, 2, 3), (0, 1, 2), (1, 2))
]
SLOPE = np.array([[[[-1.0, 1.0]]]])


def drawn(rng, groups=1, batch=(BATCH,)):
    """Images, a weight and a bias."""
    x = rng.normal(size=(*batch, IN, HEIGHT, WIDTH))
    return x, rng.normal(size=(OUT, IN // groups, 2, 3)), rng.normal(size=OUT)


def row(*values):
    return np.array([[values]], float)


# By hand


def test_a_row_by_hand(convolution):
    x, w = row(1, 2, 3, 4, 5), np.array([[[[1.0, 0.0, -1.0]]]])
    assert convolution.conv2d(x, w).ravel().tolist() == [-2, -2, -2]
    assert convolution.conv2d(x, w, stride=2).ravel().tolist() == [-2, -2]
    flipped = w[..., ::-1].copy()
    assert convolution.conv2d(x, flipped).ravel().tolist() == [2, 2, 2]
    bias = np.array([10.0])
    assert convolution.conv2d(x, w, bias).ravel().tolist() == [8, 8, 8]


def test_zeros_stand_on_all_sides(convolution):
    x, w = np.full((1, 2, 3), 5.0), np.ones((1, 1, 3, 3))
    want = [[20, 30, 20], [20, 30, 20]]
    assert convolution.conv2d(x, w, padding=1)[0].tolist() == want


def test_dilation_skips_neighbors(convolution):
    x = row(1, 2, 4, 8, 16)
    assert convolution.conv2d(x, SLOPE, dilation=3).ravel().tolist() == [7, 14]


def test_a_group_sees_its_own_channels(convolution):
    x, w = np.array([[[1.0]], [[10.0]], [[2.0]], [[20.0]]]), np.ones((2, 2, 1, 1))
    assert convolution.conv2d(x, w, groups=2).ravel().tolist() == [11, 22]


def test_columns_by_hand(convolution):
    x = np.arange(1.0, 7).reshape(1, 2, 3)
    assert convolution.im2col(x, 2).tolist() == [[1, 2], [2, 3], [4, 5], [5, 6]]
    assert convolution.im2col(x, 1, stride=2).tolist() == [[1, 3]]


# Oracle


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("groups", [1, 3])
def test_equals_the_library(convolution, rng, options, groups):
    given = drawn(rng, groups)
    for some in given, given[:2]:
        want = F.conv2d(*map(torch.tensor, some), **options, groups=groups)
        got = convolution.conv2d(*some, **options, groups=groups)
        np.testing.assert_allclose(got, want, atol=1e-12)


@pytest.mark.parametrize("options", OPTIONS)
def test_columns_equal_the_librarys(convolution, rng, options):
    x = drawn(rng)[0]
    want = F.unfold(torch.tensor(x), 3, **options)
    np.testing.assert_array_equal(convolution.im2col(x, 3, **options), want)


def test_it_is_a_cross_correlation(convolution, rng):
    x, w = rng.normal(size=WIDTH), rng.normal(size=5)
    got = convolution.conv2d(x[None, None], w[None, None, None]).ravel()
    np.testing.assert_allclose(got, np.correlate(x, w), atol=1e-12)
    np.testing.assert_allclose(got, np.convolve(x, w[::-1], "valid"), atol=1e-12)


def test_defaults_are_those_of_the_library(convolution, rng):
    x, w, _ = drawn(rng)
    want = F.conv2d(torch.tensor(x), torch.tensor(w))
    np.testing.assert_allclose(convolution.conv2d(x, w), want, atol=1e-12)
    want = F.unfold(torch.tensor(x), 2)
    np.testing.assert_array_equal(convolution.im2col(x, 2), want)


# Law


@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 5),
)
def test_its_size_is_that_of_the_formula(convolution, k, s, p, d, more):
    size = max(1, d * (k - 1) + 1 - 2 * p) + more
    options = {"stride": s, "padding": p, "dilation": d}
    y = convolution.conv2d(np.ones((1, size, 11)), np.ones((1, 1, k, 1)), **options)
    want = conv_output_size(size, k, **options)
    assert y.shape == (1, want, conv_output_size(11, 1, **options))


@pytest.mark.parametrize("options", OPTIONS)
def test_a_matrix_times_the_columns_is_the_convolution(convolution, rng, options):
    x, w = rng.normal(size=(BATCH, IN, HEIGHT, WIDTH)), rng.normal(size=(OUT, IN, 3, 3))
    product = w.reshape(OUT, -1) @ convolution.im2col(x, 3, **options)
    y = convolution.conv2d(x, w, **options)
    np.testing.assert_allclose(product.reshape(y.shape), y, atol=1e-12)


def test_linear_in_x_and_in_the_weight(convolution, rng):
    (x, w, _), (x2, w2, _) = drawn(rng), drawn(rng)
    conv = convolution.conv2d
    want = 2 * conv(x, w) - 3 * conv(x2, w)
    np.testing.assert_allclose(conv(2 * x - 3 * x2, w), want, atol=1e-12)
    want = 2 * conv(x, w) - 3 * conv(x, w2)
    np.testing.assert_allclose(conv(x, 2 * w - 3 * w2), want, atol=1e-12)


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_a_shifted_image_gives_a_shifted_output_in_a_circle(convolution, down, right):
    rng = np.random.default_rng(0)
    x, w, b = drawn(rng)

    def circular(x):
        around = [(0, 0), (0, 0), (0, 1), (1, 1)]
        return convolution.conv2d(np.pad(x, around, mode="wrap"), w, b)

    def shifted(x):
        return np.roll(x, (down, right), axis=(-2, -1))

    np.testing.assert_allclose(circular(shifted(x)), shifted(circular(x)), atol=1e-12)


def test_a_stride_keeps_shifts_by_itself_alone(convolution, rng):
    x, w, _ = drawn(rng)
    y = convolution.conv2d(x, w, stride=3)
    by_three = convolution.conv2d(np.roll(x, 3, axis=-1), w, stride=3)
    np.testing.assert_allclose(by_three[..., 1:], y[..., :-1], atol=1e-12)
    by_one = convolution.conv2d(np.roll(x, 1, axis=-1), w, stride=3)
    assert (abs(by_one[..., 1:] - y[..., 1:]) > 1e-6).all()


def test_as_many_groups_as_channels_convolve_each_alone(convolution, rng):
    x, w = rng.normal(size=(IN, HEIGHT, WIDTH)), rng.normal(size=(2 * IN, 1, 2, 3))
    y = convolution.conv2d(x, w, groups=IN)
    for i in range(2 * IN):
        alone = convolution.conv2d(x[i // 2 : i // 2 + 1], w[i : i + 1])
        np.testing.assert_allclose(y[i : i + 1], alone, atol=1e-12)


def test_one_by_one_is_a_linear_layer_for_each_pixel(convolution, rng):
    x, w = rng.normal(size=(IN, HEIGHT, WIDTH)), rng.normal(size=(OUT, IN, 1, 1))
    want = np.einsum("oc,chw->ohw", w[..., 0, 0], x)
    np.testing.assert_allclose(convolution.conv2d(x, w), want, atol=1e-12)


def test_a_kernel_as_large_as_the_image_is_a_dense_layer(convolution, rng):
    x, w = rng.normal(size=(3, 5, 7)), rng.normal(size=(OUT, 3, 5, 7))
    y = convolution.conv2d(x, w)
    assert y.shape == (OUT, 1, 1)
    np.testing.assert_allclose(y.ravel(), w.reshape(OUT, -1) @ x.ravel(), atol=1e-12)


# Edge


@pytest.mark.parametrize("batch", [(), (1,), (2, 3), (0,), (3, 0)])
def test_any_number_of_batch_axes(convolution, rng, batch):
    x, w, b = drawn(rng, groups=3, batch=batch)
    y = convolution.conv2d(x, w, b, groups=3, padding=1)
    assert y.shape == (*batch, OUT, HEIGHT + 1, WIDTH)
    columns = convolution.im2col(x, 2)
    assert columns.shape == (*batch, 4 * IN, (HEIGHT - 1) * (WIDTH - 1))
    for i in np.ndindex(batch):
        alone = convolution.conv2d(x[i], w, b, groups=3, padding=1)
        np.testing.assert_allclose(y[i], alone, atol=1e-12)
        np.testing.assert_array_equal(columns[i], convolution.im2col(x[i], 2))


def test_a_kernel_may_be_larger_than_the_image_without_padding(convolution):
    y = convolution.conv2d(np.ones((1, 1, 1)), np.ones((1, 1, 5, 5)), padding=2)
    assert y.tolist() == [[[1]]]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(convolution, rng, dtype):
    x, w, b = (z.astype(dtype) for z in drawn(rng))
    for some in (x, w), (x, w, b):
        y = convolution.conv2d(*some)
        assert y.dtype == dtype
        want = convolution.conv2d(*(z.astype(float) for z in some))
        np.testing.assert_allclose(y, want, rtol=2e-3, atol=1e-2)
    assert convolution.im2col(x, 2).dtype == dtype


def test_sixteen_bits_are_rounded_once(convolution):
    x, w = np.full((4099, 1, 1), 7, "float16"), np.full((1, 4099, 1, 1), 1, "float16")
    y = convolution.conv2d(x, w, np.array([3], "float16"))
    assert y.item() == np.float16(4099 * 7 + 3)
    back = convolution.conv2d(300 * x[:2], 300 * np.array([[[[1]], [[-1]]]], "float16"))
    assert back.item() == 0  # 630,000 does not fit in them


def test_bfloat16():
    x, w = torch.full((3, 5, 5), 1.5).bfloat16(), torch.ones(7, 3, 3, 3).bfloat16()
    y = torch_convolution.conv2d(x, w)
    assert y.dtype == torch.bfloat16
    assert (y == 40.5).all()


@pytest.mark.parametrize("value", [1e4, -1e4, np.inf, np.nan])
def test_a_value_reaches_where_the_kernel_does(convolution, value):
    x = np.zeros((1, 1, 7))
    x[..., 3] = value
    y = convolution.conv2d(x, np.ones((1, 1, 1, 3))).ravel()
    np.testing.assert_array_equal(y, [0, value, value, value, 0])


def test_inputs_are_left_alone(lang, rng):
    module, before = lang.module("convolution"), drawn(rng)
    given = [lang.array(z) for z in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.conv2d(*given, padding=1)
    columns = module.im2col(given[0], 1)
    columns *= 2  # a copy, not a view
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


# Gradient


def test_gradcheck(rng):
    x, w = rng.normal(size=(2, 5, 4)), rng.normal(size=(2, 1, 2, 3))
    given = [torch.tensor(z, requires_grad=True) for z in (x, w, rng.normal(size=2))]
    options = {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}

    def conv(*given):
        return torch_convolution.conv2d(*given, **options)

    assert torch.autograd.gradcheck(conv, given)
    assert torch.autograd.gradgradcheck(conv, given)


def test_the_gradient_equals_that_of_the_library(rng):
    given = [torch.tensor(z, requires_grad=True) for z in drawn(rng, 3)]
    options = {"stride": 2, "padding": 1, "groups": 3}
    y = F.conv2d(*given, **options)
    grad = torch.tensor(rng.normal(size=y.shape))
    want = torch.autograd.grad(y, given, grad)
    got = torch.autograd.grad(torch_convolution.conv2d(*given, **options), given, grad)
    for one, other in zip(got, want, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.expand(2, 3, 6, 7),
        lambda x: x.expand(2, 3, 6, 7).mT,
        lambda x: x.expand(2, 3, 6, 7)[..., 1:, ::2],
        lambda x: x.expand(2, 3, 6, 7).contiguous(memory_format=torch.channels_last),
    ],
)
def test_the_layout_in_memory_changes_nothing(rng, padding, view):
    x = torch.tensor(rng.normal(size=(2, 3, 1, 7)), requires_grad=True)
    w = torch.tensor(rng.normal(size=(4, 3, 3, 2)))
    outputs = (
        conv(view(x), w, padding=padding, stride=2).square()
        for conv in (torch_convolution.conv2d, F.conv2d)
    )
    got, want = ((y, *torch.autograd.grad(y.sum(), x)) for y in outputs)
    for one, other in zip(got, want, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_what_no_place_reads_has_no_gradient():
    x = torch.ones(1, 1, 6, requires_grad=True)
    torch_convolution.conv2d(x, torch.ones(1, 1, 1, 3), stride=2).sum().backward()
    assert x.grad.ravel().tolist() == [1, 1, 2, 1, 1, 0]


# Errors

X, W = np.ones((6, 5, 7)), np.ones((9, 2, 2, 3))
SHAPES = "got x.shape=(6, 5, 7), weight.shape="


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (
            {"x": X.astype(int)},
            TypeError,
            "x must be floating point; got x.dtype=int64",
        ),
        (
            {"weight": W.astype(int)},
            TypeError,
            "weight must be floating point; got weight.dtype=int64",
        ),
        (
            {"weight": W.astype("float32")},
            TypeError,
            "weight must have the dtype of x, float64; got weight.dtype=float32",
        ),
        (
            {"bias": np.ones(9, int)},
            TypeError,
            "bias must be floating point; got bias.dtype=int64",
        ),
        (
            {"bias": np.ones(9, "float32")},
            TypeError,
            "bias must have the dtype of x, float64; got bias.dtype=float32",
        ),
        (
            {"x": X[0]},
            ValueError,
            "x must have shape (..., channels, height, width), none of these 0; "
            "got x.shape=(5, 7)",
        ),
        (
            {"x": X[:, :0], "padding": 3},
            ValueError,
            "x must have shape (..., channels, height, width), none of these 0; "
            "got x.shape=(6, 0, 7)",
        ),
        (
            {"weight": W[0]},
            ValueError,
            "weight must have shape (out_channels, channels / groups, height, width), "
            "none of 0; got weight.shape=(2, 2, 3)",
        ),
        (
            {"weight": W[:, :, :0]},
            ValueError,
            "weight must have shape (out_channels, channels / groups, height, width), "
            "none of 0; got weight.shape=(9, 2, 0, 3)",
        ),
        (
            {"groups": 1},
            ValueError,
            "x must have weight.shape[1] * groups channels; "
            f"{SHAPES}(9, 2, 2, 3), groups=1",
        ),
        (
            {"weight": W[:8]},
            ValueError,
            "weight.shape[0] must be divisible by groups; "
            "got weight.shape[0]=8, groups=3",
        ),
        (
            {"bias": np.ones(1)},
            ValueError,
            "bias must have shape (out_channels=9,); got bias.shape=(1,)",
        ),
        ({"stride": 0}, ValueError, "stride must be at least 1; got stride=0"),
        ({"dilation": 0}, ValueError, "dilation must be at least 1; got dilation=0"),
        ({"groups": 0}, ValueError, "groups must be at least 1; got groups=0"),
        ({"padding": -1}, ValueError, "padding must be at least 0; got padding=-1"),
        (
            {"dilation": 5},
            ValueError,
            "weight must span at most the padded x; "
            f"{SHAPES}(9, 2, 2, 3), padding=0, dilation=5",
        ),
        (
            {"weight": np.ones((9, 2, 8, 3)), "padding": 1},
            ValueError,
            "weight must span at most the padded x; "
            f"{SHAPES}(9, 2, 8, 3), padding=1, dilation=1",
        ),
    ],
)
def test_it_refuses(convolution, change, error, message):
    given = {"x": X, "weight": W, "bias": np.ones(9), "groups": 3} | change
    x, weight, bias = (given.pop(name) for name in ("x", "weight", "bias"))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        convolution.conv2d(x, weight, bias, **given)


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
            "x must have shape (..., channels, height, width), none of these 0; "
            "got x.shape=(5, 7)",
        ),
        (X, 0, {}, ValueError, "kernel_size must be at least 1; got kernel_size=0"),
        (X, 2, {"stride": 0}, ValueError, "stride must be at least 1; got stride=0"),
        (
            X,
            2,
            {"dilation": 0},
            ValueError,
            "dilation must be at least 1; got dilation=0",
        ),
        (X, 2, {"padding": -1}, ValueError, "padding must be at least 0; got padding=-1"),
        (
            X,
            6,
            {},
            ValueError,
            "kernel_size must span at most the padded x; "
            "got kernel_size=6, x.shape=(6, 5, 7), padding=0, dilation=1",
        ),
        (
            X,
            3,
            {"dilation": 4, "padding": 1},
            ValueError,
            "kernel_size must span at most the padded x; "
            "got kernel_size=3, x.shape=(6, 5, 7), padding=1, dilation=4",
        ),
    ],
)
def test_columns_refuse(convolution, x, kernel_size, options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        convolution.im2col(x, kernel_size, **options)


def test_a_kernel_may_span_all_there_is(convolution):
    assert convolution.im2col(X, 4, padding=1, dilation=2).shape == (96, 3)
    assert convolution.conv2d(X, W, dilation=3, groups=3).shape == (9, 2, 1)
