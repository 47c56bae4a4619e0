import itertools
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlref.cost import conv_transpose_output_size
from dlref.torch import convolution as torch_convolution

IN, OUT, HEIGHT, WIDTH = 6, 5, 7, 11
OPTIONS = [
    {"stride": s, "padding": p, "dilation": d, "output_padding": more}
    for s, p, d in itertools.product((1, 2, 3), (0, 1, 2), (1, 2))
    for more in range(max(s, d))
]


def drawn(rng, groups=1, batch=(2,)):
    """Images, a weight and a bias."""
    x, w = rng.normal(size=(*batch, IN, HEIGHT, WIDTH)), rng.normal(size=(IN, OUT, 2, 3))
    return x, w, rng.normal(size=OUT * groups)


# By hand


def test_each_input_stamps_the_kernel(convolution):
    x, w = np.array([[[1.0, 10.0]]]), np.array([[[[1.0, 2.0, 3.0]]]])
    for stride, want in (
        (1, [1, 12, 23, 30]),
        (2, [1, 2, 13, 20, 30]),
        (4, [1, 2, 3, 0, 10, 20, 30]),
    ):
        y = convolution.conv_transpose2d(x, w, stride=stride)
        assert y.ravel().tolist() == want
    y = convolution.conv_transpose2d(x, w, np.array([100.0]), dilation=2)
    assert y.ravel().tolist() == [101, 110, 102, 120, 103, 130]


def test_padding_is_cut_off_and_output_padding_is_not(convolution):
    x, w = np.ones((1, 4, 4)), np.ones((1, 1, 3, 3))
    options = {"stride": 2, "padding": 1}
    y = convolution.conv_transpose2d(x, w, **options)
    assert y[0, 0].tolist() == [1, 2, 1, 2, 1, 2, 1]
    y = convolution.conv_transpose2d(x, w, **options, output_padding=1)
    assert y[0, 0].tolist() == [1, 2, 1, 2, 1, 2, 1, 1]


@pytest.mark.parametrize(
    ("size", "stride", "pattern"),
    [
        (3, 2, [2, 1]),
        (4, 2, [2, 2]),
        (5, 2, [3, 2]),
        (4, 3, [2, 1, 1]),
        (6, 3, [2, 2, 2]),
    ],
)
def test_a_checkerboard(convolution, size, stride, pattern):
    x, w = np.ones((1, 1, 11)), np.ones((1, 1, 1, size))
    y = convolution.conv_transpose2d(x, w, stride=stride).ravel()
    middle = y[3 * stride : 6 * stride]
    assert middle.tolist() == 3 * pattern


# Oracle


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("groups", [1, 3])
def test_equals_the_library(convolution, rng, options, groups):
    given = drawn(rng, groups)
    for some in given, given[:2]:
        want = F.conv_transpose2d(*map(torch.tensor, some), **options, groups=groups)
        got = convolution.conv_transpose2d(*some, **options, groups=groups)
        np.testing.assert_allclose(got, want, atol=1e-12)


def test_defaults_are_those_of_the_library(convolution, rng):
    x, w, _ = drawn(rng)
    want = F.conv_transpose2d(torch.tensor(x), torch.tensor(w))
    np.testing.assert_allclose(convolution.conv_transpose2d(x, w), want, atol=1e-12)


# Law


@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(5, 7),
)
def test_its_size_is_that_of_the_formula(convolution, k, s, p, d, more, size):
    more = min(more, max(s, d) - 1)
    options = {"stride": s, "padding": p, "dilation": d, "output_padding": more}
    x, w = np.ones((1, size, 11)), np.ones((1, 1, k, 2))
    y = convolution.conv_transpose2d(x, w, **options)
    pairs = (size, k), (11, 2)
    assert [*y.shape[1:]] == [
        conv_transpose_output_size(*pair, **options) for pair in pairs
    ]


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_the_adjoint_of_the_convolution(convolution, rng, stride, padding, dilation):
    """With the same weight: what one calls outputs are the inputs of the other."""
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": 3}
    y, w, _ = drawn(rng)
    back = convolution.conv_transpose2d(y, w, **options)
    x = rng.normal(size=back.shape)
    there = convolution.conv2d(x, w, **options)
    np.testing.assert_allclose((there * y).sum(), (x * back).sum(), rtol=1e-10)


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_zeros_between_then_a_convolution_with_the_flipped_kernel(
    convolution, rng, stride
):
    x, w, _ = drawn(rng)
    w = rng.normal(size=(IN, OUT, 3, 3))
    stuffed = np.zeros((2, IN, stride * (HEIGHT - 1) + 1, stride * (WIDTH - 1) + 1))
    stuffed[..., ::stride, ::stride] = x
    flipped = w[..., ::-1, ::-1].swapaxes(0, 1).copy()
    want = convolution.conv2d(stuffed, flipped, padding=2)
    got = convolution.conv_transpose2d(x, w, stride=stride)
    np.testing.assert_allclose(got, want, atol=1e-12)


def test_it_is_no_inverse(convolution, rng):
    x, w = rng.normal(size=(3, 8, 8)), rng.normal(size=(5, 3, 3, 3))
    back = convolution.conv_transpose2d(convolution.conv2d(x, w), w)
    assert back.shape == x.shape
    assert np.linalg.norm(back - x) > np.linalg.norm(x)


# Edge


@pytest.mark.parametrize("batch", [(), (1,), (2, 3), (0,), (3, 0)])
def test_any_number_of_batch_axes(convolution, rng, batch):
    x, w, b = drawn(rng, 3, batch)
    y = convolution.conv_transpose2d(x, w, b, groups=3)
    assert y.shape == (*batch, 3 * OUT, HEIGHT + 1, WIDTH + 2)
    for i in np.ndindex(batch):
        alone = convolution.conv_transpose2d(x[i], w, b, groups=3)
        np.testing.assert_allclose(y[i], alone, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_stays(convolution, rng, dtype):
    x, w, b = (z.astype(dtype) for z in drawn(rng))
    for some in (x, w), (x, w, b):
        y = convolution.conv_transpose2d(*some, stride=2)
        assert y.dtype == dtype
        wide = [z.astype(float) for z in some]
        want = convolution.conv_transpose2d(*wide, stride=2)
        np.testing.assert_allclose(y, want, rtol=2e-3, atol=1e-2)


def test_sixteen_bits_are_rounded_once(convolution):
    x = np.full((4099, 1, 1), 7, "float16")
    y = convolution.conv_transpose2d(x, np.full((4099, 1, 1, 1), 1, "float16"))
    assert y.item() == np.float16(4099 * 7)


def test_bfloat16():
    x, w = torch.full((3, 5, 5), 1.5).bfloat16(), torch.ones(3, 7, 1, 1).bfloat16()
    y = torch_convolution.conv_transpose2d(x, w)
    assert y.dtype == torch.bfloat16
    assert (y == 4.5).all()


def test_inputs_are_left_alone(lang, rng):
    module, before = lang.module("convolution"), drawn(rng)
    given = [lang.array(z) for z in before]
    if lang.name == "numpy":
        for array in given:
            array.setflags(write=False)
    module.conv_transpose2d(*given, stride=2, padding=1)
    for array, old in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, old)


# Gradient


def test_the_gradient_of_a_convolution(rng):
    w = torch.tensor(rng.normal(size=(OUT, IN, 2, 3)))
    x = torch.tensor(rng.normal(size=(2, IN, 8, 11)), requires_grad=True)
    y = torch_convolution.conv2d(x, w, stride=2, padding=1)
    grad = torch.tensor(rng.normal(size=y.shape))
    (want,) = torch.autograd.grad(y, x, grad)
    # Of 8 rows and 11 columns, no row and one column of zeros are left over.
    back = torch_convolution.conv_transpose2d(grad, w, stride=2, padding=1)
    torch.testing.assert_close(back, want[..., : back.shape[-1]], rtol=1e-10, atol=1e-12)


def test_gradcheck(rng):
    x, w = rng.normal(size=(2, 2, 3)), rng.normal(size=(2, 1, 2, 3))
    given = [torch.tensor(z, requires_grad=True) for z in (x, w, rng.normal(size=2))]
    options = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}

    def conv(*given):
        return torch_convolution.conv_transpose2d(*given, **options)

    assert torch.autograd.gradcheck(conv, given)
    assert torch.autograd.gradgradcheck(conv, given)


# Errors

X, W = np.ones((6, 2, 7)), np.ones((6, 5, 2, 3))
SHAPES = "x.shape=(6, 2, 7), weight.shape="


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
            {"weight": W.astype("float32")},
            TypeError,
            "weight must have the dtype of x, float64; got weight.dtype=float32",
        ),
        (
            {"bias": np.ones(15, int)},
            TypeError,
            "bias must be floating point; got bias.dtype=int64",
        ),
        (
            {"x": X[0]},
            ValueError,
            "x must have shape (..., channels, height, width), none of these 0; "
            "got x.shape=(2, 7)",
        ),
        (
            {"weight": W[0]},
            ValueError,
            "weight must have shape (channels, out_channels / groups, height, width), "
            "none of 0; got weight.shape=(5, 2, 3)",
        ),
        (
            {"weight": W[:3]},
            ValueError,
            f"x must have weight.shape[0] channels; got {SHAPES}(3, 5, 2, 3)",
        ),
        (
            {"groups": 4},
            ValueError,
            "weight.shape[0] must be divisible by groups; "
            "got weight.shape[0]=6, groups=4",
        ),
        (
            {"bias": np.ones(5)},
            ValueError,
            "bias must have shape (out_channels=15,); got bias.shape=(5,)",
        ),
        ({"stride": 0}, ValueError, "stride must be at least 1; got stride=0"),
        ({"dilation": 0}, ValueError, "dilation must be at least 1; got dilation=0"),
        ({"groups": 0}, ValueError, "groups must be at least 1; got groups=0"),
        ({"padding": -1}, ValueError, "padding must be at least 0; got padding=-1"),
        (
            {"output_padding": -1},
            ValueError,
            "output_padding must be at least 0; got output_padding=-1",
        ),
        (
            {"output_padding": 2, "stride": 2},
            ValueError,
            "output_padding must be below stride or dilation; "
            "got output_padding=2, stride=2, dilation=1",
        ),
        (
            {"padding": 2, "dilation": 2, "output_padding": 0},
            ValueError,
            f"padding must leave an output; got padding=2, {SHAPES}(6, 5, 2, 3), "
            "output_padding=0, stride=1, dilation=2",
        ),
    ],
)
def test_it_refuses(convolution, change, error, message):
    given = {"x": X, "weight": W, "bias": np.ones(15), "groups": 3} | change
    x, weight, bias = (given.pop(name) for name in ("x", "weight", "bias"))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        convolution.conv_transpose2d(x, weight, bias, **given)


def test_padding_may_leave_one_row(convolution):
    y = convolution.conv_transpose2d(X, W, padding=1)
    assert y.shape == (5, 1, 7)
    y = convolution.conv_transpose2d(X, W, padding=2, dilation=2, output_padding=1)
    assert y.shape == (5, 1, 8)
